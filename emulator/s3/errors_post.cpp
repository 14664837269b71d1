#include "emulator/s3/errors_post.hpp"

#include "emulator/core/encoding.hpp"

#include <string>

namespace benchtop::s3 {
namespace {

AwsError not_according_to_policy(std::string_view what) {
    return access_denied("Invalid according to Policy: " + std::string(what));
}

} // namespace

AwsError malformed_post_request() {
    return s3_error(
        400,
        "MalformedPOSTRequest",
        "The body of your POST request is not well-formed multipart/form-data."
    );
}

AwsError post_fields_too_large(std::uint64_t limit) {
    // "preceeding" is AWS's spelling.
    return s3_error(
               400,
               "MaxPostPreDataLengthExceeded",
               "Your POST request fields preceeding the upload file was too large."
    )
        .with("MaxPostPreDataLengthBytes", std::to_string(limit));
}

AwsError post_needs_one_file(int files) {
    return invalid_argument(
        "POST requires exactly one file upload per request.", "file", std::to_string(files)
    );
}

AwsError post_entity_too_small(std::uint64_t proposed, std::uint64_t minimum) {
    return s3_error(
               400,
               "EntityTooSmall",
               "Your proposed upload is smaller than the minimum allowed size"
    )
        .with("ProposedSize", std::to_string(proposed))
        .with("MinSizeAllowed", std::to_string(minimum));
}

AwsError invalid_policy_document(std::string_view flaw) {
    return s3_error(400, "InvalidPolicyDocument", "Invalid Policy: " + std::string(flaw));
}

AwsError post_policy_expired() {
    return not_according_to_policy("Policy expired.");
}

AwsError post_condition_failed(std::string_view condition) {
    return not_according_to_policy("Policy Condition failed: " + std::string(condition));
}

AwsError post_extra_field(std::string_view name) {
    return not_according_to_policy("Extra input fields: " + to_lower(name));
}

} // namespace benchtop::s3
