// The Lanes port: work that goes on beside its caller, such as the MD5 of a large upload beside its
// I/O.
#pragma once

#include <functional>
#include <memory>

namespace benchtop {

// Runs tasks one after the other on another thread. Used by one thread at a time.
class Lane {
public:
    Lane() = default;
    Lane(const Lane&) = delete;
    Lane& operator=(const Lane&) = delete;
    virtual ~Lane() = default; // waits for the tasks given

    // Blocks while the lane is too far behind: back-pressure, and a bound on memory. Tasks throw
    // nothing.
    virtual void run(std::move_only_function<void()> task) = 0;
    // Until every task given is done.
    virtual void wait() = 0;
};

class Lanes {
public:
    virtual ~Lanes() = default;
    // nullptr: none to spare, do the work yourself. Thread-safe.
    virtual std::unique_ptr<Lane> open() = 0;
};

} // namespace benchtop
