#include "emulator/stack/constants.hpp"
#include "harness/check/simulation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace benchtop::harness::check {
namespace {

using Verdict = std::optional<std::string>;

// What the lab's trigger matches: an upload elsewhere, or a folder, is nobody's business.
bool is_to_be_moved(std::string_view key) {
    return key.starts_with(stack::kUploadPrefix) && !key.ends_with('/');
}

std::string processed_key(std::string_view key) {
    key.remove_prefix(stack::kUploadPrefix.size());
    return std::string(stack::kProcessedPrefix) + std::string(key);
}

Verdict settles(const Outcome& outcome) {
    if (outcome.settled) {
        return std::nullopt;
    }
    return "something still goes on after everything should have ended";
}

Verdict moved(const Outcome& outcome) {
    for (const auto& [key, body] : outcome.uploaded) {
        if (!is_to_be_moved(key)) {
            continue;
        }
        const auto found = outcome.objects.find(processed_key(key));
        if (found == outcome.objects.end()) {
            return outcome.objects.contains(key)
                       ? fmt::format("{} was never moved", key)
                       : fmt::format(
                             "{} is lost: it is neither there nor at {}", key, processed_key(key)
                         );
        }
        if (found->second != body) {
            return fmt::format(
                "{} holds \"{}\", but \"{}\" was put last", processed_key(key), found->second, body
            );
        }
        if (outcome.objects.contains(key)) {
            return fmt::format("{} is still there beside {}", key, processed_key(key));
        }
    }
    return std::nullopt;
}

Verdict nowhere_else(const Outcome& outcome) {
    std::set<std::string> expected;
    for (const auto& [key, body] : outcome.uploaded) {
        expected.insert(key); // moved's affair
        if (is_to_be_moved(key)) {
            expected.insert(processed_key(key));
        }
    }
    for (const auto& [key, body] : outcome.objects) {
        if (!expected.contains(key)) {
            return fmt::format("{} was made, and nobody asked for it", key);
        }
    }
    return std::nullopt;
}

// An event that was worked on repeatedly is no failure: a worker that is idempotent succeeds again.
Verdict no_dead_event(const Outcome& outcome) {
    for (const store::Delivery& delivery : outcome.deliveries) {
        if (delivery.state == store::DeliveryState::Dead) {
            return fmt::format(
                "the event of {} failed {} times and was given up: {}",
                delivery.key,
                delivery.attempts,
                delivery.last_result
            );
        }
    }
    return std::nullopt;
}

Verdict no_loop(const Outcome& outcome) {
    for (const store::Delivery& delivery : outcome.deliveries) {
        if (!outcome.uploaded.contains(delivery.key)) {
            return fmt::format(
                "the worker set itself off: it made {}, whose event came back to it", delivery.key
            );
        }
    }
    return std::nullopt;
}

} // namespace

std::vector<Invariant> lab_invariants() {
    return {
        {"no-loop", no_loop},
        {"settles", settles},
        {"moved", moved},
        {"nowhere-else", nowhere_else},
        {"no-dead-event", no_dead_event}};
}

} // namespace benchtop::harness::check
