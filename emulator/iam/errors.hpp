// What IAM answers to a request it refuses. Texts: the fixtures of AWS's answers that
// localstack/localstack recorded and getmoto/moto verified; fixtures/iam/errors.json names the
// source of each.
#pragma once

#include "emulator/core/error.hpp"

#include <string_view>

namespace benchtop::iam {

AwsError validation_error(std::string_view message);
AwsError no_such_entity(std::string_view message);
AwsError already_exists(std::string_view message);
AwsError delete_conflict(std::string_view message);
AwsError limit_exceeded(std::string_view message);
AwsError malformed_policy(std::string_view message);
AwsError invalid_input(std::string_view message);

} // namespace benchtop::iam
