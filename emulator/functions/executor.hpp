// Where handlers run. The rules of an invocation are the same everywhere; only the thread differs.
#pragma once

#include "emulator/core/time.hpp"

#include <functional>
#include <memory>

namespace benchtop::functions {

using Task = std::move_only_function<void()>;

// Runs the events of one execution environment, one after the other.
class Worker {
public:
    // Lets a running task end (or leaves it behind, see Executor) and runs nothing more.
    virtual ~Worker() = default;
    // Tasks run in the order given.
    virtual void run(Task task) = 0;
    // The running task overran its deadline and may never end: nobody waits for it any more.
    virtual void abandon() = 0;
};

class Executor {
public:
    virtual ~Executor() = default;
    virtual std::unique_ptr<Worker> make_worker() = 0;
    // Worker::run() returns only after the task: then nothing may wait for a free environment,
    // because the one who would free it is waiting too.
    virtual bool blocks_caller() const = 0;
};

// A thread per environment. An abandoned thread is left to itself; the process never dies of it.
std::unique_ptr<Executor> make_thread_executor();
// The caller's own thread, for the single-threaded lab in memory: a deadline can only be noticed
// when the handler has returned.
std::unique_ptr<Executor> make_inline_executor();

} // namespace benchtop::functions
