// Lambda's words for broken constraints, and the patterns it shares among operations.
#pragma once

#include "emulator/core/result.hpp"
#include "emulator/protocol/constraints.hpp"

#include <string_view>

namespace benchtop::lambda {

class Constraints : public protocol::Constraints {
public:
    // The ValidationException when anything is broken.
    Result<void> check() const;
};

// [a-zA-Z0-9-_]+
bool is_identifier(std::string_view text);
// arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+
bool is_role_arn(std::string_view text);

inline constexpr std::string_view kRolePattern =
    R"(arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+)";

} // namespace benchtop::lambda
