// DeleteBucketWebsite: 204 whether or not there was one (recorded).
#include "emulator/s3/ops/common.hpp"
#include "emulator/s3/ops/ops.hpp"
#include "emulator/s3/website_config.hpp"

namespace benchtop::s3 {
namespace {

Result<std::unique_ptr<Input>> decode(const S3Request&) {
    return std::make_unique<Input>();
}

std::vector<service::AccessRequest>
access_requests(const S3Request&, const Input&, const store::Bucket* bucket) {
    return {bucket_access("s3:DeleteBucketWebsite", *bucket)};
}

Result<Response>
write(store::WriteTx& tx, const service::OpContext&, const S3Request& request, Input&, StagedObject*) {
    const auto bucket = require_bucket(tx, request);
    if (!bucket) {
        return bucket.error();
    }
    tx.set_bucket_setting(bucket->id, kWebsiteSetting, std::nullopt);
    return empty_response(204);
}

} // namespace

Operation delete_bucket_website_operation() {
    return {
        .name = "DeleteBucketWebsite",
        .method = "DELETE",
        .level = Level::Bucket,
        .selector = "website",
        .iam_action = "s3:DeleteBucketWebsite",
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
