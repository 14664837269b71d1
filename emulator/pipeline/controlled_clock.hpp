// The running emulator's clock, which can be held.
//
// While it is frozen now() is one moment: every stamp is the same, no retry, no expiry and no
// midnight comes nearer, and an advance still ages what exists (the lab's time goes on by it). Who
// has a clock of its own goes on: a client that signs more than 15 minutes after the freeze is
// refused with RequestTimeTooSkewed, as on AWS, and a URL presigned with a client's clock after the
// freeze counts from that later moment. resume() jumps to the real time: what passed meanwhile
// passes at once. monotonic() is never held: deadlines of functions and sockets measure real
// durations.
#pragma once

#include "emulator/ports/clock.hpp"

#include <mutex>
#include <optional>

namespace benchtop::pipeline {

// Thread-safe.
class ControlledClock final : public Clock {
public:
    // `real` outlives it.
    explicit ControlledClock(const Clock& real)
        : real_(real) {}

    UtcInstant now() const override;

    MonotonicInstant monotonic() const override { return real_.monotonic(); }

    // Frozen already: nothing happens.
    void freeze();
    void resume();
    bool is_frozen() const;
    // For a recorded session: unless it is frozen, now() is that moment until the next one.
    void pin(UtcInstant at);
    UtcInstant pin_to_now();
    void unpin();
    // After an advance: a pinned clock is later than it by the least there is.
    void leave_advance_behind();
    // The part of an advance that passes on a held clock itself: a second, or `most` when that is
    // less, so that stamps made from here on, which have whole seconds, are later than the advance.
    // Nothing when the clock is not held.
    void step(microseconds most);

    static constexpr seconds kStep{1};

private:
    const Clock& real_;
    mutable std::mutex mutex_;
    std::optional<UtcInstant> held_;
    std::optional<UtcInstant> pinned_;
};

} // namespace benchtop::pipeline
