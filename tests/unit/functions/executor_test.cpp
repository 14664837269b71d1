// Threads of environments end in every order of letting go.
#include "emulator/functions/executor.hpp"
#include "tests/catch.hpp"

#include <future>
#include <memory>

using namespace benchtop;

namespace {

// Tells when it is destroyed.
struct Witness {
    explicit Witness(std::promise<void>& gone)
        : gone_(gone) {}

    ~Witness() { gone_.set_value(); }

    Witness(const Witness&) = delete;
    Witness& operator=(const Witness&) = delete;

    std::promise<void>& gone_;
};

} // namespace

// What a process that is stopped in the middle of an event may do; it ended in std::terminate.
TEST_CASE("A task may be the last to hold its worker after the executor has gone", "[functions]") {
    std::promise<void> started;
    std::promise<void> go;
    std::promise<void> gone;
    auto executor = functions::make_thread_executor();
    std::shared_ptr<functions::Worker> worker = executor->make_worker();
    functions::Worker& there = *worker;
    auto witness = std::make_unique<Witness>(gone);
    there.run([witness = std::move(witness),
               held = std::move(worker),
               &started,
               waits = go.get_future().share()] {
        started.set_value();
        waits.wait();
    });
    started.get_future().wait();
    executor.reset();
    go.set_value();
    gone.get_future().wait(); // the closure is destroyed after the worker in it
    SUCCEED();
}

TEST_CASE("A task may be the last to hold its worker before the executor goes", "[functions]") {
    std::promise<void> done;
    auto executor = functions::make_thread_executor();
    std::shared_ptr<functions::Worker> worker = executor->make_worker();
    functions::Worker& there = *worker;
    there.run([held = std::move(worker), &done] { done.set_value(); });
    done.get_future().wait();
    executor.reset(); // joins the thread, which ended its own worker
    SUCCEED();
}
