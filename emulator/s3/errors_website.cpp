#include "emulator/s3/errors_website.hpp"

#include <string>

namespace benchtop::s3 {

AwsError no_such_website_configuration(std::string_view bucket) {
    return s3_error(
               404,
               "NoSuchWebsiteConfiguration",
               "The specified bucket does not have a website configuration"
    )
        .with("BucketName", bucket);
}

AwsError incorrect_website_endpoint(std::string_view endpoint) {
    return s3_error(
               400,
               "IncorrectEndpoint",
               "The specified bucket exists in another region. Please direct requests to the "
               "specified endpoint."
    )
        .with("Endpoint", endpoint);
}

AwsError website_protocol_invalid() {
    return invalid_request("Invalid protocol, protocol can be http or https. If not defined the "
                           "protocol will be selected automatically.");
}

AwsError website_replaces_twice() {
    return invalid_request("You can only define ReplaceKeyPrefix or ReplaceKey but not both.");
}

AwsError website_condition_empty() {
    return invalid_request("Condition cannot be empty. To redirect all requests without a "
                           "condition, the condition element shouldn't be present.");
}

AwsError website_redirect_code_invalid(int code) {
    return invalid_request(
        "The provided HTTP redirect code (" + std::to_string(code) +
        ") is not valid. Valid codes are 3XX except 300."
    );
}

AwsError website_error_code_invalid(int code) {
    return invalid_request(
        "The provided HTTP error code (" + std::to_string(code) +
        ") is not valid. Valid codes are 4XX or 5XX."
    );
}

AwsError website_too_many_rules(std::size_t rules) {
    return invalid_request(
        std::to_string(rules) + " routing rules provided, the number of routing rules in a website "
                                "configuration is limited to 50."
    );
}

} // namespace benchtop::s3
