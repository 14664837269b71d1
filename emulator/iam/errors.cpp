#include "emulator/iam/errors.hpp"

namespace benchtop::iam {

AwsError validation_error(std::string_view message) {
    return AwsError(400, "ValidationError", message);
}

AwsError no_such_entity(std::string_view message) {
    return AwsError(404, "NoSuchEntity", message);
}

AwsError already_exists(std::string_view message) {
    return AwsError(409, "EntityAlreadyExists", message);
}

AwsError delete_conflict(std::string_view message) {
    return AwsError(409, "DeleteConflict", message);
}

AwsError limit_exceeded(std::string_view message) {
    return AwsError(409, "LimitExceeded", message);
}

AwsError malformed_policy(std::string_view message) {
    return AwsError(400, "MalformedPolicyDocument", message);
}

AwsError invalid_input(std::string_view message) {
    return AwsError(400, "InvalidInput", message);
}

} // namespace benchtop::iam
