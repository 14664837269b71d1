// Where a function's code can be fetched: GetFunction's Code.Location, a URL of AWS's own look
// presigned for ten minutes, and what a request with such a URL asks for.
//
// The bucket (awslambda-REGION-tasks) is Lambda's, not the lab's: nobody lists it, and only these
// URLs open it. They are signed with a secret of the function (details.hpp), which never leaves the
// store.
#pragma once

#include "emulator/auth/keys.hpp"
#include "emulator/lambda/details.hpp"
#include "emulator/service/operation.hpp"
#include "emulator/store/tx.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace benchtop::lambda {

// "" when the function has no secret yet: code kept by an earlier version.
std::string code_location(const service::Call& call, const store::Function& function);

// What a URL names.
struct CodeAddress {
    std::string region;
    std::string account;
    std::string function;
    std::string snapshot; // which code of the function, a uuid
};

// By host (awslambda-REGION-tasks.s3.REGION.amazonaws.com) or by the first part of the path;
// nullopt: the request means something else.
std::optional<CodeAddress> code_address(const RequestHead& head);

struct FoundCode {
    store::Function function;
    auth::KeyRecord key;
    std::string version_id;
};

// The version of the function that has this code; nullopt: none has it any more.
std::optional<FoundCode> find_code(const store::ReadTx& tx, const CodeAddress& address);

} // namespace benchtop::lambda
