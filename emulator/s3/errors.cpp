#include "emulator/s3/errors.hpp"

#include <string>

namespace benchtop::s3 {
namespace {

std::string number(std::uint64_t value) {
    return std::to_string(value);
}

} // namespace

AwsError s3_error(
    int status, std::string_view code, std::string_view message, boost::source_location where
) {
    AwsError error(status, code, message, where);
    if (status == 400 || status == 411 || status >= 500) {
        return std::move(error).closing();
    }
    return error;
}

AwsError empty_answer(int status) {
    return s3_error(status, "", "");
}

AwsError no_such_bucket(std::string_view bucket) {
    return s3_error(404, "NoSuchBucket", "The specified bucket does not exist")
        .with("BucketName", bucket);
}

AwsError no_such_key(std::string_view key) {
    return s3_error(404, "NoSuchKey", "The specified key does not exist.").with("Key", key);
}

AwsError no_such_version(std::string_view key, std::string_view version_id) {
    return s3_error(404, "NoSuchVersion", "The specified version does not exist.")
        .with("Key", key)
        .with("VersionId", version_id);
}

AwsError invalid_version_id(std::string_view version_id) {
    return invalid_argument("Invalid version id specified", "versionId", version_id);
}

AwsError invalid_bucket_name(std::string_view bucket) {
    return s3_error(400, "InvalidBucketName", "The specified bucket is not valid.")
        .with("BucketName", bucket);
}

AwsError bucket_already_exists(std::string_view bucket) {
    return s3_error(
               409,
               "BucketAlreadyExists",
               "The requested bucket name is not available. The bucket namespace is shared by all "
               "users of the system. Please select a different name and try again."
    )
        .with("BucketName", bucket);
}

AwsError bucket_already_owned_by_you(std::string_view bucket) {
    return s3_error(
               409,
               "BucketAlreadyOwnedByYou",
               "Your previous request to create the named bucket succeeded and you already own it."
    )
        .with("BucketName", bucket);
}

AwsError bucket_not_empty(std::string_view bucket) {
    return s3_error(409, "BucketNotEmpty", "The bucket you tried to delete is not empty")
        .with("BucketName", bucket);
}

AwsError bucket_has_versions(std::string_view bucket) {
    return s3_error(
               409,
               "BucketNotEmpty",
               "The bucket you tried to delete is not empty. You must delete all versions in the "
               "bucket."
    )
        .with("BucketName", bucket);
}

AwsError key_too_long(std::size_t size) {
    return s3_error(400, "KeyTooLongError", "Your key is too long")
        .with("Size", number(size))
        .with("MaxSizeAllowed", "1024");
}

AwsError invalid_uri(std::string_view uri) {
    return s3_error(400, "InvalidURI", "Couldn't parse the specified URI.").with("URI", uri);
}

AwsError permanent_redirect(std::string_view bucket, std::string_view region) {
    return s3_error(
               301,
               "PermanentRedirect",
               "The bucket you are attempting to access must be addressed using the specified "
               "endpoint. Please send all future requests to this endpoint."
    )
        .with("Endpoint", std::string(bucket) + ".s3." + std::string(region) + ".amazonaws.com")
        .with("Bucket", bucket)
        .header("x-amz-bucket-region", region);
}

AwsError invalid_argument(
    std::string_view message, std::string_view argument_name, std::string_view argument_value
) {
    return invalid_argument(message)
        .with("ArgumentName", argument_name)
        .with("ArgumentValue", argument_value);
}

AwsError invalid_argument(std::string_view message) {
    return s3_error(400, "InvalidArgument", message);
}

AwsError invalid_request(std::string_view message) {
    return s3_error(400, "InvalidRequest", message);
}

AwsError missing_required_header(std::string_view name) {
    return invalid_request("Missing required header for this request: " + std::string(name));
}

AwsError malformed_xml() {
    return s3_error(
        400,
        "MalformedXML",
        "The XML you provided was not well-formed or did not validate against our published schema"
    );
}

AwsError missing_request_body() {
    return s3_error(400, "MissingRequestBodyError", "Request Body is empty");
}

AwsError max_message_length_exceeded(std::uint64_t limit) {
    return s3_error(400, "MaxMessageLengthExceeded", "Your request was too big.")
        .with("MaxMessageLengthBytes", number(limit));
}

AwsError invalid_location_constraint(std::string_view constraint) {
    return s3_error(
               400, "InvalidLocationConstraint", "The specified location-constraint is not valid"
    )
        .with("LocationConstraint", constraint);
}

AwsError illegal_location_constraint(std::string_view constraint) {
    return s3_error(
        400,
        "IllegalLocationConstraintException",
        "The " + std::string(constraint) +
            " location constraint is incompatible for the region specific endpoint this request "
            "was sent to."
    );
}

AwsError access_denied() {
    return access_denied("Access Denied");
}

AwsError access_denied(std::string_view message) {
    return s3_error(403, "AccessDenied", message);
}

AwsError access_control_list_not_supported() {
    return s3_error(400, "AccessControlListNotSupported", "The bucket does not allow ACLs");
}

AwsError invalid_bucket_owner_account(std::string_view value) {
    return s3_error(
        400,
        "InvalidBucketOwnerAWSAccountID",
        "The value of the expected bucket owner parameter must be an AWS Account ID... [" +
            std::string(value) + "]"
    );
}

AwsError method_not_allowed(
    std::string_view method, std::string_view resource_type, std::string_view allow
) {
    return s3_error(
               405, "MethodNotAllowed", "The specified method is not allowed against this resource."
    )
        .with("Method", method)
        .with("ResourceType", resource_type)
        .header("Allow", allow);
}

AwsError post_is_not_a_form() {
    return precondition_failed("Bucket POST must be of the enclosure-type multipart/form-data");
}

AwsError conflicting_query_parameters(std::string_view names, std::string_view first) {
    return invalid_argument(
        "Conflicting query string parameters: " + std::string(names), "ResourceType", first
    );
}

AwsError operation_not_implemented(std::string_view operation) {
    return s3_error(
        501, "NotImplemented", std::string(operation) + " is not implemented by Benchtop yet."
    );
}

AwsError header_not_implemented(std::string_view header) {
    return s3_error(
               501,
               "NotImplemented",
               "A header you provided implies functionality that is not implemented"
    )
        .with("Header", header);
}

AwsError header_not_implemented(std::string_view header, std::string_view additional_message) {
    return header_not_implemented(header).with("additionalMessage", additional_message);
}

AwsError precondition_failed(std::string_view condition) {
    return s3_error(
               412,
               "PreconditionFailed",
               "At least one of the pre-conditions you specified did not hold"
    )
        .with("Condition", condition);
}

AwsError invalid_range(std::string_view requested, std::uint64_t object_size) {
    return s3_error(416, "InvalidRange", "The requested range is not satisfiable")
        .with("RangeRequested", requested)
        .with("ActualObjectSize", number(object_size));
}

AwsError invalid_part_number(std::uint64_t requested, std::uint64_t actual_parts) {
    return s3_error(416, "InvalidPartNumber", "The requested partnumber is not satisfiable")
        .with("ActualPartCount", number(actual_parts))
        .with("PartNumberRequested", number(requested));
}

AwsError missing_content_length() {
    return s3_error(
        411, "MissingContentLength", "You must provide the Content-Length HTTP header."
    );
}

AwsError entity_too_large(std::uint64_t proposed, std::uint64_t maximum) {
    return s3_error(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
        .with("ProposedSize", number(proposed))
        .with("MaxSizeAllowed", number(maximum));
}

AwsError incomplete_body() {
    return s3_error(400, "IncompleteBody", "The request body terminated unexpectedly");
}

AwsError incomplete_body(std::uint64_t expected, std::uint64_t provided) {
    return s3_error(
               400,
               "IncompleteBody",
               "You did not provide the number of bytes specified by the Content-Length HTTP header"
    )
        .with("NumberBytesExpected", number(expected))
        .with("NumberBytesProvided", number(provided));
}

AwsError invalid_digest(std::string_view content_md5) {
    return s3_error(400, "InvalidDigest", "The Content-MD5 you specified was invalid.")
        .with("Content-MD5", content_md5);
}

AwsError bad_digest_md5(std::string_view calculated, std::string_view expected) {
    return s3_error(
               400, "BadDigest", "The Content-MD5 you specified did not match what we received."
    )
        .with("CalculatedDigest", calculated)
        .with("ExpectedDigest", expected);
}

AwsError bad_digest_checksum(std::string_view algorithm) {
    return s3_error(
        400,
        "BadDigest",
        "The " + std::string(algorithm) + " you specified did not match the calculated checksum."
    );
}

AwsError content_sha256_mismatch(std::string_view client, std::string_view computed) {
    return s3_error(
               400,
               "XAmzContentSHA256Mismatch",
               "The provided 'x-amz-content-sha256' header does not match what was computed."
    )
        .with("ClientComputedContentSHA256", client)
        .with("S3ComputedContentSHA256", computed);
}

AwsError malformed_trailer() {
    return s3_error(
        400,
        "MalformedTrailerError",
        "The request contained trailing data that was not well-formed or did not conform to our "
        "published schema."
    );
}

AwsError internal_error(std::string_view cause) {
    return s3_error(500, "InternalError", "We encountered an internal error. Please try again.")
        .because(cause);
}

AwsError request_timeout() {
    return s3_error(
        400,
        "RequestTimeout",
        "Your socket connection to the server was not read from or written to within the timeout "
        "period. Idle connections will be closed."
    );
}

AwsError request_header_section_too_large(std::uint64_t limit) {
    return s3_error(
               400,
               "RequestHeaderSectionTooLarge",
               "Your request header section exceeds the maximum allowed size."
    )
        .with("MaxSizeAllowed", number(limit));
}

AwsError body_vanished() {
    return s3_error(500, kBodyVanished, "We encountered an internal error. Please try again.");
}

AwsError metadata_too_large(std::size_t size) {
    return s3_error(
               400,
               "MetadataTooLarge",
               "Your metadata headers exceed the maximum allowed metadata size"
    )
        .with("Size", number(size))
        .with("MaxSizeAllowed", "2048");
}

AwsError invalid_storage_class(std::string_view requested) {
    return s3_error(400, "InvalidStorageClass", "The storage class you specified is not valid")
        .with("StorageClassRequested", requested);
}

AwsError invalid_object_state(std::string_view storage_class) {
    return s3_error(
               403,
               "InvalidObjectState",
               "The operation is not valid for the object's storage class"
    )
        .with("StorageClass", storage_class);
}

AwsError no_such_bucket_policy(std::string_view bucket) {
    return s3_error(404, "NoSuchBucketPolicy", "The bucket policy does not exist")
        .with("BucketName", bucket);
}

AwsError malformed_policy(std::string_view message) {
    return s3_error(400, "MalformedPolicy", message);
}

AwsError no_such_tag_set(std::string_view bucket) {
    return s3_error(404, "NoSuchTagSet", "The TagSet does not exist").with("BucketName", bucket);
}

} // namespace benchtop::s3
