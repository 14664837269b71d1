// PutObjectLockConfiguration: object lock for a bucket with versioning, and its default retention.
#include "emulator/core/encoding.hpp"
#include "emulator/protocol/xml_reader.hpp"
#include "emulator/s3/document_integrity.hpp"
#include "emulator/s3/errors.hpp"
#include "emulator/s3/errors_lock.hpp"
#include "emulator/s3/object_lock.hpp"
#include "emulator/s3/ops/common.hpp"
#include "emulator/s3/ops/ops.hpp"
#include "emulator/s3/versions.hpp"

namespace benchtop::s3 {
namespace {

constexpr std::size_t kDocumentMax = 64 * 1024;
constexpr std::int64_t kDaysMax = 36'500;
constexpr std::int64_t kYearsMax = 100;

struct PutObjectLockConfigurationInput final : Input {
    LockConfiguration configuration;
};

Result<std::unique_ptr<Input>> decode(const S3Request& request) {
    if (auto digests = plan_document_integrity(request, ChecksumRule::Required); !digests) {
        return digests.error();
    }
    return std::unique_ptr<Input>(std::make_unique<PutObjectLockConfigurationInput>());
}

std::vector<service::AccessRequest>
access_requests(const S3Request&, const Input&, const store::Bucket* bucket) {
    return {bucket_access("s3:PutBucketObjectLockConfiguration", *bucket)};
}

Result<int> parse_period(std::string_view name, const std::string& text, std::int64_t maximum) {
    const auto number = parse_i64(text);
    if (!number) {
        return malformed_xml();
    }
    if (*number <= 0) {
        return invalid_argument(
            "Default retention period must be a positive integer value.", name, text
        );
    }
    if (*number > maximum) {
        return invalid_argument("Default retention period too large.", name, text);
    }
    return static_cast<int>(*number);
}

Result<DefaultRetention> parse_retention(pugi::xml_node element) {
    DefaultRetention rule;
    for (const pugi::xml_node child : protocol::children(element)) {
        const std::string_view name = protocol::local_name(child);
        std::string text = protocol::text_of(child);
        if (name == "Mode" && rule.mode.empty() && is_retention_mode(text)) {
            rule.mode = std::move(text);
            continue;
        }
        if ((name != "Days" && name != "Years") || rule.days > 0 || rule.years > 0) {
            return malformed_xml();
        }
        const auto period = parse_period(name, text, name == "Days" ? kDaysMax : kYearsMax);
        if (!period) {
            return period.error();
        }
        (name == "Days" ? rule.days : rule.years) = *period;
    }
    if (rule.mode.empty() || (rule.days == 0 && rule.years == 0)) {
        return malformed_xml();
    }
    return rule;
}

Result<DefaultRetention> parse_rule(pugi::xml_node element) {
    const auto children = protocol::children(element);
    if (children.size() != 1 || protocol::local_name(children.front()) != "DefaultRetention") {
        return malformed_xml();
    }
    return parse_retention(children.front());
}

Result<void> decode_document(Input& base, std::string_view document) {
    const auto parsed = protocol::parse_xml(document);
    if (!parsed || protocol::local_name(parsed->root()) != "ObjectLockConfiguration") {
        return malformed_xml();
    }
    auto& input = static_cast<PutObjectLockConfigurationInput&>(base);
    bool enabled = false;
    for (const pugi::xml_node child : protocol::children(parsed->root())) {
        const std::string_view name = protocol::local_name(child);
        if (name == "ObjectLockEnabled" && protocol::text_of(child) == "Enabled") {
            enabled = true;
        } else if (name == "Rule" && !input.configuration.rule) {
            auto rule = parse_rule(child);
            if (!rule) {
                return rule.error();
            }
            input.configuration.rule = *std::move(rule);
        } else {
            return malformed_xml();
        }
    }
    if (!enabled) {
        return malformed_xml();
    }
    return {};
}

Result<Response>
write(store::WriteTx& tx, const service::OpContext&, const S3Request& request, Input& base, StagedObject*) {
    const auto& input = static_cast<const PutObjectLockConfigurationInput&>(base);
    const auto bucket = require_bucket(tx, request);
    if (!bucket) {
        return bucket.error();
    }
    if (versioning_of(*bucket) != Versioning::Enabled) {
        return lock_needs_versioning();
    }
    tx.set_bucket_setting(bucket->id, kObjectLockSetting, to_setting(input.configuration));
    return empty_response(200);
}

} // namespace

Operation put_object_lock_configuration_operation() {
    return {
        .name = "PutObjectLockConfiguration",
        .method = "PUT",
        .level = Level::Bucket,
        .selector = "object-lock",
        .iam_action = "s3:PutBucketObjectLockConfiguration",
        .access = Access::Write,
        .body = BodyKind::Document,
        .document_max = kDocumentMax,
        .decode = decode,
        .access_requests = access_requests,
        .decode_document = decode_document,
        .read = nullptr,
        .write = write,
    };
}

} // namespace benchtop::s3
