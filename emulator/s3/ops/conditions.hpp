// Conditional requests: reads (RFC 9110, section 13, as S3 does it), copy sources, and writes
// (S3 User Guide, "Add preconditions to S3 operations with conditional requests").
#pragma once

#include "emulator/s3/operation.hpp"

namespace benchtop::s3 {

// `tags` is "*" or a comma-separated list, quoted or not.
bool matches_etag(std::string_view tags, std::string_view etag);

enum class ReadVerdict { Send, NotModified };

// If-Match, If-Unmodified-Since (412); If-None-Match, If-Modified-Since (304).
Result<ReadVerdict>
check_read_conditions(const S3Request& request, const store::Object& object, UtcInstant now);

// x-amz-copy-source-if-*: every failure is 412.
Result<void>
check_copy_source_conditions(const S3Request& request, const store::Object& source, UtcInstant now);

// If-Match and If-None-Match of a request that would replace an object.
struct WriteConditions {
    std::string if_match; // ETag, or ""
    bool if_absent = false;
};

// NotImplemented for what S3 has not: If-None-Match: "etag", If-Match: *, both.
Result<WriteConditions> decode_write_conditions(const S3Request& request);

Result<void> check_write_conditions(
    const WriteConditions& conditions,
    const std::optional<store::Object>& current,
    std::string_view key
);

// The same for a write of the key that began at `started` and ends now. When the condition holds
// only because of what another request did meanwhile, both were at it at once: 409
// ConditionalRequestConflict. (A deletion leaves a trace in buckets with versions only.)
Result<void> check_write_conditions(
    const store::ReadTx& tx,
    const store::Bucket& bucket,
    const WriteConditions& conditions,
    std::string_view key,
    UtcInstant started
);

} // namespace benchtop::s3
