// GetBucketVersioning: an empty document for a bucket that never had versioning.
#include "emulator/protocol/xml_writer.hpp"
#include "emulator/s3/ops/common.hpp"
#include "emulator/s3/ops/ops.hpp"
#include "emulator/s3/xml_answer.hpp"

namespace benchtop::s3 {
namespace {

Result<std::unique_ptr<Input>> decode(const S3Request&) {
    return std::make_unique<Input>();
}

std::vector<service::AccessRequest>
access_requests(const S3Request&, const Input&, const store::Bucket* bucket) {
    return {bucket_access("s3:GetBucketVersioning", *bucket)};
}

Result<Response>
read(const store::ReadTx& tx, const service::OpContext&, const S3Request& request, Input&) {
    const auto bucket = require_bucket(tx, request);
    if (!bucket) {
        return bucket.error();
    }
    const auto status = bucket->setting("versioning");
    const auto mfa_delete = bucket->setting("mfa-delete");
    if (!status && !mfa_delete) {
        return xml_response(empty_document("VersioningConfiguration"));
    }
    protocol::XmlWriter xml;
    xml.open("VersioningConfiguration", kXmlNamespace);
    if (status) {
        xml.element("Status", *status);
    }
    if (mfa_delete) {
        xml.element("MfaDelete", *mfa_delete);
    }
    xml.close();
    return xml_response(std::move(xml).take());
}

} // namespace

Operation get_bucket_versioning_operation() {
    return {
        .name = "GetBucketVersioning",
        .method = "GET",
        .level = Level::Bucket,
        .selector = "versioning",
        .iam_action = "s3:GetBucketVersioning",
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
