// When S3's lifecycle rules are applied: at every midnight of the lab's clock, and at each one that
// an advance of the clock passes. Log events that have expired are removed at the same times.
#pragma once

#include "emulator/functions/deadlines.hpp"
#include "emulator/pipeline/services.hpp"
#include "emulator/s3/lifecycle_run.hpp"

#include <memory>
#include <optional>

namespace benchtop::pipeline {

// One advance of the clock, as a machine without I/O. It goes from one midnight at which something
// falls due to the next, so that what happens at one (a delete marker, a new storage class) ages by
// the rest of the advance, as it would have on AWS.
class ClockAdvance {
public:
    // `services` outlives the advance.
    ClockAdvance(Services& services, microseconds amount);

    // One transaction's share; call it again, in another transaction, until it gives false.
    bool step(store::WriteTx& tx);

private:
    void advance(store::WriteTx& tx, std::optional<UtcInstant> next_due);

    Services& services_;
    microseconds remaining_;
    UtcInstant last_stamp_{}; // of an advance or a run; they never go back
    std::optional<s3::LifecycleRun> run_;
};

// Thread-safe. Applies the rules in the background while it runs.
class LifecycleClock {
public:
    // Both outlive stop().
    LifecycleClock(Services& services, functions::Deadlines& deadlines);
    ~LifecycleClock();
    LifecycleClock(const LifecycleClock&) = delete;
    LifecycleClock& operator=(const LifecycleClock&) = delete;

    // At once, for what fell due while nothing ran; then at every midnight.
    void start();
    // Begins nothing more.
    void stop();

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

} // namespace benchtop::pipeline
