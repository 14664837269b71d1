// UploadPart: `PUT /bucket/key?partNumber=N&uploadId=ID`. The part's bytes are stored once and stay
// where they are when the upload completes.
#include "emulator/core/assert.hpp"
#include "emulator/s3/encryption_headers.hpp"
#include "emulator/s3/errors.hpp"
#include "emulator/s3/errors_multipart.hpp"
#include "emulator/s3/multipart.hpp"
#include "emulator/s3/ops/common.hpp"
#include "emulator/s3/ops/lock_headers.hpp"
#include "emulator/s3/ops/object_answer.hpp"
#include "emulator/s3/ops/ops.hpp"

namespace benchtop::s3 {
namespace {

struct UploadPartInput final : Input {
    int number = 0;
};

Result<std::unique_ptr<Input>> decode(const S3Request& request) {
    const auto number = decode_part_number(request.query);
    if (!number) {
        return number.error();
    }
    if (auto ok = refuse_encryption_of_read(request); !ok) {
        return ok.error();
    }
    auto input = std::make_unique<UploadPartInput>();
    input->number = *number;
    return std::unique_ptr<Input>(std::move(input));
}

std::vector<service::AccessRequest>
access_requests(const S3Request& request, const Input&, const store::Bucket* bucket) {
    return {object_access("s3:PutObject", *bucket, request.target.key)};
}

// The upload decides which checksum is taken; a client that sends another one is told so before it
// sends the part.
Result<void> admit_body(
    const store::ReadTx& tx,
    const service::OpContext& context,
    const S3Request& request,
    Input&,
    BodyPlan& plan
) {
    const auto bucket = require_bucket(tx, request);
    if (!bucket) {
        return bucket.error();
    }
    const auto upload = require_upload(tx, *bucket, request);
    if (!upload) {
        return upload.error();
    }
    store::ObjectLock lock = upload->object.lock;
    apply_default_retention(*bucket, context.now, lock);
    if (auto ok = check_lock_digest(request, lock, "Part"); !ok) {
        return ok.error();
    }
    plan.is_part = true;
    const auto& own = upload->object.checksum_algorithm;
    if (own && plan.checksum_algorithm && *own != *plan.checksum_algorithm) {
        return invalid_request(
            "Checksum Type mismatch occurred, expected checksum Type: " + algorithm_word(*own) +
            ", actual checksum Type: " + algorithm_word(*plan.checksum_algorithm)
        );
    }
    const ChecksumAlgorithm wanted = part_algorithm(*upload);
    if (!plan.checksum_algorithm) {
        plan.checksum_algorithm = wanted;
    } else if (*plan.checksum_algorithm != wanted) {
        plan.extra_algorithm = wanted;
    }
    return {};
}

Result<Response> write(
    store::WriteTx& tx,
    const service::OpContext& context,
    const S3Request& request,
    Input& base,
    StagedObject* body
) {
    BT_ASSERT(body != nullptr);
    const auto& input = static_cast<const UploadPartInput&>(base);
    const auto bucket = require_bucket(tx, request);
    if (!bucket) {
        return bucket.error();
    }
    const auto upload = require_upload(tx, *bucket, request);
    if (!upload) {
        return upload.error();
    }
    store::UploadPart part;
    part.number = input.number;
    part.size = body->body->size;
    part.etag = body->md5_hex;
    part.checksum = body->extra_checksum.empty() ? body->checksum : body->extra_checksum;
    part.last_modified = context.now;
    part.body = tx.add_body(*body->body);
    tx.put_upload_part(upload->id, part);

    Response response = empty_response(200);
    response.headers.add("x-amz-server-side-encryption", "AES256");
    response.headers.add("ETag", quoted(part.etag));
    response.headers.add(checksum_header(body->checksum_algorithm), body->checksum);
    return response;
}

} // namespace

Operation upload_part_operation() {
    return {
        .name = "UploadPart",
        .method = "PUT",
        .level = Level::Object,
        .selector = "uploadId",
        .iam_action = "s3:PutObject",
        .access = Access::Write,
        .body = BodyKind::Object,
        .decode = decode,
        .access_requests = access_requests,
        .decode_document = nullptr,
        .read = nullptr,
        .write = write,
        .admit_body = admit_body};
}

} // namespace benchtop::s3
