#include "emulator/lambda/errors.hpp"

#include <string>

namespace benchtop::lambda {
namespace {

AwsError user_error(int status, std::string_view code, std::string_view message) {
    return AwsError(status, code, message).with("Type", "User");
}

} // namespace

AwsError invalid_parameter(std::string_view message) {
    return user_error(400, "InvalidParameterValueException", message);
}

AwsError validation_failed(std::string_view message) {
    return AwsError(400, "ValidationException", message);
}

AwsError conflict(std::string_view message) {
    return user_error(409, "ResourceConflictException", message);
}

AwsError not_found(std::string_view message) {
    return user_error(404, "ResourceNotFoundException", message).with("Message", message);
}

AwsError alias_not_found(std::string_view arn) {
    return not_found("Cannot find alias arn: " + std::string(arn));
}

AwsError other_account() {
    return AwsError(403, "AccessDeniedException", "").with("Message", "");
}

AwsError function_not_found(std::string_view arn) {
    return not_found("Function not found: " + std::string(arn));
}

AwsError stale_revision(std::string_view get_call) {
    return user_error(
        412,
        "PreconditionFailedException",
        "The Revision Id provided does not match the latest Revision Id. Call the " +
            std::string(get_call) + " API to retrieve the latest Revision Id"
    );
}

AwsError zipped_too_large() {
    return AwsError(
        413, "RequestEntityTooLargeException", "Zipped size must be smaller than 52428800 bytes"
    );
}

AwsError create_request_too_large() {
    return AwsError(
        413,
        "RequestEntityTooLargeException",
        "Request must be smaller than 70167211 bytes for the CreateFunction operation"
    );
}

AwsError update_request_too_large() {
    return AwsError(
        413,
        "RequestEntityTooLargeException",
        "Request must be smaller than 70167211 bytes for the UpdateFunctionCode operation"
    );
}

AwsError payload_too_large() {
    return AwsError(
        413,
        "RequestEntityTooLargeException",
        "Request must be smaller than 6291456 bytes for the InvokeFunction operation"
    );
}

AwsError recursive_invocation() {
    return user_error(
        400,
        "RecursiveInvocationException",
        "Lambda has detected your function being invoked in a recursive loop with other Amazon Web "
        "Services resources and stopped your function's invocation."
    );
}

AwsError payload_not_json() {
    return user_error(
        400,
        "InvalidRequestContentException",
        "Could not parse request body into json: Could not parse payload into json: Unexpected "
        "character: expected a valid value (JSON String, Number, Array, Object or token 'null', "
        "'true' or 'false')\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` "
        "disabled); line: 1, column: 1]"
    );
}

AwsError throttled(std::string_view reason) {
    return AwsError(429, "TooManyRequestsException", "Rate Exceeded.")
        .with("Reason", reason)
        .with("Type", "User");
}

} // namespace benchtop::lambda
