// Delivery: the outbox's other half. For each pending row, an object event or an asynchronous
// Invoke: invoke the function, record the result; on failure retry about one and about two minutes
// later (AWS Lambda: asynchronous invocation), then dead. What the function's event-invoke-config
// says counts, and a result goes to the destination it names, as a delivery of its own, in the
// transaction that records it.
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

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace benchtop::delivery {

// Wakes the dispatcher later; the edge implements it with a timer, the harness with its virtual
// clock.
class WakeUp {
public:
    virtual ~WakeUp() = default;
    // Call Dispatcher::run_due() after about `delay` (replaces an earlier request). Thread-safe.
    virtual void after(microseconds delay) = 0;
};

// Where new deliveries are started.
enum class Start {
    AtOnce,   // on the store's writer, right after the commit: invoke() returns quickly
    ByWakeUp, // by WakeUp::after(0): invoke() runs the handler itself (single-threaded lab)
};

// Thread-safe. Subscribes to the store's deliveries on construction. Everything referred to
// outlives stop().
class Dispatcher {
public:
    static constexpr std::size_t kInFlightMax = 64;

    Dispatcher(
        store::Store& store,
        Invoker& invoker,
        Clock& clock,
        Random& random,
        Log& log,
        WakeUp& wake_up,
        Start start = Start::AtOnce
    );
    ~Dispatcher();
    Dispatcher(const Dispatcher&) = delete;
    Dispatcher& operator=(const Dispatcher&) = delete;

    // Told of every attempt that ended: the delivery as it will be recorded. Set before the first
    // delivery; called on whatever thread the attempt ended on.
    using Observer = std::function<void(const store::Delivery&, InvokeStatus)>;
    void observe(Observer observer);

    // May the function's role hand a result to `destination`? nullopt, or why not, in a sentence.
    // Called inside the transaction that records the result. Until it is set nothing is handed on.
    using MaySend = std::function<std::optional<std::string>(
        const store::ReadTx&, std::string_view function_arn, std::string_view destination
    )>;
    void permit_destinations(MaySend may_send);

    // Loads what an earlier run left pending and starts it: at-least-once over restarts.
    void recover();
    // Starts every delivery that is due (at most kInFlightMax at a time; the rest follow by
    // themselves). Called by the WakeUp, and after every advance of the clock.
    void run_due();
    // No pending delivery and none under way: a test's "settled".
    bool idle() const;

    struct Backlog {
        std::size_t due = 0;              // or under way
        std::size_t waiting = 0;          // for the moment of their retry
        std::optional<microseconds> next; // until the first of these, were there no further advance
    };

    Backlog backlog() const;

    enum class Quiet {
        NothingDue,     // nothing due or under way; retries may wait for their moment
        NothingPending, // idle()
    };
    using Ticket = std::uint64_t; // never 0
    // Calls `reached` once: before it returns when it is so already, else on the thread that made
    // it so. Must be quick.
    Ticket when(Quiet quiet, std::move_only_function<void()> reached);
    // Never waits for a call that has begun; an unknown ticket is ignored.
    void forget(Ticket ticket);

    // For a store whose contents are exchanged (reset, restore): inside that transaction. Forgets
    // every delivery; outcomes of those under way are dropped. recover() begins anew.
    void forget_all();
    // Starts nothing more; outcomes that come later are not recorded, so those events are delivered
    // again by the next run. Waits for calls of its own that are under way.
    void stop();

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

} // namespace benchtop::delivery
