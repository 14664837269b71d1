// AbortMultipartUpload: `DELETE /bucket/key?uploadId=ID`. Of an upload that has ended already there
// is nothing to abort, which is no error (source: openstack/swift, test/s3api/test_mpu.py, written
// to pass on AWS: 204 after a completion and when repeated).
#include "emulator/s3/errors_multipart.hpp"
#include "emulator/s3/multipart.hpp"
#include "emulator/s3/ops/common.hpp"
#include "emulator/s3/ops/ops.hpp"

namespace benchtop::s3 {
namespace {

Result<std::unique_ptr<Input>> decode(const S3Request&) {
    return std::make_unique<Input>();
}

std::vector<service::AccessRequest>
access_requests(const S3Request& request, const Input&, const store::Bucket* bucket) {
    return {object_access("s3:AbortMultipartUpload", *bucket, request.target.key)};
}

Result<Response>
write(store::WriteTx& tx, const service::OpContext& context, const S3Request& request, Input&, StagedObject*) {
    const auto bucket = require_bucket(tx, request);
    if (!bucket) {
        return bucket.error();
    }
    auto upload = find_upload(tx, *bucket, request);
    // Aborting twice is no error, aborting what was completed is one (recorded).
    if (!upload || (!upload->completion.empty() && how_ended(*upload) != "aborted")) {
        return no_such_upload(request.query.get("uploadId"));
    }
    if (upload->completion.empty()) {
        end_upload(tx, context, *std::move(upload), "aborted");
    }
    return empty_response(204);
}

} // namespace

Operation abort_multipart_upload_operation() {
    return {
        .name = "AbortMultipartUpload",
        .method = "DELETE",
        .level = Level::Object,
        .selector = "uploadId",
        .iam_action = "s3:AbortMultipartUpload",
        .access = Access::Write,
        .body = BodyKind::Ignored,
        .success_status = 204,
        .decode = decode,
        .access_requests = access_requests,
        .decode_document = nullptr,
        .read = nullptr,
        .write = write};
}

} // namespace benchtop::s3
