#include "emulator/s3/access_facts.hpp"

#include "emulator/s3/ownership.hpp"

#include <algorithm>
#include <array>

namespace benchtop::s3 {
namespace {

constexpr std::string_view kArnPrefix = "arn:aws:s3:::";

// On the bytes, the list or the tags of an object that exists ("Actions, resources, and condition
// keys for Amazon S3": those with s3:ExistingObjectTag).
constexpr auto kOnExistingObjects = std::to_array<std::string_view>({
    "s3:DeleteObjectTagging",
    "s3:DeleteObjectVersionTagging",
    "s3:GetObject",
    "s3:GetObjectAcl",
    "s3:GetObjectAttributes",
    "s3:GetObjectTagging",
    "s3:GetObjectVersion",
    "s3:GetObjectVersionAcl",
    "s3:GetObjectVersionAttributes",
    "s3:GetObjectVersionTagging",
    "s3:PutObjectAcl",
    "s3:PutObjectTagging",
    "s3:PutObjectVersionAcl",
    "s3:PutObjectVersionTagging",
});

bool on_existing_object(std::string_view action) {
    return std::ranges::find(kOnExistingObjects, action) != kOnExistingObjects.end();
}

// Tags are the bucket owner's to decide on, whoever owns the object: "By default, the bucket owner
// has this permission and can grant this permission to others" ("GetObjectTagging",
// "PutObjectTagging", "DeleteObjectTagging", Amazon S3 API Reference).
bool about_tags(std::string_view action) {
    return action.ends_with("Tagging");
}

std::string_view key_of_arn(std::string_view resource) {
    const auto slash = resource.find('/');
    return slash == std::string_view::npos ? std::string_view{} : resource.substr(slash + 1);
}

// The version the request names, else the current one.
std::optional<store::Object> object_of(const store::ReadTx& tx, const AccessQuestion& question) {
    const std::string_view key = key_of_arn(question.request.resource);
    if (key.empty()) {
        return std::nullopt;
    }
    const auto& conditions = question.request.conditions;
    const auto version =
        std::ranges::find(conditions, "s3:VersionId", &std::pair<std::string, std::string>::first);
    if (version == conditions.end()) {
        return tx.find_object(question.bucket.id, key);
    }
    auto found =
        tx.find_version(question.bucket.id, key, version->second == "null" ? "" : version->second);
    return found && !found->delete_marker ? std::move(found) : std::nullopt;
}

// A writer into another's bucket may take back what is its own.
bool takes_back(
    const store::ReadTx& tx, const AccessQuestion& question, policy::PrincipalMatch may_write
) {
    if (question.request.action != "s3:DeleteObject" || may_write == policy::PrincipalMatch::No) {
        return false;
    }
    const auto object = object_of(tx, question);
    return object && owner_of(question.bucket, *object) == question.caller.account;
}

// Who began an upload may abort it and list its parts ("Multipart upload API and permissions",
// Amazon S3 User Guide).
bool began_upload(const store::ReadTx& tx, const AccessQuestion& question) {
    const std::string_view action = question.request.action;
    const policy::Principal& caller = question.caller;
    if ((action != "s3:AbortMultipartUpload" && action != "s3:ListMultipartUploadParts") ||
        caller.account.empty()) {
        return false;
    }
    const std::string_view key = key_of_arn(question.request.resource);
    const std::string initiator = caller.kind == policy::Principal::Kind::Root
                                      ? tx.account(caller.account).canonical_id
                                      : caller.arn;
    bool began = false;
    tx.scan_uploads(question.bucket.id, key, [&](const store::Upload& upload) {
        if (upload.object.key != key) {
            return store::ScanStep::stop();
        }
        began |= upload.initiator == initiator;
        return store::ScanStep::next();
    });
    return began;
}

bool kept_out(const AccessQuestion& question, const PublicAccessBlock& block) {
    return block.restrict_public_buckets && question.policy != nullptr &&
           question.caller.kind != policy::Principal::Kind::Service &&
           question.caller.account != question.bucket.account && question.policy->is_public();
}

} // namespace

std::string_view bucket_of_arn(std::string_view resource) {
    if (!resource.starts_with(kArnPrefix)) {
        return {};
    }
    resource.remove_prefix(kArnPrefix.size());
    return resource.substr(0, resource.find('/'));
}

AccessFacts access_facts(const store::ReadTx& tx, const AccessQuestion& question) {
    const store::Bucket& bucket = question.bucket;
    const PublicAccessBlock block = public_access_block_of(bucket);
    AccessFacts facts;
    facts.owner = bucket.account;
    facts.policy_only_denies = kept_out(question, block);
    if (ownership_of(bucket) == Ownership::BucketOwnerEnforced) {
        return facts;
    }
    const PublicGrants groups =
        block.ignore_public_acls ? PublicGrants::Ignored : PublicGrants::Count;
    const std::string_view action = question.request.action;
    if (on_existing_object(action) && !about_tags(action)) {
        if (const auto object = object_of(tx, question)) {
            facts.owner = owner_of(bucket, *object);
            facts.policy_only_denies |= facts.owner != bucket.account;
            if (const auto wanted = acl_permission_of(action)) {
                facts.acl =
                    granted(acl_of(bucket, *object), question.caller, wanted->permission, groups);
            }
        }
        return facts;
    }
    const Acl list = acl_of(bucket);
    if (const auto wanted = acl_permission_of(action)) {
        facts.acl = granted(list, question.caller, wanted->permission, groups);
    }
    const auto may_write = granted(list, question.caller, Permission::Write, groups);
    if (takes_back(tx, question, may_write)) {
        facts.acl = may_write;
    }
    if (began_upload(tx, question)) {
        facts.acl = policy::PrincipalMatch::Account;
    }
    return facts;
}

bool is_about_missing_object(const store::ReadTx& tx, const AccessQuestion& question) {
    return on_existing_object(question.request.action) && !object_of(tx, question);
}

service::AccessRequest listing_of(const service::AccessRequest& about_object) {
    service::AccessRequest listing = about_object;
    listing.action = "s3:ListBucket";
    listing.resource = std::string(kArnPrefix) + std::string(bucket_of_arn(about_object.resource));
    listing.conditions = {{"s3:prefix", std::string(key_of_arn(about_object.resource))}};
    return listing;
}

void add_existing_tags(
    const store::ReadTx& tx, const AccessQuestion& question, policy::ConditionContext& context
) {
    if (!on_existing_object(question.request.action)) {
        return;
    }
    if (const auto object = object_of(tx, question)) {
        for (const auto& [key, value] : object->attributes.tags) {
            context.add("s3:ExistingObjectTag/" + key, value);
        }
    }
}

} // namespace benchtop::s3
