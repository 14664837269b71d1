#include "emulator/s3/errors_cors.hpp"

#include <string>

namespace benchtop::s3 {
namespace {

AwsError access_forbidden(
    std::string_view message, std::string_view method, std::string_view resource_type
) {
    return s3_error(403, "AccessForbidden", "CORSResponse: " + std::string(message))
        .with("Method", method)
        .with("ResourceType", resource_type);
}

std::string quoted_value(std::string_view element, std::string_view value) {
    return std::string(element) + " \"" + std::string(value) + "\" ";
}

} // namespace

AwsError no_such_cors_configuration(std::string_view bucket) {
    return s3_error(404, "NoSuchCORSConfiguration", "The CORS configuration does not exist")
        .with("BucketName", bucket);
}

AwsError cors_origin_missing() {
    return s3_error(400, "BadRequest", "Insufficient information. Origin request header needed.");
}

AwsError cors_method_invalid(std::optional<std::string_view> method) {
    return s3_error(
        400,
        "BadRequest",
        "Invalid Access-Control-Request-Method: " + std::string(method.value_or("null"))
    );
}

AwsError cors_header_invalid(std::string_view name) {
    return s3_error(
        400,
        "BadRequest",
        quoted_value("Access-Control-Request-Headers", name) + "contains invalid character."
    );
}

AwsError cors_not_enabled(std::optional<std::string_view> requested_method) {
    return access_forbidden(
        "CORS is not enabled for this bucket.", requested_method.value_or("OPTIONS"), "BUCKET"
    );
}

AwsError cors_bucket_not_found() {
    return access_forbidden("Bucket not found", "OPTIONS", "BUCKET");
}

AwsError cors_not_allowed(std::string_view requested_method, std::string_view resource_type) {
    return access_forbidden(
        "This CORS request is not allowed. This is usually because the evalution of Origin, "
        "request method / Access-Control-Request-Method or Access-Control-Request-Headers are not "
        "whitelisted by the resource's CORS spec.",
        requested_method,
        resource_type
    );
}

AwsError cors_method_unsupported(std::string_view method) {
    return invalid_request(
        "Found unsupported HTTP method in CORS config. Unsupported method is " + std::string(method)
    );
}

AwsError cors_many_wildcards(std::string_view element, std::string_view value) {
    return invalid_request(quoted_value(element, value) + "can not have more than one wildcard.");
}

AwsError cors_invalid_character(std::string_view element, std::string_view value) {
    return invalid_request(quoted_value(element, value) + "contains invalid character.");
}

AwsError cors_expose_wildcard(std::string_view value) {
    return invalid_request(
        quoted_value("ExposeHeader", value) +
        "contains wildcard. We currently do not support wildcard for ExposeHeader."
    );
}

} // namespace benchtop::s3
