#include "emulator/s3/ownership.hpp"

#include "emulator/protocol/xml_writer.hpp"
#include "emulator/s3/xml_answer.hpp"

#include <array>
#include <utility>

namespace benchtop::s3 {
namespace {

constexpr std::array<std::pair<Ownership, std::string_view>, 3> kOwnerships{{
    {Ownership::BucketOwnerEnforced, "BucketOwnerEnforced"},
    {Ownership::BucketOwnerPreferred, "BucketOwnerPreferred"},
    {Ownership::ObjectWriter, "ObjectWriter"},
}};

// `document` is one of ours: no white space, no namespace prefix.
bool is_true(std::string_view document, std::string_view flag) {
    std::string wanted = "<";
    wanted.append(flag).append(">true<");
    return document.find(wanted) != std::string_view::npos;
}

} // namespace

std::optional<Ownership> parse_ownership(std::string_view name) {
    for (const auto& [ownership, known] : kOwnerships) {
        if (known == name) {
            return ownership;
        }
    }
    return std::nullopt;
}

Ownership ownership_of(const store::Bucket& bucket) {
    const auto document = bucket.setting(kOwnershipSetting);
    if (!document) {
        return Ownership::BucketOwnerEnforced;
    }
    for (const auto& [ownership, name] : kOwnerships) {
        if (document->find(name) != std::string_view::npos) {
            return ownership;
        }
    }
    return Ownership::ObjectWriter; // without ownership controls: as buckets were before them
}

std::string ownership_document(std::string_view name) {
    protocol::XmlWriter xml;
    xml.open("OwnershipControls", kXmlNamespace);
    xml.open("Rule");
    xml.element("ObjectOwnership", name);
    xml.close();
    xml.close();
    return std::move(xml).take();
}

PublicAccessBlock public_access_block_of(const store::Bucket& bucket) {
    const auto document = bucket.setting(kPublicAccessBlockSetting);
    if (!document) {
        return {true, true, true, true};
    }
    return {
        is_true(*document, "BlockPublicAcls"),
        is_true(*document, "IgnorePublicAcls"),
        is_true(*document, "BlockPublicPolicy"),
        is_true(*document, "RestrictPublicBuckets")};
}

std::string public_access_block_document(const PublicAccessBlock& block) {
    protocol::XmlWriter xml;
    xml.open("PublicAccessBlockConfiguration", kXmlNamespace);
    xml.element("BlockPublicAcls", block.block_public_acls);
    xml.element("IgnorePublicAcls", block.ignore_public_acls);
    xml.element("BlockPublicPolicy", block.block_public_policy);
    xml.element("RestrictPublicBuckets", block.restrict_public_buckets);
    xml.close();
    return std::move(xml).take();
}

std::string_view owner_of(const store::Bucket& bucket, const store::Object& object) {
    const bool enforced = ownership_of(bucket) == Ownership::BucketOwnerEnforced;
    return enforced || object.owner.empty() ? bucket.account : object.owner;
}

Acl acl_of(const store::Bucket& bucket) {
    if (ownership_of(bucket) == Ownership::BucketOwnerEnforced) {
        return private_acl(bucket.account);
    }
    return parse_acl_text(bucket.setting(kAclSetting).value_or(""), bucket.account);
}

Acl acl_of(const store::Bucket& bucket, const store::Object& object) {
    const std::string_view owner = owner_of(bucket, object);
    if (ownership_of(bucket) == Ownership::BucketOwnerEnforced) {
        return private_acl(owner);
    }
    return parse_acl_text(object.acl, owner);
}

} // namespace benchtop::s3
