// PutBucketNotificationConfiguration: replaces the whole configuration, after all of it is found
// valid.
#include "emulator/core/encoding.hpp"
#include "emulator/s3/document_integrity.hpp"
#include "emulator/s3/errors.hpp"
#include "emulator/s3/notification_config.hpp"
#include "emulator/s3/ops/common.hpp"
#include "emulator/s3/ops/ops.hpp"

namespace benchtop::s3 {
namespace {

constexpr std::size_t kDocumentMax = 1024 * 1024;

struct PutNotificationInput final : Input {
    NotificationConfig config;
    bool skip_destination_validation = false;
};

Result<std::unique_ptr<Input>> decode(const S3Request& request) {
    if (auto digests = plan_document_integrity(request, ChecksumRule::Optional); !digests) {
        return digests.error();
    }
    auto input = std::make_unique<PutNotificationInput>();
    const auto skip = request.header("x-amz-skip-destination-validation");
    input->skip_destination_validation = skip && iequals(*skip, "true");
    return std::unique_ptr<Input>(std::move(input));
}

std::vector<service::AccessRequest>
access_requests(const S3Request&, const Input&, const store::Bucket* bucket) {
    return {bucket_access("s3:PutBucketNotification", *bucket)};
}

Result<void> decode_document(Input& base, std::string_view document) {
    if (document.empty()) {
        return missing_request_body();
    }
    auto config = parse_notification_config(document);
    if (!config) {
        return config.error();
    }
    static_cast<PutNotificationInput&>(base).config = *std::move(config);
    return {};
}

Result<Response>
write(store::WriteTx& tx, const service::OpContext& context, const S3Request& request, Input& base, StagedObject*) {
    auto& input = static_cast<PutNotificationInput&>(base);
    const auto bucket = require_bucket(tx, request);
    if (!bucket) {
        return bucket.error();
    }
    if (auto valid = validate_notification_config(input.config, bucket->region); !valid) {
        return valid.error();
    }
    if (!input.skip_destination_validation) {
        if (auto valid = validate_destinations(tx, *bucket, input.config); !valid) {
            return valid.error();
        }
    }
    assign_missing_ids(input.config, context.random);
    const bool nothing = input.config.rules.empty() && !input.config.event_bridge;
    tx.set_bucket_notification(bucket->id, nothing ? std::string() : to_xml(input.config));
    return empty_response(200);
}

} // namespace

Operation put_bucket_notification_configuration_operation() {
    return {
        .name = "PutBucketNotificationConfiguration",
        .method = "PUT",
        .level = Level::Bucket,
        .selector = "notification",
        .iam_action = "s3:PutBucketNotification",
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
