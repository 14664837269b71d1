// PutBucketAcl. Amazon S3 API Reference, "PutBucketAcl"; order of refusals recorded: what the
// request says comes before whether the bucket has ACLs at all.
#include "emulator/s3/errors.hpp"
#include "emulator/s3/ops/acl_request.hpp"
#include "emulator/s3/ops/common.hpp"
#include "emulator/s3/ops/object_headers.hpp"
#include "emulator/s3/ops/ops.hpp"
#include "emulator/s3/ownership.hpp"

namespace benchtop::s3 {
namespace {

Result<std::unique_ptr<Input>> decode(const S3Request& request) {
    auto input = std::make_unique<AclInput>();
    if (auto ok = decode_acl_request(request, AclOf::Bucket, *input); !ok) {
        return ok.error();
    }
    return std::unique_ptr<Input>(std::move(input));
}

service::AccessRequest access_to_acl(const S3Request& request, const store::Bucket& bucket) {
    auto access = bucket_access("s3:PutBucketAcl", bucket);
    add_acl_conditions(request, access);
    return access;
}

std::vector<service::AccessRequest>
access_requests(const S3Request& request, const Input&, const store::Bucket* bucket) {
    return {access_to_acl(request, *bucket)};
}

Result<Response>
write(store::WriteTx& tx, const service::OpContext& context, const S3Request& request, Input& base, StagedObject*) {
    const auto bucket = require_bucket(tx, request);
    if (!bucket) {
        return bucket.error();
    }
    if (ownership_of(*bucket) == Ownership::BucketOwnerEnforced) {
        return access_control_list_not_supported();
    }
    const auto acl = requested_acl(
        context,
        *bucket,
        static_cast<const AclInput&>(base),
        bucket->account,
        access_to_acl(request, *bucket)
    );
    if (!acl) {
        return acl.error();
    }
    tx.set_bucket_setting(bucket->id, kAclSetting, to_text(*acl, bucket->account));
    return empty_response(200);
}

} // namespace

Operation put_bucket_acl_operation() {
    return {
        .name = "PutBucketAcl",
        .method = "PUT",
        .level = Level::Bucket,
        .selector = "acl",
        .iam_action = "s3:PutBucketAcl",
        .access = Access::Write,
        .body = BodyKind::Document,
        .document_max = kAclDocumentMax,
        .decode = decode,
        .access_requests = access_requests,
        .decode_document = decode_acl_body,
        .read = nullptr,
        .write = write,
    };
}

} // namespace benchtop::s3
