// A moment on the monotonic clock after which a network operation gives up.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

namespace handlers::hosts {

class Deadline {
public:
    static Deadline never() { return Deadline(std::nullopt); }

    static Deadline after_ms(std::int64_t milliseconds) {
        return Deadline(std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds));
    }

    // For poll(): -1 without a deadline, 0 when it has passed.
    int poll_timeout_ms() const {
        if (!at_) {
            return -1;
        }
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(*at_ - std::chrono::steady_clock::now());
        return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 3'600'000));
    }

    bool passed() const { return at_ && std::chrono::steady_clock::now() >= *at_; }

private:
    explicit Deadline(std::optional<std::chrono::steady_clock::time_point> at)
        : at_(at) {}

    std::optional<std::chrono::steady_clock::time_point> at_;
};

} // namespace handlers::hosts
