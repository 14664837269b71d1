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
    store::ObjectAttributes attributes;
    AclHeaders acl;
    LockHeaders lock;
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
    auto attributes = decode_content_headers(request);
    if (!attributes) {
        return attributes.error();
    }
    input->attributes = *std::move(attributes);
    auto storage = decode_storage_headers(request);
    if (!storage) {
        return storage.error();
    }
    input->attributes.storage_class = std::move(storage->storage_class);
    input->attributes.website_redirect_location = std::move(storage->website_redirect_location);
    input->acl = std::move(storage->acl);
    if (const auto tagging = request.header("x-amz-tagging")) {
        auto tags = decode_tagging_header(*tagging);
        if (!tags) {
            return tags.error();
        }
        input->attributes.tags = *std::move(tags);
    }
    auto lock = decode_lock_headers(request);
    if (!lock) {
        return lock.error();
    }
    input->lock = *std::move(lock);
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
    std::vector<std::string_view> actions{"s3:PutObject"};
    if (!input.attributes.tags.empty()) {
        actions.push_back("s3:PutObjectTagging");
    }
    if (asks_for_acl(request, *bucket)) {
        actions.push_back("s3:PutObjectAcl");
    }
    std::vector<service::AccessRequest> requests;
    for (const auto action : actions) {
        auto access = object_access(action, *bucket, request.target.key);
        add_write_conditions(request, input.attributes.tags, access);
        requests.push_back(std::move(access));
    }
    add_lock_access(input.lock, request, *bucket, requests);
    return requests;
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
    if (auto ok = check_write_conditions(input.conditions, tx.find_object(bucket->id, key), key);
        !ok) {
        return ok.error();
    }
    auto lock = lock_of_new_object(request, *bucket, input.lock, context.now);
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
    object.attributes = std::move(input.attributes);
    if (auto ok = settle_acl(context, *bucket, input.acl, object); !ok) {
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
