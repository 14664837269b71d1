// The Invoker between the delivery of events and functions, with faults: events come late, twice,
// not at all this time, or the answer is lost and the event comes again.
#pragma once

#include "emulator/faults/faults.hpp"
#include "emulator/functions/deadlines.hpp"
#include "emulator/ports/invoker.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace benchtop::faults {

// Stands behind the dispatcher only: a client's own Invoke is not an event. Thread-safe. Everything
// referred to outlives it and the calls it has begun.
class FaultyInvoker final : public Invoker {
public:
    FaultyInvoker(Invoker& next, FaultSource& source, functions::Deadlines& deadlines);
    ~FaultyInvoker() override;
    FaultyInvoker(const FaultyInvoker&) = delete;
    FaultyInvoker& operator=(const FaultyInvoker&) = delete;

    void invoke(InvokeRequest request, Completion done) override;
    // Events that are still to come late or twice, and second ones under way.
    std::size_t waiting() const;
    // What is still to come late or twice does not come: the process is dying.
    void stop();

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

} // namespace benchtop::faults
