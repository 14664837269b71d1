// PutObject. Amazon S3 API Reference, "PutObject". PostObject's requests end here too.
#include "emulator/core/assert.hpp"
#include "emulator/s3/errors.hpp"
#include "emulator/s3/object_events.hpp"
#include "emulator/s3/ops/common.hpp"
#include "emulator/s3/ops/conditions.hpp"
#include "emulator/s3/ops/lifecycle_common.hpp"
#include "emulator/s3/ops/lock_headers.hpp"
#include "emulator/s3/ops/object_answer.hpp"
#include "emulator/s3/ops/object_headers.hpp"
#include "emulator/s3/ops/ops.hpp"
#include "emulator/s3/versions.hpp"

namespace benchtop::s3 {
namespace {

struct PutObjectInput : Input {
    NewObject made;
    WriteConditions conditions;
};

Result<std::unique_ptr<Input>> decode(const S3Request& request) {
    if (const auto version = request.query.find("versionId")) {
        return invalid_argument(
            "This operation does not accept a version-id.", "versionId", *version
        );
    }
    if (request.header("x-amz-write-offset-bytes")) {
        return header_not_implemented("x-amz-write-offset-bytes");
    }
    auto input = std::make_unique<PutObjectInput>();
    auto made = decode_new_object(request);
    if (!made) {
        return made.error();
    }
    input->made = *std::move(made);
    auto conditions = decode_write_conditions(request);
    if (!conditions) {
        return conditions.error();
    }
    input->conditions = *std::move(conditions);
    return std::unique_ptr<Input>(std::move(input));
}

std::vector<service::AccessRequest>
access_requests(const S3Request& request, const Input& base, const store::Bucket* bucket) {
    const auto& input = static_cast<const PutObjectInput&>(base);
    return new_object_access(request, input.made, *bucket);
}

Result<Response> write(
    store::WriteTx& tx,
    const service::OpContext& context,
    const S3Request& request,
    Input& base,
    StagedObject* body
) {
    BT_ASSERT(body != nullptr);
    auto& input = static_cast<PutObjectInput&>(base);
    const auto bucket = require_bucket(tx, request);
    if (!bucket) {
        return bucket.error();
    }
    const std::string& key = request.target.key;
    if (auto ok = check_write_conditions(tx, *bucket, input.conditions, key, context.now); !ok) {
        return ok.error();
    }
    auto lock = lock_of_new_object(request, *bucket, input.made.lock, context.now);
    if (!lock) {
        return lock.error();
    }
    store::Object object;
    object.key = key;
    object.lock = *std::move(lock);
    object.size = body->body->size;
    object.etag = body->md5_hex;
    object.last_modified = context.now;
    object.checksum_algorithm = body->checksum_algorithm;
    object.checksum = body->checksum;
    object.checksum_type = "FULL_OBJECT";
    object.sequencer = tx.next_sequencer(context.now);
    object.attributes = std::move(input.made.attributes);
    if (auto ok = settle_acl(context, *bucket, input.made.acl, object); !ok) {
        return ok.error();
    }
    object.body = tx.add_body(*body->body);
    store_version(tx, context, *bucket, object);
    const bool by_form = request.head.method == "POST";
    raise_event(
        tx,
        context,
        *bucket,
        created_event(by_form ? "ObjectCreated:Post" : "ObjectCreated:Put", object)
    );

    Response response = empty_response(200);
    if (!object.version_id.empty()) { // while suspended, none is shown (recorded)
        response.headers.add("x-amz-version-id", object.version_id);
    }
    response.headers.add("x-amz-server-side-encryption", "AES256");
    response.headers.add("ETag", quoted(object.etag));
    add_checksum_headers(response.headers, object);
    add_expiration_header(response.headers, context, *bucket, object);
    return response;
}

} // namespace

Operation put_object_operation() {
    return {
        .name = "PutObject",
        .method = "PUT",
        .level = Level::Object,
        .selector = "",
        .iam_action = "s3:PutObject",
        .access = Access::Write,
        .body = BodyKind::Object,
        .decode = decode,
        .access_requests = access_requests,
        .decode_document = nullptr,
        .read = nullptr,
        .write = write};
}

} // namespace benchtop::s3
