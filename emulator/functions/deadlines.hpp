// The Deadlines port: "call me later". Real time needs a timer thread
// (platform/deadline_thread.hpp), the harness its virtual clock; so nothing here waits on a
// condition variable for a time.
#pragma once

#include "emulator/core/time.hpp"

#include <cstdint>
#include <functional>

namespace benchtop::functions {

class Deadlines {
public:
    using Ticket = std::uint64_t; // never 0

    virtual ~Deadlines() = default;
    // Calls `callback` once, when `delay` has passed on the monotonic clock, on any thread but
    // never from inside after(). Thread-safe. Callbacks must be quick.
    virtual Ticket after(microseconds delay, std::move_only_function<void()> callback) = 0;
    // Forgets it, if its callback has not begun; never waits for one that has. Unknown tickets and
    // 0 are ignored. Thread-safe.
    virtual void cancel(Ticket ticket) = 0;
};

} // namespace benchtop::functions
