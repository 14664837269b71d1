// GetBucketLifecycleConfiguration.
#include "emulator/s3/errors.hpp"
#include "emulator/s3/lifecycle.hpp"
#include "emulator/s3/ops/common.hpp"
#include "emulator/s3/ops/lifecycle_common.hpp"
#include "emulator/s3/ops/ops.hpp"

namespace benchtop::s3 {
namespace {

Result<std::unique_ptr<Input>> decode(const S3Request&) {
    return std::make_unique<Input>();
}

std::vector<service::AccessRequest>
access_requests(const S3Request&, const Input&, const store::Bucket* bucket) {
    return {bucket_access("s3:GetLifecycleConfiguration", *bucket)};
}

Result<Response>
read(const store::ReadTx& tx, const service::OpContext&, const S3Request& request, Input&) {
    const auto bucket = require_bucket(tx, request);
    if (!bucket) {
        return bucket.error();
    }
    const auto config = lifecycle_of(*bucket);
    if (!config) {
        return s3_error(
                   404, "NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist"
        )
            .with("BucketName", bucket->name);
    }
    Response response = xml_response(to_xml(config->rules));
    response.headers.add(kMinimumSizeHeader, to_text(config->minimum_size));
    return response;
}

} // namespace

Operation get_bucket_lifecycle_configuration_operation() {
    return {
        .name = "GetBucketLifecycleConfiguration",
        .method = "GET",
        .level = Level::Bucket,
        .selector = "lifecycle",
        .iam_action = "s3:GetLifecycleConfiguration",
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
