// GetBucketPolicy: the JSON text, byte for byte as it was put.
#include "emulator/s3/errors.hpp"
#include "emulator/s3/ops/common.hpp"
#include "emulator/s3/ops/ops.hpp"

namespace benchtop::s3 {
namespace {

Result<std::unique_ptr<Input>> decode(const S3Request&) {
    return std::make_unique<Input>();
}

std::vector<service::AccessRequest>
access_requests(const S3Request&, const Input&, const store::Bucket* bucket) {
    return {bucket_access("s3:GetBucketPolicy", *bucket)};
}

Result<Response>
read(const store::ReadTx& tx, const service::OpContext&, const S3Request& request, Input&) {
    const auto bucket = require_bucket(tx, request);
    if (!bucket) {
        return bucket.error();
    }
    if (bucket->policy.empty()) {
        return no_such_bucket_policy(bucket->name);
    }
    Response response;
    response.headers.add("Content-Type", "application/json");
    response.body = bucket->policy;
    return response;
}

} // namespace

Operation get_bucket_policy_operation() {
    return {
        .name = "GetBucketPolicy",
        .method = "GET",
        .level = Level::Bucket,
        .selector = "policy",
        .iam_action = "s3:GetBucketPolicy",
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
