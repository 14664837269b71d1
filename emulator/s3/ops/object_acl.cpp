// GetObjectAcl, PutObjectAcl. Amazon S3 API Reference, the operation of each name; an event for
// each PutObjectAcl, changed or not (recorded).
#include "emulator/s3/errors.hpp"
#include "emulator/s3/object_events.hpp"
#include "emulator/s3/ops/acl_request.hpp"
#include "emulator/s3/ops/attribute_version.hpp"
#include "emulator/s3/ops/common.hpp"
#include "emulator/s3/ops/object_headers.hpp"
#include "emulator/s3/ops/ops.hpp"
#include "emulator/s3/ownership.hpp"

namespace benchtop::s3 {
namespace {

struct PutObjectAclInput final : AclInput {
    VersionChoice version;
};

std::vector<service::AccessRequest>
may_get(const S3Request& request, const Input& input, const store::Bucket* bucket) {
    return {attribute_access(
        "s3:GetObjectAcl",
        *bucket,
        request.target.key,
        static_cast<const AttributeInput&>(input).version
    )};
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
    const auto object = find_attribute_version(
        tx,
        context,
        request,
        *bucket,
        static_cast<const AttributeInput&>(input).version,
        CurrentMarker::NoSuchKey
    );
    if (!object) {
        return object.error();
    }
    Response response =
        xml_response(acl_document(tx, owner_of(*bucket, *object), acl_of(*bucket, *object)));
    add_version_header(response.headers, *bucket, *object);
    return response;
}

Result<std::unique_ptr<Input>> decode_put(const S3Request& request) {
    auto input = std::make_unique<PutObjectAclInput>();
    auto version = decode_version_choice(request.query);
    if (!version) {
        return version.error();
    }
    input->version = *std::move(version);
    if (auto ok = decode_acl_request(request, AclOf::Object, *input); !ok) {
        return ok.error();
    }
    return std::unique_ptr<Input>(std::move(input));
}

service::AccessRequest
put_access(const S3Request& request, const PutObjectAclInput& input, const store::Bucket& bucket) {
    auto access = attribute_access("s3:PutObjectAcl", bucket, request.target.key, input.version);
    add_acl_conditions(request, access);
    return access;
}

std::vector<service::AccessRequest>
may_put(const S3Request& request, const Input& input, const store::Bucket* bucket) {
    return {put_access(request, static_cast<const PutObjectAclInput&>(input), *bucket)};
}

Result<Response>
put(store::WriteTx& tx,
    const service::OpContext& context,
    const S3Request& request,
    Input& base,
    StagedObject*) {
    const auto& input = static_cast<const PutObjectAclInput&>(base);
    const auto bucket = require_bucket(tx, request);
    if (!bucket) {
        return bucket.error();
    }
    if (ownership_of(*bucket) == Ownership::BucketOwnerEnforced) {
        return access_control_list_not_supported();
    }
    auto object = find_attribute_version(
        tx, context, request, *bucket, input.version, CurrentMarker::NotAllowed
    );
    if (!object) {
        return object.error();
    }
    const std::string owner(owner_of(*bucket, *object));
    const auto acl =
        requested_acl(context, *bucket, input, owner, put_access(request, input, *bucket));
    if (!acl) {
        return acl.error();
    }
    object->acl = to_text(*acl, owner);
    tx.update_version(bucket->id, *object);
    raise_event(tx, context, *bucket, attributes_event("ObjectAcl:Put", *object));
    Response response = empty_response(200);
    add_version_header(response.headers, *bucket, *object);
    return response;
}

} // namespace

Operation put_object_acl_operation() {
    return {
        .name = "PutObjectAcl",
        .method = "PUT",
        .level = Level::Object,
        .selector = "acl",
        .iam_action = "s3:PutObjectAcl",
        .access = Access::Write,
        .body = BodyKind::Document,
        .document_max = kAclDocumentMax,
        .decode = decode_put,
        .access_requests = may_put,
        .decode_document = decode_acl_body,
        .read = nullptr,
        .write = put,
    };
}

Operation get_object_acl_operation() {
    return {
        .name = "GetObjectAcl",
        .method = "GET",
        .level = Level::Object,
        .selector = "acl",
        .iam_action = "s3:GetObjectAcl",
        .access = Access::Read,
        .body = BodyKind::Ignored,
        .decode = decode_attribute_request,
        .access_requests = may_get,
        .decode_document = nullptr,
        .read = get,
        .write = nullptr,
    };
}

} // namespace benchtop::s3
