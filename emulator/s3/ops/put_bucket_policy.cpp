// PutBucketPolicy. Amazon S3 API Reference, "PutBucketPolicy".
#include "emulator/policy/pattern.hpp"
#include "emulator/policy/policy.hpp"
#include "emulator/s3/document_integrity.hpp"
#include "emulator/s3/errors.hpp"
#include "emulator/s3/errors_access.hpp"
#include "emulator/s3/ops/common.hpp"
#include "emulator/s3/ops/ops.hpp"
#include "emulator/s3/ownership.hpp"

namespace benchtop::s3 {
namespace {

constexpr std::size_t kPolicyMax = 20 * 1024; // "Bucket policies", Amazon S3 User Guide

struct PutBucketPolicyInput final : Input {
    std::string text;
    std::optional<policy::Policy> policy;
};

Result<std::unique_ptr<Input>> decode(const S3Request& request) {
    if (auto digests = plan_document_integrity(request, ChecksumRule::Optional); !digests) {
        return digests.error();
    }
    return std::unique_ptr<Input>(std::make_unique<PutBucketPolicyInput>());
}

std::vector<service::AccessRequest>
access_requests(const S3Request&, const Input&, const store::Bucket* bucket) {
    return {bucket_access("s3:PutBucketPolicy", *bucket)};
}

Result<void> decode_document(Input& base, std::string_view document) {
    if (document.empty()) {
        return missing_request_body();
    }
    auto parsed =
        policy::parse_policy(document, policy::PolicyKind::Resource, policy::PolicyFlavour::S3);
    if (!parsed) {
        return malformed_policy(parsed.error().message());
    }
    auto& input = static_cast<PutBucketPolicyInput&>(base);
    input.text = document;
    input.policy = *std::move(parsed);
    return {};
}

// False only for a user, role or session that is not there; unique ids, roots and other partitions'
// names cannot be looked up.
bool principal_exists(const store::ReadTx& tx, std::string_view name) {
    const auto parts = policy::split_arn(name);
    if (!parts) {
        return true;
    }
    const std::string_view account = (*parts)[4];
    const std::string_view resource = (*parts)[5];
    const auto first_slash = resource.find('/');
    if (first_slash == std::string_view::npos) {
        return true;
    }
    const std::string_view kind = resource.substr(0, first_slash);
    const std::string_view last_name = resource.substr(resource.rfind('/') + 1);
    if (kind == "user") {
        return tx.find_user(account, last_name).has_value();
    }
    if (kind == "role") {
        return tx.find_role(account, last_name).has_value();
    }
    if (kind == "assumed-role") {
        const std::string_view rest = resource.substr(first_slash + 1);
        return tx.find_role(account, rest.substr(0, rest.find('/'))).has_value();
    }
    return true;
}

Result<Response>
write(store::WriteTx& tx, const service::OpContext& context, const S3Request& request, Input& base, StagedObject*) {
    const auto& input = static_cast<const PutBucketPolicyInput&>(base);
    const auto bucket = require_bucket(tx, request);
    if (!bucket) {
        return bucket.error();
    }
    if (auto in_bucket = input.policy->check_bucket(bucket->name); !in_bucket) {
        return malformed_policy(in_bucket.error().message());
    }
    for (const std::string_view name : input.policy->principal_names()) {
        if (!principal_exists(tx, name)) {
            return malformed_policy("Invalid principal in policy");
        }
    }
    if (input.policy->is_public() && public_access_block_of(*bucket).block_public_policy) {
        return prevented_by_public_access_block(
            context,
            *bucket,
            "s3:PutBucketPolicy",
            bucket_arn(bucket->name),
            "public policies",
            "BlockPublicPolicy"
        );
    }
    tx.set_bucket_policy(bucket->id, input.text);
    return empty_response(204);
}

} // namespace

Operation put_bucket_policy_operation() {
    return {
        .name = "PutBucketPolicy",
        .method = "PUT",
        .level = Level::Bucket,
        .selector = "policy",
        .iam_action = "s3:PutBucketPolicy",
        .access = Access::Write,
        .body = BodyKind::Document,
        .document_max = kPolicyMax,
        .success_status = 204,
        .decode = decode,
        .access_requests = access_requests,
        .decode_document = decode_document,
        .read = nullptr,
        .write = write,
    };
}

} // namespace benchtop::s3
