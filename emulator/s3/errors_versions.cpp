#include "emulator/s3/errors_versions.hpp"

#include "emulator/s3/errors.hpp"
#include "emulator/s3/versions.hpp"

namespace benchtop::s3 {

AwsError no_such_key_but_marker(const store::Object& marker) {
    return no_such_key(marker.key)
        .header("x-amz-delete-marker", "true")
        .header("x-amz-version-id", shown_version_id(marker));
}

AwsError method_not_allowed_on_marker(std::string_view method, const store::Object& marker) {
    return method_not_allowed(method, "DeleteMarker", "DELETE")
        .header("x-amz-delete-marker", "true")
        .header("x-amz-version-id", shown_version_id(marker))
        .header("Last-Modified", to_http_date(marker.last_modified));
}

AwsError illegal_versioning_configuration() {
    return s3_error(
        400, "IllegalVersioningConfigurationException", "The Versioning element must be specified"
    );
}

AwsError mfa_required() {
    return access_denied("Mfa Authentication must be used for this request");
}

AwsError versioning_is_locked() {
    return s3_error(
        409,
        "InvalidBucketState",
        "An Object Lock configuration is present on this bucket, so the versioning state cannot be "
        "changed."
    );
}

} // namespace benchtop::s3
