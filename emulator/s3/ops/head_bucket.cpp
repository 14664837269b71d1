// HeadBucket: does it exist, may the caller list it, and where does it live.
#include "emulator/s3/ops/common.hpp"
#include "emulator/s3/ops/ops.hpp"

namespace benchtop::s3 {
namespace {

Result<std::unique_ptr<Input>> decode(const S3Request&) {
    return std::make_unique<Input>();
}

std::vector<service::AccessRequest>
access_requests(const S3Request&, const Input&, const store::Bucket* bucket) {
    return {bucket_access("s3:ListBucket", *bucket)};
}

Result<Response>
read(const store::ReadTx& tx, const service::OpContext&, const S3Request& request, Input&) {
    const auto bucket = require_bucket(tx, request);
    if (!bucket) {
        return bucket.error();
    }
    Response response;
    response.headers.add("x-amz-bucket-region", bucket->region);
    response.headers.add("x-amz-access-point-alias", "false");
    response.headers.add("x-amz-bucket-arn", bucket_arn(bucket->name));
    response.headers.add("Content-Type", "application/xml");
    response.is_head = true; // and no length is announced
    return response;
}

} // namespace

Operation head_bucket_operation() {
    return {
        .name = "HeadBucket",
        .method = "HEAD",
        .level = Level::Bucket,
        .selector = "",
        .iam_action = "s3:ListBucket",
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
