// The decisions of delivery, without I/O: when an event is due, and what an attempt's outcome makes
// of it.
//
// Lambda Developer Guide, "How Lambda handles errors and retries with asynchronous invocation": a
// function error is retried twice, about one and about two minutes later; throttling and errors of
// the service are retried with a back-off of 1 s to 5 min for up to 6 hours and cost no retry.
#pragma once

#include "emulator/core/time_axis.hpp"
#include "emulator/ports/invoker.hpp"
#include "emulator/ports/random.hpp"
#include "emulator/store/rows.hpp"

#include <optional>
#include <string_view>

namespace benchtop::delivery {

inline constexpr int kAttemptsMax = 3;
inline constexpr seconds kFirstRetry{60};
inline constexpr seconds kSecondRetry{120};
inline constexpr seconds kBackOffMin{1};
inline constexpr seconds kBackOffMax{300};
inline constexpr std::chrono::hours kEventAgeMax{6};

// What a function's event-invoke-config may lower.
struct Limits {
    int attempts_max = kAttemptsMax;
    microseconds age_max = kEventAgeMax;
};

// Why an event is over, in the words of a destination's record.
enum class Condition { Success, RetriesExhausted, EventAgeExceeded, ZeroReservedConcurrency };

std::string_view to_text(Condition condition);

// Real time until the next attempt is due, were there no further advance of the clock; <= 0: due.
microseconds until_due(const store::Delivery& delivery, const TimeAxis& axis, UtcInstant now);

// A retry that comes too late to be made. A first attempt is always made: an event is never lost.
bool is_expired(
    const store::Delivery& delivery, const Limits& limits, const TimeAxis& axis, UtcInstant now
);

struct Verdict {
    store::Delivery delivery; // with its new state, stamps and result
    // Attempts in a row that were throttled or met an error of the service.
    int back_offs = 0;
    // Once it is over; nullopt too when the event never reached the function (it is not there, or
    // does not let S3 in): then there is nobody whose destinations would hear of it.
    std::optional<Condition> condition{};
};

// What the attempt that ended at `now` with `outcome` makes of `delivery`.
Verdict after_attempt(
    store::Delivery delivery,
    int back_offs,
    const InvokeOutcome& outcome,
    const Limits& limits,
    const TimeAxis& axis,
    UtcInstant now,
    Random& random
);

// 1 s, 2 s, 4 s... for the n-th back-off in a row, from 1.
microseconds back_off_delay(int n);

} // namespace benchtop::delivery
