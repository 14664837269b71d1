// GetObjectTagging, PutObjectTagging, DeleteObjectTagging. Amazon S3 API Reference, the operation
// of each name; answers for versions and delete markers recorded.
#include "emulator/s3/document_integrity.hpp"
#include "emulator/s3/errors.hpp"
#include "emulator/s3/object_events.hpp"
#include "emulator/s3/ops/attribute_version.hpp"
#include "emulator/s3/ops/common.hpp"
#include "emulator/s3/ops/object_headers.hpp"
#include "emulator/s3/ops/ops.hpp"
#include "emulator/s3/tags.hpp"

namespace benchtop::s3 {
namespace {

constexpr std::size_t kTaggingDocumentMax = 64 * 1024;

struct PutTaggingInput final : AttributeInput {
    Tags tags;
};

service::AccessRequest tagging_access(
    std::string_view action,
    const S3Request& request,
    const Input& input,
    const store::Bucket& bucket
) {
    return attribute_access(
        action, bucket, request.target.key, static_cast<const AttributeInput&>(input).version
    );
}

std::vector<service::AccessRequest>
may_get(const S3Request& request, const Input& input, const store::Bucket* bucket) {
    return {tagging_access("s3:GetObjectTagging", request, input, *bucket)};
}

std::vector<service::AccessRequest>
may_delete(const S3Request& request, const Input& input, const store::Bucket* bucket) {
    return {tagging_access("s3:DeleteObjectTagging", request, input, *bucket)};
}

// The tags are in the body, which is read after the head is judged: they are asked for in put().
std::vector<service::AccessRequest> may_put(const S3Request&, const Input&, const store::Bucket*) {
    return {};
}

Result<store::Object> find(
    const store::ReadTx& tx,
    const service::OpContext& context,
    const S3Request& request,
    const Input& input,
    const store::Bucket& bucket
) {
    return find_attribute_version(
        tx,
        context,
        request,
        bucket,
        static_cast<const AttributeInput&>(input).version,
        CurrentMarker::NotAllowed
    );
}

Result<Response>
get(const store::ReadTx& tx,
    const service::OpContext& context,
    const S3Request& request,
    Input& input) {
    const auto bucket = require_bucket(tx, request);
    if (!bucket) {
        return bucket.error();
    }
    const auto object = find(tx, context, request, input, *bucket);
    if (!object) {
        // Here, and in no other operation, the key is shown with its bucket (recorded).
        return object.error().code() == "NoSuchKey"
                   ? no_such_key(bucket->name + "/" + request.target.key)
                   : object.error();
    }
    Response response = xml_response(tagging_document(object->attributes.tags));
    add_version_header(response.headers, *bucket, *object);
    return response;
}

Result<Response> replace_tags(
    store::WriteTx& tx,
    const service::OpContext& context,
    const S3Request& request,
    const Input& input,
    Tags tags,
    std::string_view event_name
) {
    const auto bucket = require_bucket(tx, request);
    if (!bucket) {
        return bucket.error();
    }
    auto object = find(tx, context, request, input, *bucket);
    if (!object) {
        return object.error();
    }
    object->attributes.tags = std::move(tags);
    tx.update_version(bucket->id, *object);
    raise_event(tx, context, *bucket, attributes_event(event_name, *object));
    Response response = empty_response(event_name == "ObjectTagging:Put" ? 200 : 204);
    add_version_header(response.headers, *bucket, *object);
    return response;
}

Result<std::unique_ptr<Input>> decode_put(const S3Request& request) {
    if (auto digests = plan_document_integrity(request, ChecksumRule::Optional); !digests) {
        return digests.error();
    }
    auto version = decode_version_choice(request.query);
    if (!version) {
        return version.error();
    }
    auto input = std::make_unique<PutTaggingInput>();
    input->version = *std::move(version);
    return std::unique_ptr<Input>(std::move(input));
}

Result<void> decode_document(Input& input, std::string_view document) {
    if (document.empty()) {
        return missing_request_body();
    }
    auto tags = parse_tagging_document(document, TagsOf::Object);
    if (!tags) {
        return tags.error();
    }
    static_cast<PutTaggingInput&>(input).tags = *std::move(tags);
    return {};
}

Result<Response>
put(store::WriteTx& tx,
    const service::OpContext& context,
    const S3Request& request,
    Input& base,
    StagedObject*) {
    auto& input = static_cast<PutTaggingInput&>(base);
    const auto bucket = require_bucket(tx, request);
    if (!bucket) {
        return bucket.error();
    }
    auto access = tagging_access("s3:PutObjectTagging", request, input, *bucket);
    add_tag_conditions(input.tags, access);
    if (auto allowed = context.authorizer.check(access); !allowed) {
        return allowed.error();
    }
    return replace_tags(tx, context, request, input, std::move(input.tags), "ObjectTagging:Put");
}

Result<Response>
remove(store::WriteTx& tx, const service::OpContext& context, const S3Request& request, Input& input, StagedObject*) {
    return replace_tags(tx, context, request, input, {}, "ObjectTagging:Delete");
}

} // namespace

Operation put_object_tagging_operation() {
    return {
        .name = "PutObjectTagging",
        .method = "PUT",
        .level = Level::Object,
        .selector = "tagging",
        .iam_action = "s3:PutObjectTagging",
        .access = Access::Write,
        .body = BodyKind::Document,
        .document_max = kTaggingDocumentMax,
        .decode = decode_put,
        .access_requests = may_put,
        .decode_document = decode_document,
        .read = nullptr,
        .write = put,
    };
}

Operation get_object_tagging_operation() {
    return {
        .name = "GetObjectTagging",
        .method = "GET",
        .level = Level::Object,
        .selector = "tagging",
        .iam_action = "s3:GetObjectTagging",
        .access = Access::Read,
        .body = BodyKind::Ignored,
        .decode = decode_attribute_request,
        .access_requests = may_get,
        .decode_document = nullptr,
        .read = get,
        .write = nullptr,
    };
}

Operation delete_object_tagging_operation() {
    return {
        .name = "DeleteObjectTagging",
        .method = "DELETE",
        .level = Level::Object,
        .selector = "tagging",
        .iam_action = "s3:DeleteObjectTagging",
        .access = Access::Write,
        .body = BodyKind::Ignored,
        .success_status = 204,
        .decode = decode_attribute_request,
        .access_requests = may_delete,
        .decode_document = nullptr,
        .read = nullptr,
        .write = remove,
    };
}

} // namespace benchtop::s3
