// Handing a role to a service asks for a permission of its own (IAM User Guide, "Granting a user
// permissions to pass a role to an AWS service"): it is no API call.
#pragma once

#include "emulator/service/context.hpp"

#include <string>
#include <string_view>

namespace benchtop::service {

// `account` owns the role.
inline AccessRequest
pass_role(std::string_view role_arn, std::string_view account, std::string_view to_service) {
    return {
        "iam:PassRole",
        std::string(role_arn),
        std::string(account),
        "",
        {{"iam:PassedToService", std::string(to_service)}}};
}

} // namespace benchtop::service
