// Reserved concurrency in front of an Invoker: of a function that has some, no more invocations run
// at a time than it says; 0 turns the function off. Those beyond are throttled, as Lambda answers
// 429 with the reason ReservedFunctionConcurrentInvocationLimitExceeded (the outcome's payload).
//
// Lambda Developer Guide, "Configuring reserved concurrency": it counts for all versions together.
#pragma once

#include "emulator/ports/invoker.hpp"
#include "emulator/store/store.hpp"

#include <memory>

namespace benchtop::functions {

// Thread-safe.
class ConcurrencyLimit final : public Invoker {
public:
    // Both outlive every completion.
    ConcurrencyLimit(store::Store& store, Invoker& next);
    ~ConcurrencyLimit() override;
    ConcurrencyLimit(const ConcurrencyLimit&) = delete;
    ConcurrencyLimit& operator=(const ConcurrencyLimit&) = delete;

    void invoke(InvokeRequest request, Completion done) override;

private:
    struct Running;

    store::Store& store_;
    Invoker& next_;
    std::shared_ptr<Running> running_;
};

} // namespace benchtop::functions
