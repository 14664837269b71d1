// GetBucketCors.
#include "emulator/s3/cors.hpp"
#include "emulator/s3/errors_cors.hpp"
#include "emulator/s3/ops/common.hpp"
#include "emulator/s3/ops/ops.hpp"

namespace benchtop::s3 {
namespace {

Result<std::unique_ptr<Input>> decode(const S3Request&) {
    return std::make_unique<Input>();
}

std::vector<service::AccessRequest>
access_requests(const S3Request&, const Input&, const store::Bucket* bucket) {
    return {bucket_access("s3:GetBucketCORS", *bucket)};
}

Result<Response>
read(const store::ReadTx& tx, const service::OpContext&, const S3Request& request, Input&) {
    const auto bucket = require_bucket(tx, request);
    if (!bucket) {
        return bucket.error();
    }
    const auto stored = bucket->setting(kCorsSetting);
    if (!stored) {
        return no_such_cors_configuration(bucket->name);
    }
    return xml_response(std::string(*stored));
}

} // namespace

Operation get_bucket_cors_operation() {
    return {
        .name = "GetBucketCors",
        .method = "GET",
        .level = Level::Bucket,
        .selector = "cors",
        .iam_action = "s3:GetBucketCORS",
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
