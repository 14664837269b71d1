#include "emulator/s3/errors_access.hpp"

#include "emulator/s3/errors.hpp"

#include <string>

namespace benchtop::s3 {

AwsError malformed_acl() {
    return s3_error(
        400,
        "MalformedACLError",
        "The XML you provided was not well-formed or did not validate against our published schema"
    );
}

AwsError canned_acl_and_grants() {
    return invalid_request("Specifying both Canned ACLs and Header Grants is not allowed");
}

AwsError argument_format_not_recognized(std::string_view header, std::string_view value) {
    return invalid_argument("Argument format not recognized", header, value);
}

AwsError invalid_grantee_id(std::string_view argument_name, std::string_view id) {
    return invalid_argument("Invalid id", argument_name, id);
}

AwsError invalid_group_uri(std::string_view argument_name, std::string_view uri) {
    return invalid_argument("Invalid group uri", argument_name, uri);
}

// Since October 1, 2025: 405 Method Not Allowed (end of support notice in "PutObjectAcl", Amazon S3
// API Reference, which gives the status only).
AwsError email_grantee_refused() {
    return s3_error(
        405, "MethodNotAllowed", "The specified method is not allowed against this resource."
    );
}

AwsError bucket_acl_with_enforced_ownership() {
    return s3_error(
        400,
        "InvalidBucketAclWithObjectOwnership",
        "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting"
    );
}

AwsError missing_acl_header() {
    return s3_error(400, "MissingSecurityHeader", "Your request was missing a required header")
        .with("MissingHeaderName", "x-amz-acl");
}

AwsError unexpected_content() {
    return s3_error(400, "UnexpectedContent", "This request does not support content");
}

AwsError prevented_by_public_access_block(
    const service::OpContext& context,
    const store::Bucket& bucket,
    std::string_view action,
    std::string_view resource,
    std::string_view what,
    std::string_view setting
) {
    if (context.caller.account != bucket.account) {
        return access_denied();
    }
    // "Troubleshoot access denied (403 Forbidden) errors", Amazon S3 User Guide.
    std::string text = "User: " + context.caller.arn + " is not authorized to perform: ";
    text.append(action).append(" on resource: \"").append(resource).append("\" because ");
    text.append(what).append(" are prevented by the ").append(setting);
    text.append(" setting in S3 Block Public Access.");
    return access_denied(text);
}

} // namespace benchtop::s3
