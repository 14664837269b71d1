// GetBucketWebsite.
#include "emulator/s3/errors_website.hpp"
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
    return {bucket_access("s3:GetBucketWebsite", *bucket)};
}

Result<Response>
read(const store::ReadTx& tx, const service::OpContext&, const S3Request& request, Input&) {
    const auto bucket = require_bucket(tx, request);
    if (!bucket) {
        return bucket.error();
    }
    const auto stored = bucket->setting(kWebsiteSetting);
    if (!stored) {
        return no_such_website_configuration(bucket->name);
    }
    return xml_response(std::string(*stored));
}

} // namespace

Operation get_bucket_website_operation() {
    return {
        .name = "GetBucketWebsite",
        .method = "GET",
        .level = Level::Bucket,
        .selector = "website",
        .iam_action = "s3:GetBucketWebsite",
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
