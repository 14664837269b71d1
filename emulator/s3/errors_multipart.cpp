#include "emulator/s3/errors_multipart.hpp"

#include "emulator/s3/errors.hpp"

#include <string>

namespace benchtop::s3 {
namespace {

constexpr std::string_view kPartBytesMin = "5242880";

} // namespace

AwsError no_such_upload(std::string_view upload_id) {
    return s3_error(
               404,
               "NoSuchUpload",
               "The specified upload does not exist. The upload ID may be invalid, or the upload "
               "may have been aborted or completed."
    )
        .with("UploadId", upload_id);
}

AwsError invalid_part(std::string_view upload_id, std::uint64_t number, std::string_view etag) {
    return s3_error(
               400,
               "InvalidPart",
               "One or more of the specified parts could not be found.  The part may not have been "
               "uploaded, or the specified entity tag may not match the part's entity tag."
    )
        .with("UploadId", upload_id)
        .with("PartNumber", std::to_string(number))
        .with("ETag", etag);
}

AwsError invalid_part_order(std::string_view upload_id) {
    return s3_error(
               400,
               "InvalidPartOrder",
               "The list of parts was not in ascending order. Parts must be ordered by part number."
    )
        .with("UploadId", upload_id);
}

AwsError invalid_part_argument(std::string_view value) {
    return invalid_argument(
        "Part number must be an integer between 1 and 10000, inclusive", "partNumber", value
    );
}

AwsError entity_too_small(std::uint64_t size, std::uint64_t number, std::string_view etag) {
    return s3_error(
               400,
               "EntityTooSmall",
               "Your proposed upload is smaller than the minimum allowed size"
    )
        .with("ProposedSize", std::to_string(size))
        .with("MinSizeAllowed", kPartBytesMin)
        .with("PartNumber", std::to_string(number))
        .with("ETag", etag);
}

AwsError conditional_request_conflict(std::string_view condition, std::string_view key) {
    return s3_error(
               409,
               "ConditionalRequestConflict",
               "The conditional request cannot succeed due to a conflicting operation against this "
               "resource."
    )
        .with("Condition", condition)
        .with("Key", key);
}

AwsError bad_digest_of_upload(std::string_view algorithm) {
    return s3_error(
        400,
        "BadDigest",
        "The " + std::string(algorithm) + " you specified did not match the calculated checksum."
    );
}

AwsError bad_digest_of_part(std::string_view algorithm, std::uint64_t number) {
    return s3_error(
        400,
        "BadDigest",
        "The " + std::string(algorithm) + " you specified for part " + std::to_string(number) +
            " did not match what we received."
    );
}

} // namespace benchtop::s3
