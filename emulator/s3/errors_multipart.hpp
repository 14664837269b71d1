// S3's errors of multipart uploads (see errors.hpp). Texts and elements as recorded: localstack,
// test_s3.snapshot.json, TestS3 and TestS3MultipartUploadChecksum.
#pragma once

#include "emulator/core/result.hpp"

#include <cstdint>
#include <string_view>

namespace benchtop::s3 {

AwsError no_such_upload(std::string_view upload_id);
// `etag` as the client gave it, without quotes.
AwsError invalid_part(std::string_view upload_id, std::uint64_t number, std::string_view etag);
AwsError invalid_part_order(std::string_view upload_id);
AwsError invalid_part_argument(std::string_view value); // InvalidArgument for partNumber
AwsError entity_too_small(std::uint64_t size, std::uint64_t number, std::string_view etag);
// `condition`: "If-Match" or "If-None-Match".
AwsError conditional_request_conflict(std::string_view condition, std::string_view key);
// BadDigest; `algorithm` in lower case.
AwsError bad_digest_of_upload(std::string_view algorithm);
AwsError bad_digest_of_part(std::string_view algorithm, std::uint64_t number);

} // namespace benchtop::s3
