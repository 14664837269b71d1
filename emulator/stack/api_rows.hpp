// HTTP APIs of a stack, part by part, as rows of apigateway's model. What the model has no place
// for is refused.
#pragma once

#include "emulator/core/result.hpp"
#include "emulator/stack/stack.hpp"
#include "emulator/store/tx.hpp"

#include <map>
#include <set>
#include <string>

namespace benchtop::stack {

class ApiRows {
public:
    // Both outlive this.
    ApiRows(store::WriteTx& tx, const Stack& stack, UtcInstant now)
        : tx_(tx)
        , stack_(stack)
        , now_(now) {}

    // false: the API was there before this deployment, and is left alone.
    Result<bool> make(const ApiPartSpec& spec);

private:
    Result<bool> make_api(const ApiPartSpec& spec);

    store::WriteTx& tx_;
    const Stack& stack_;
    UtcInstant now_;
    std::set<std::string, std::less<>> kept_;        // API ids
    std::map<std::string, std::string> deployments_; // API/deployment id -> the model's text then
};

} // namespace benchtop::stack
