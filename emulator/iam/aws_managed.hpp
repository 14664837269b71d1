// AWS's own managed policies that labs reach for, as AWS publishes them (AWS Managed Policy
// Reference Guide). Read-only; every account has them.
#pragma once

#include "emulator/iam/model.hpp"

namespace benchtop::iam {

std::optional<ManagedPolicy> find_aws_managed(std::string_view arn);
std::vector<ManagedPolicy> list_aws_managed();

} // namespace benchtop::iam
