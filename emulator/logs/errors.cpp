#include "emulator/logs/errors.hpp"

namespace benchtop::logs {
namespace {

AwsError not_found(std::string_view message) {
    return AwsError(400, "ResourceNotFoundException", message);
}

AwsError exists(std::string_view message) {
    return AwsError(400, "ResourceAlreadyExistsException", message);
}

} // namespace

AwsError no_such_group() {
    return not_found("The specified log group does not exist.");
}

AwsError no_such_stream() {
    return not_found("The specified log stream does not exist.");
}

// Of the tagging operations that take an ARN; wording from memory.
AwsError no_such_resource() {
    return not_found("The specified resource does not exist.");
}

AwsError group_exists() {
    return exists("The specified log group already exists");
}

AwsError stream_exists() {
    return exists("The specified log stream already exists");
}

AwsError invalid_parameter(std::string_view message) {
    return AwsError(400, "InvalidParameterException", message);
}

AwsError invalid_token() {
    return invalid_parameter("The specified nextToken is invalid.");
}

AwsError name_and_identifier() {
    return AwsError(
        400,
        "ValidationException",
        "LogGroup name and LogGroup ARN are mutually exclusive parameters."
    );
}

// Wording inferred from its sibling above.
AwsError name_or_identifier_missing() {
    return AwsError(
        400, "ValidationException", "Either LogGroup name or LogGroup ARN must be provided."
    );
}

AwsError too_many_tags() {
    return AwsError(
        400, "TooManyTagsException", "The number of tags exceeds the maximum of 50 tags."
    );
}

} // namespace benchtop::logs
