// Legal hold of a version: ON, OFF, or never set. A lock without retention keeps in `set_at` that a
// hold was switched off; one with retention does not.
#pragma once

#include "emulator/store/rows.hpp"

#include <optional>
#include <string_view>

namespace benchtop::s3 {

// "ON" or "OFF".
inline std::optional<bool> parse_legal_hold(std::string_view text) {
    if (text != "ON" && text != "OFF") {
        return std::nullopt;
    }
    return text == "ON";
}

// nullopt: never set.
inline std::optional<bool> legal_hold_of(const store::ObjectLock& lock) {
    if (lock.legal_hold) {
        return true;
    }
    const bool was_on = lock.mode.empty() && lock.set_at != UtcInstant{};
    return was_on ? std::optional(false) : std::nullopt;
}

inline void set_legal_hold(store::ObjectLock& lock, bool on, UtcInstant now) {
    lock.legal_hold = on;
    if (lock.mode.empty()) {
        lock.set_at = now;
    }
}

} // namespace benchtop::s3
