// What Lambda does in the name of a function's role without a request of anybody's: writing its log
// and handing results to destinations. The role's policies decide, each time anew.
#pragma once

#include "emulator/pipeline/caches.hpp"
#include "emulator/store/tx.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace benchtop::pipeline {

// A session of the function's role, as Lambda makes it. nullptr: the role is not there.
std::shared_ptr<const Identity>
function_identity(const store::ReadTx& tx, const store::Function& function);

// nullopt: allowed; otherwise AWS's sentence. `resource_policy` "" when the resource has none.
std::optional<std::string> why_not_allowed(
    const Identity& identity,
    std::string_view action,
    std::string_view resource,
    std::string_view resource_policy,
    UtcInstant now
);

// Dispatcher::MaySend.
std::optional<std::string> why_not_sent(
    const store::ReadTx& tx,
    std::string_view function_arn,
    std::string_view destination,
    UtcInstant now
);

} // namespace benchtop::pipeline
