// GetBucketNotificationConfiguration: an empty document when there is none, never an error.
#include "emulator/s3/notification_config.hpp"
#include "emulator/s3/ops/common.hpp"
#include "emulator/s3/ops/ops.hpp"

namespace benchtop::s3 {
namespace {

Result<std::unique_ptr<Input>> decode(const S3Request&) {
    return std::make_unique<Input>();
}

std::vector<service::AccessRequest>
access_requests(const S3Request&, const Input&, const store::Bucket* bucket) {
    return {bucket_access("s3:GetBucketNotification", *bucket)};
}

Result<Response>
read(const store::ReadTx& tx, const service::OpContext&, const S3Request& request, Input&) {
    const auto bucket = require_bucket(tx, request);
    if (!bucket) {
        return bucket.error();
    }
    return xml_response(
        bucket->notification.empty() ? to_xml(NotificationConfig{}) : bucket->notification
    );
}

} // namespace

Operation get_bucket_notification_configuration_operation() {
    return {
        .name = "GetBucketNotificationConfiguration",
        .method = "GET",
        .level = Level::Bucket,
        .selector = "notification",
        .iam_action = "s3:GetBucketNotification",
        .access = Access::Read,
        .body = BodyKind::Ignored,
        .decode = decode,
        .access_requests = access_requests,
        .decode_document = nullptr,
        .read = read,
        .write = nullptr,
    };
}

} // namespace benchtop::s3
