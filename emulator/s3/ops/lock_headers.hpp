// The x-amz-object-lock-* headers: of a request that writes an object, and of an answer that shows
// one (Amazon S3 API Reference, "PutObject", "HeadObject"; recorded refusals).
#pragma once

#include "emulator/s3/object_lock.hpp"
#include "emulator/s3/operation.hpp"

#include <optional>
#include <string>

namespace benchtop::s3 {

struct LockHeaders {
    std::string mode; // "" for none
    UtcInstant retain_until{};
    std::string retain_until_text; // as sent
    std::optional<bool> legal_hold;

    bool any() const { return !mode.empty() || legal_hold.has_value(); }
};

// Errors: InvalidArgument for a value that is none, or for one of mode and date without the other.
Result<LockHeaders> decode_lock_headers(const S3Request& request);

// The lock that a new object of the bucket is asked to have. Errors: InvalidRequest for a bucket
// without object lock, InvalidArgument for a date in the past.
Result<store::ObjectLock>
requested_lock(const LockHeaders& headers, const store::Bucket& bucket, UtcInstant now);

// A body that will be locked must come with Content-MD5 or an x-amz-checksum-*. `what`: "Object" or
// "Part". Errors: InvalidRequest.
Result<void>
check_lock_digest(const S3Request& request, const store::ObjectLock& lock, std::string_view what);

// All three at once, for a body that is written by this request: what is asked for, else the
// bucket's default retention, and the digest.
Result<store::ObjectLock> lock_of_new_object(
    const S3Request& request,
    const store::Bucket& bucket,
    const LockHeaders& headers,
    UtcInstant now
);

// Adds to what a write must be allowed: s3:PutObjectRetention and s3:PutObjectLegalHold, and the
// conditions of all.
void add_lock_access(
    const LockHeaders& headers,
    const S3Request& request,
    const store::Bucket& bucket,
    std::vector<service::AccessRequest>& requests
);
// s3:object-lock-mode, -retain-until-date, -remaining-retention-days, -legal-hold.
void add_lock_conditions(
    const LockHeaders& headers, UtcInstant now, service::AccessRequest& access
);

// x-amz-object-lock-*, as far as the caller may know them (s3:GetObjectRetention,
// s3:GetObjectLegalHold).
void add_lock_answer_headers(
    Headers& headers,
    const service::OpContext& context,
    const store::Bucket& bucket,
    const store::Object& object
);

// The request's bucket. Errors: NoSuchBucket, InvalidRequest for a bucket without object lock.
Result<store::Bucket> require_lock_bucket(const store::ReadTx& tx, const S3Request& request);

// x-amz-bypass-governance-retention: true.
bool asks_for_bypass(const S3Request& request);
// The header, even "false", belongs to buckets with object lock (recorded). Errors:
// InvalidArgument.
Result<void> check_bypass_header(const S3Request& request, const store::Bucket& bucket);

} // namespace benchtop::s3
