// DeleteBucket: only an empty one.
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
    return {bucket_access("s3:DeleteBucket", *bucket)};
}

Result<Response>
write(store::WriteTx& tx, const service::OpContext&, const S3Request& request, Input&, StagedObject*) {
    const auto bucket = require_bucket(tx, request);
    if (!bucket) {
        return bucket.error();
    }
    if (tx.has_objects(bucket->id)) {
        return bucket_not_empty(bucket->name);
    }
    if (tx.has_versions(bucket->id)) {
        return bucket_has_versions(bucket->name);
    }
    tx.delete_bucket(bucket->id);
    return empty_response(204);
}

} // namespace

Operation delete_bucket_operation() {
    return {
        .name = "DeleteBucket",
        .method = "DELETE",
        .level = Level::Bucket,
        .selector = "",
        .iam_action = "s3:DeleteBucket",
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
