// What an invocation runs, read from committed state: the function, who may call it, and whether
// its role can be assumed.
#pragma once

#include "emulator/core/time_axis.hpp"
#include "emulator/ports/invoker.hpp"
#include "emulator/store/tx.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace benchtop::functions {

struct FunctionArn {
    std::string account;
    std::string region;
    std::string name;
    std::string qualifier; // version or alias; "" when the ARN has none
};

// With or without a qualifier.
std::optional<FunctionArn> parse_function_arn(std::string_view arn);

struct RoleName {
    std::string account;
    std::string name; // without path
};

std::optional<RoleName> parse_role_arn(std::string_view arn);

struct InvocationTarget {
    store::Function function;
    std::string invoked_arn; // with the qualifier the caller gave
    RoleName role;
    TimeAxis axis;
};

struct Refusal {
    InvokeStatus status;
    std::string reason;
};

// The resource policy is asked only for a caller that is a service; a signed Invoke was authorized
// with its signer's policies before it came here.
// `qualifier` "" stands for the ARN's own.
std::variant<InvocationTarget, Refusal> find_target(
    const store::ReadTx& tx,
    std::string_view function_arn,
    std::string_view qualifier,
    const InvokeCaller& caller
);

// Whether the resource policy `document` lets `caller` invoke `function_arn`.
bool service_may_invoke(
    std::string_view document,
    std::string_view function_arn,
    std::string_view function_account,
    const InvokeCaller& caller
);

} // namespace benchtop::functions
