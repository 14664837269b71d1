// HTTP APIs of a stack, part by part, through API Gateway's operations. Each part gets the id the
// stack decided instead of the one that was drawn, so that a restart and an export find it again.
#pragma once

#include "emulator/core/result.hpp"
#include "emulator/stack/calls.hpp"
#include "emulator/stack/stack.hpp"
#include "emulator/store/tx.hpp"

#include <set>
#include <string>

namespace benchtop::stack {

class ApiCalls {
public:
    // Both outlive this.
    ApiCalls(store::WriteTx& tx, Calls& calls)
        : tx_(tx)
        , calls_(calls) {}

    // false: the API was there before this deployment, and is left alone.
    Result<bool> make(const ApiPartSpec& spec);

private:
    store::WriteTx& tx_;
    Calls& calls_;
    std::set<std::string, std::less<>> kept_; // API ids
};

} // namespace benchtop::stack
