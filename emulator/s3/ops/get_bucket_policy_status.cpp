// GetBucketPolicyStatus: whether the bucket's policy is public in the sense of Block Public Access.
#include "emulator/policy/policy.hpp"
#include "emulator/protocol/xml_writer.hpp"
#include "emulator/s3/errors.hpp"
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
    return {bucket_access("s3:GetBucketPolicyStatus", *bucket)};
}

Result<Response>
read(const store::ReadTx& tx, const service::OpContext&, const S3Request& request, Input&) {
    const auto bucket = require_bucket(tx, request);
    if (!bucket) {
        return bucket.error();
    }
    if (bucket->policy.empty()) {
        return no_such_bucket_policy(bucket->name);
    }
    const auto parsed = policy::parse_policy(bucket->policy, policy::PolicyKind::Resource);
    protocol::XmlWriter xml;
    xml.open("PolicyStatus", kXmlNamespace);
    xml.element("IsPublic", parsed && parsed->is_public());
    xml.close();
    return xml_response(std::move(xml).take());
}

} // namespace

Operation get_bucket_policy_status_operation() {
    return {
        .name = "GetBucketPolicyStatus",
        .method = "GET",
        .level = Level::Bucket,
        .selector = "policyStatus",
        .iam_action = "s3:GetBucketPolicyStatus",
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
