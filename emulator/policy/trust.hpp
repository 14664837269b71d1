// Whether a role's trust policy lets an AWS service assume it (IAM User Guide, "Creating a role to
// delegate permissions to an AWS service").
#pragma once

#include <string_view>

namespace benchtop::policy {

// `service`: "lambda.amazonaws.com". A damaged document lets nobody in.
bool service_may_assume(
    std::string_view trust_policy,
    std::string_view role_arn,
    std::string_view role_account,
    std::string_view service
);

} // namespace benchtop::policy
