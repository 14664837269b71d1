// GetBucketAcl: with ACLs off, full control for the bucket's owner.
#include "emulator/s3/acl_wire.hpp"
#include "emulator/s3/ops/common.hpp"
#include "emulator/s3/ops/ops.hpp"
#include "emulator/s3/ownership.hpp"

namespace benchtop::s3 {
namespace {

Result<std::unique_ptr<Input>> decode(const S3Request&) {
    return std::make_unique<Input>();
}

std::vector<service::AccessRequest>
access_requests(const S3Request&, const Input&, const store::Bucket* bucket) {
    return {bucket_access("s3:GetBucketAcl", *bucket)};
}

Result<Response>
read(const store::ReadTx& tx, const service::OpContext&, const S3Request& request, Input&) {
    const auto bucket = require_bucket(tx, request);
    if (!bucket) {
        return bucket.error();
    }
    return xml_response(acl_document(tx, bucket->account, acl_of(*bucket)));
}

} // namespace

Operation get_bucket_acl_operation() {
    return {
        .name = "GetBucketAcl",
        .method = "GET",
        .level = Level::Bucket,
        .selector = "acl",
        .iam_action = "s3:GetBucketAcl",
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
