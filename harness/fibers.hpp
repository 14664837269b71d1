// Activities that take turns on one thread: handlers that wait for an answer while clients and
// other handlers go on, in virtual time. One runs until it waits; whose turn is next is decided by
// the deadlines alone, so a run repeats.
#pragma once

#include "emulator/functions/executor.hpp"
#include "harness/virtual_ports.hpp"

#include <functional>
#include <list>
#include <memory>

namespace benchtop::harness {

class Fibers {
public:
    explicit Fibers(VirtualDeadlines& deadlines);
    // Every fiber has ended: see finish().
    ~Fibers();
    Fibers(const Fibers&) = delete;
    Fibers& operator=(const Fibers&) = delete;

    class Fiber;
    using Handle = std::shared_ptr<Fiber>;

    // `body` begins when what is due now has its turn; it throws nothing.
    Handle start(std::move_only_function<void()> body);
    // Nobody waits for it any more: its pauses end at once, and abandoned() tells it.
    void abandon(const Handle& fiber);

    // Whether a fiber is running, as opposed to the thread that drives them.
    bool inside() const { return running_ != nullptr; }

    bool none() const { return alive_.empty(); }

    // Of the fiber that runs: it was abandoned.
    bool abandoned() const;
    // Lets `amount` of virtual time pass for the fiber that runs.
    void pause(microseconds amount);
    // The fiber that runs waits until `ready`, which is asked again at every turn.
    void wait_until(const std::function<bool()>& ready);
    // Gives those whose `ready` has come their turn; true when one had it. Outside only.
    bool run_ready();
    // Abandons all fibers and runs them to their ends; those stay that wait for what does not come.
    // Outside only.
    void finish();

private:
    void resume(const Handle& fiber);
    void yield();

    VirtualDeadlines& deadlines_;
    std::list<Handle> alive_;
    Fiber* running_ = nullptr;
};

// Execution environments as fibers.
std::unique_ptr<functions::Executor> make_fiber_executor(Fibers& fibers);

} // namespace benchtop::harness
