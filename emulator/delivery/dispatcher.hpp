// Delivery: the outbox's other half. For each pending row: invoke the function, record the result;
// on failure retry about one and about two minutes later (AWS Lambda: asynchronous invocation),
// then dead.
//
// DeliveryMachine decides and does no I/O; Dispatcher obeys it with a store, an Invoker and a timer
// it is given.
#pragma once

#include "emulator/core/time_axis.hpp"
#include "emulator/ports/clock.hpp"
#include "emulator/ports/invoker.hpp"
#include "emulator/ports/log.hpp"
#include "emulator/ports/random.hpp"
#include "emulator/store/store.hpp"

#include <memory>
#include <optional>

namespace benchtop::delivery {

// Wakes the dispatcher later; the edge implements it with a timer, the harness with its virtual
// clock.
class WakeUp {
public:
    virtual ~WakeUp() = default;
    // Call Dispatcher::run_due() after about `delay` (replaces an earlier request). Thread-safe.
    virtual void after(microseconds delay) = 0;
};

// Thread-safe. Subscribes to the store's deliveries on construction.
class Dispatcher {
public:
    Dispatcher(
        store::Store& store,
        Invoker& invoker,
        Clock& clock,
        Random& random,
        Log& log,
        WakeUp& wake_up
    );
    ~Dispatcher();
    Dispatcher(const Dispatcher&) = delete;
    Dispatcher& operator=(const Dispatcher&) = delete;

    // Loads what an earlier run left pending and starts it: at-least-once over restarts.
    void recover();
    // Starts every delivery that is due. Called by the WakeUp, and after an advance of the clock.
    void run_due();
    // No pending delivery and none under way: a test's "settled".
    bool idle() const;
    // Starts nothing more.
    void stop();

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

} // namespace benchtop::delivery
