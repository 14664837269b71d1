#include "emulator/s3/ops/lock_headers.hpp"

#include "emulator/core/encoding.hpp"
#include "emulator/s3/errors.hpp"
#include "emulator/s3/errors_lock.hpp"
#include "emulator/s3/ops/common.hpp"
#include "emulator/s3/ops/legal_hold.hpp"

#include <algorithm>

namespace benchtop::s3 {
namespace {

constexpr std::string_view kMode = "x-amz-object-lock-mode";
constexpr std::string_view kRetainUntil = "x-amz-object-lock-retain-until-date";
constexpr std::string_view kLegalHold = "x-amz-object-lock-legal-hold";
constexpr std::string_view kBypass = "x-amz-bypass-governance-retention";

AwsError both_needed(std::string_view missing) {
    return invalid_argument("x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must "
                            "both be supplied")
        .with("ArgumentName", missing);
}

Result<void> decode_retention(const S3Request& request, LockHeaders& headers) {
    const auto mode = request.header(kMode);
    const auto until = request.header(kRetainUntil);
    if (mode && !is_retention_mode(*mode)) {
        return invalid_argument("Unknown wormMode directive.", kMode, *mode);
    }
    if (!mode && !until) {
        return {};
    }
    if (!mode || !until) {
        return both_needed(mode ? kRetainUntil : kMode);
    }
    const auto date = parse_iso8601(*until);
    if (!date) {
        return invalid_argument(
            "The retain until date must be provided in ISO 8601 format", kRetainUntil, *until
        );
    }
    headers.mode = *mode;
    headers.retain_until = *date;
    headers.retain_until_text = *until;
    return {};
}

bool has_digest(const Headers& headers) {
    constexpr std::string_view kChecksum = "x-amz-checksum-";
    return std::ranges::any_of(headers.entries(), [&](const auto& header) {
        const std::string name = to_lower(header.first);
        return name == "content-md5" || name == "x-amz-trailer" ||
               (name.starts_with(kChecksum) &&
                parse_checksum_name(std::string_view(name).substr(kChecksum.size())));
    });
}

bool may(
    const service::OpContext& context,
    std::string_view action,
    const store::Bucket& bucket,
    const store::Object& object
) {
    return context.authorizer.check(object_access(action, bucket, object.key)).has_value();
}

} // namespace

Result<LockHeaders> decode_lock_headers(const S3Request& request) {
    LockHeaders headers;
    if (auto ok = decode_retention(request, headers); !ok) {
        return ok.error();
    }
    if (const auto hold = request.header(kLegalHold)) {
        headers.legal_hold = parse_legal_hold(*hold);
        if (!headers.legal_hold) {
            return invalid_argument(
                "Legal Hold must be either of 'ON' or 'OFF'", kLegalHold, *hold
            );
        }
    }
    return headers;
}

Result<store::ObjectLock>
requested_lock(const LockHeaders& headers, const store::Bucket& bucket, UtcInstant now) {
    store::ObjectLock lock;
    if (!headers.any()) {
        return lock;
    }
    if (!lock_configuration_of(bucket)) {
        return write_without_object_lock();
    }
    if (!headers.mode.empty()) {
        if (headers.retain_until <= now) {
            return retain_until_in_the_past(kRetainUntil, headers.retain_until_text);
        }
        lock.mode = headers.mode;
        lock.retain_until = headers.retain_until;
        lock.set_at = now;
    }
    if (headers.legal_hold) {
        set_legal_hold(lock, *headers.legal_hold, now);
    }
    return lock;
}

Result<void>
check_lock_digest(const S3Request& request, const store::ObjectLock& lock, std::string_view what) {
    if ((lock.legal_hold || !lock.mode.empty()) && !has_digest(request.head.headers)) {
        return lock_needs_digest(what);
    }
    return {};
}

Result<store::ObjectLock> lock_of_new_object(
    const S3Request& request,
    const store::Bucket& bucket,
    const LockHeaders& headers,
    UtcInstant now
) {
    auto lock = requested_lock(headers, bucket, now);
    if (!lock) {
        return lock.error();
    }
    apply_default_retention(bucket, now, *lock);
    if (auto ok = check_lock_digest(request, *lock, "Object"); !ok) {
        return ok.error();
    }
    return lock;
}

void add_lock_conditions(
    const LockHeaders& headers, UtcInstant now, service::AccessRequest& access
) {
    if (!headers.mode.empty()) {
        const auto remaining =
            std::chrono::floor<std::chrono::days>(headers.retain_until - now).count();
        access.conditions.emplace_back("s3:object-lock-mode", headers.mode);
        access.conditions.emplace_back(
            "s3:object-lock-retain-until-date", headers.retain_until_text
        );
        access.conditions.emplace_back(
            "s3:object-lock-remaining-retention-days", std::to_string(remaining)
        );
    }
    if (headers.legal_hold) {
        access.conditions.emplace_back(
            "s3:object-lock-legal-hold", *headers.legal_hold ? "ON" : "OFF"
        );
    }
}

void add_lock_access(
    const LockHeaders& headers,
    const S3Request& request,
    const store::Bucket& bucket,
    std::vector<service::AccessRequest>& requests
) {
    if (!headers.mode.empty()) {
        requests.push_back(object_access("s3:PutObjectRetention", bucket, request.target.key));
    }
    if (headers.legal_hold) {
        requests.push_back(object_access("s3:PutObjectLegalHold", bucket, request.target.key));
    }
    for (service::AccessRequest& access : requests) {
        add_lock_conditions(headers, request.head.received_at, access);
    }
}

void add_lock_answer_headers(
    Headers& headers,
    const service::OpContext& context,
    const store::Bucket& bucket,
    const store::Object& object
) {
    const store::ObjectLock& lock = object.lock;
    if (!lock.mode.empty() && may(context, "s3:GetObjectRetention", bucket, object)) {
        headers.add(kMode, lock.mode);
        headers.add(kRetainUntil, to_iso8601_ms(lock.retain_until));
    }
    if (const auto hold = legal_hold_of(lock);
        hold && may(context, "s3:GetObjectLegalHold", bucket, object)) {
        headers.add(kLegalHold, *hold ? "ON" : "OFF");
    }
}

Result<store::Bucket> require_lock_bucket(const store::ReadTx& tx, const S3Request& request) {
    auto bucket = require_bucket(tx, request);
    if (bucket && !lock_configuration_of(*bucket)) {
        return bucket_without_object_lock();
    }
    return bucket;
}

bool asks_for_bypass(const S3Request& request) {
    return iequals(request.header(kBypass).value_or(""), "true");
}

Result<void> check_bypass_header(const S3Request& request, const store::Bucket& bucket) {
    if (request.header(kBypass) && !lock_configuration_of(bucket)) {
        return bypass_without_object_lock();
    }
    return {};
}

} // namespace benchtop::s3
