// The line a policy lacks, ready to be pasted, and the command that adds it. Pure.
#pragma once

#include "emulator/policy/evaluate.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace benchtop::tutor {

struct MissingPermission {
    std::string statement; // JSON; "" when a statement is too much, not too little
    std::string add_to;    // "an inline policy of the role web (it has: AllowPut)"
    std::string command;   // "" when no single command does it
};

struct DeniedQuestion {
    const policy::Principal& principal;
    std::string_view action;
    std::string_view resource;
    policy::Decision::Source source = policy::Decision::Source::None;
    bool explicit_deny = false;
    const std::vector<std::string>& policies; // of the caller, by their names
};

MissingPermission missing_permission(const DeniedQuestion& denied);

// For a service that may not invoke a function: the statement of its resource policy.
MissingPermission missing_invoke_permission(
    std::string_view function_arn,
    std::string_view service,
    std::string_view source_arn,
    std::string_view source_account
);

// A right on one object is granted for its first "folder": ".../uploads/*".
std::string grantable_resource(std::string_view resource);

// 'text' for a POSIX shell.
std::string shell_quoted(std::string_view text);

} // namespace benchtop::tutor
