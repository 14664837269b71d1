// DeleteBucketLifecycle: 204 whether or not there was a configuration.
#include "emulator/s3/lifecycle.hpp"
#include "emulator/s3/ops/common.hpp"
#include "emulator/s3/ops/ops.hpp"

namespace benchtop::s3 {
namespace {

Result<std::unique_ptr<Input>> decode(const S3Request&) {
    return std::make_unique<Input>();
}

std::vector<service::AccessRequest>
access_requests(const S3Request&, const Input&, const store::Bucket* bucket) {
    return {bucket_access("s3:PutLifecycleConfiguration", *bucket)};
}

Result<Response>
write(store::WriteTx& tx, const service::OpContext&, const S3Request& request, Input&, StagedObject*) {
    const auto bucket = require_bucket(tx, request);
    if (!bucket) {
        return bucket.error();
    }
    if (bucket->setting(kLifecycleSetting)) {
        tx.set_bucket_setting(bucket->id, kLifecycleSetting, std::nullopt);
    }
    return empty_response(204);
}

} // namespace

Operation delete_bucket_lifecycle_operation() {
    return {
        .name = "DeleteBucketLifecycle",
        .method = "DELETE",
        .level = Level::Bucket,
        .selector = "lifecycle",
        .iam_action = "s3:PutLifecycleConfiguration",
        .access = Access::Write,
        .body = BodyKind::Ignored,
        .success_status = 204,
        .decode = decode,
        .access_requests = access_requests,
        .decode_document = nullptr,
        .read = nullptr,
        .write = write,
    };
}

} // namespace benchtop::s3
