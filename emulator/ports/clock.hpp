// The Clock port. Decisions take `now` as an argument; only drivers and the composition root hold a
// Clock.
#pragma once

#include "emulator/core/time.hpp"

namespace benchtop {

class Clock {
public:
    virtual ~Clock() = default;
    // The real axis (core/time_axis.hpp); virtual in the harness. Thread-safe.
    virtual UtcInstant now() const = 0;
    virtual MonotonicInstant monotonic() const = 0;
};

} // namespace benchtop
