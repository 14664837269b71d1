// Puts a stack into the store, in one transaction: whole or not at all.
//
// How: everything goes through the operations of S3, IAM, Lambda and API Gateway (calls.hpp), as
// the administrator's requests would, so that each rule is written once and holds here too. What no
// operation can say (a C++ plugin behind a function, an API's id) is set in the row afterwards.
#pragma once

#include "emulator/core/result.hpp"
#include "emulator/ports/random.hpp"
#include "emulator/service/operation.hpp"
#include "emulator/stack/stack.hpp"
#include "emulator/store/tx.hpp"

#include <span>
#include <string>
#include <vector>

namespace benchtop::stack {

struct DeployReport {
    std::vector<std::string> created; // logical ids
    std::vector<std::string> kept;
};

// Creates what is missing and leaves alone what exists, so that a restart neither duplicates
// anything nor undoes what a student changed: a permission, a route or a trigger counts as a part
// of its function, API or bucket, and is left alone with it. Folders appear without events: on AWS
// they were created before the trigger. `tables` are the control planes'.
//
// Errors: AWS's own, with line and resource before the message; the transaction must then be
// dropped.
Result<DeployReport> deploy(
    store::WriteTx& tx,
    const Stack& stack,
    UtcInstant now,
    Random& random,
    std::span<const service::ServiceTable> tables
);

// Only the IAM user whose keys `benchtop env` prints; deploy() does this too.
void deploy_administrator(
    store::WriteTx& tx, std::string_view account, UtcInstant now, Random& random
);

} // namespace benchtop::stack
