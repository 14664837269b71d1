// The sub-resources that are one document each: their schemas, defaults and rules. Amazon S3 API
// Reference, the operation of each name; defaults and refusals recorded.
#include "emulator/protocol/xml_reader.hpp"
#include "emulator/s3/bucket_document.hpp"
#include "emulator/s3/document_schema.hpp"
#include "emulator/s3/errors.hpp"
#include "emulator/s3/errors_access.hpp"
#include "emulator/s3/ownership.hpp"
#include "emulator/s3/tags.hpp"
#include "emulator/s3/versions.hpp"
#include "emulator/s3/xml_answer.hpp"

#include <array>

namespace benchtop::s3 {
namespace {

using Kind = SchemaElement::Kind;

AwsError not_found(std::string_view code, std::string_view message, std::string_view bucket) {
    return s3_error(404, code, message).with("BucketName", bucket);
}

template <const SchemaElement& kSchema>
Result<std::string> parse_schema(std::string_view xml) {
    return parse_by_schema(kSchema, xml);
}

// --- ownershipControls

constexpr std::array<std::string_view, 3> kOwnershipValues{
    "BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"};
constexpr std::array kOwnershipRule{
    SchemaElement{.name = "ObjectOwnership", .kind = Kind::Choice, .values = kOwnershipValues}};
constexpr std::array kOwnershipRules{
    SchemaElement{.name = "Rule", .kind = Kind::Group, .children = kOwnershipRule}};
constexpr SchemaElement kOwnershipSchema{
    .name = "OwnershipControls", .kind = Kind::Group, .children = kOwnershipRules};

// ACLs are not turned off while the bucket's own grants somebody something.
Result<std::string> settle_ownership(const DocumentContext& in, std::string document) {
    const bool enforced = text_at(document, "Rule/ObjectOwnership") == "BucketOwnerEnforced";
    if (enforced && acl_of(in.bucket) != private_acl(in.bucket.account)) {
        return bucket_acl_with_enforced_ownership();
    }
    return document;
}

constexpr BucketDocument kOwnership{
    .selector = kOwnershipSetting,
    .get = {"GetBucketOwnershipControls", "s3:GetBucketOwnershipControls"},
    .put = {"PutBucketOwnershipControls", "s3:PutBucketOwnershipControls"},
    .remove = {"DeleteBucketOwnershipControls", "s3:PutBucketOwnershipControls"},
    .parse = parse_schema<kOwnershipSchema>,
    .settle = settle_ownership,
    .initial = [] { return ownership_document("BucketOwnerEnforced"); },
    .missing =
        [](std::string_view bucket) {
            return not_found(
                "OwnershipControlsNotFoundError",
                "The bucket ownership controls were not found",
                bucket
            );
        },
};

// --- publicAccessBlock

constexpr SchemaElement flag(std::string_view name) {
    return {.name = name, .kind = Kind::Boolean, .at_least = 0};
}

constexpr std::array kPublicAccessFlags{
    flag("BlockPublicAcls"),
    flag("IgnorePublicAcls"),
    flag("BlockPublicPolicy"),
    flag("RestrictPublicBuckets")};
constexpr SchemaElement kPublicAccessSchema{
    .name = "PublicAccessBlockConfiguration", .kind = Kind::Group, .children = kPublicAccessFlags};

// Flags left out are false, and shown as such.
Result<std::string> settle_public_access(const DocumentContext&, std::string document) {
    const auto set = [&](std::string_view name) { return text_at(document, name) == "true"; };
    return public_access_block_document(
        {set("BlockPublicAcls"),
         set("IgnorePublicAcls"),
         set("BlockPublicPolicy"),
         set("RestrictPublicBuckets")}
    );
}

constexpr BucketDocument kPublicAccess{
    .selector = kPublicAccessBlockSetting,
    .get = {"GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock"},
    .put = {"PutPublicAccessBlock", "s3:PutBucketPublicAccessBlock"},
    .remove = {"DeletePublicAccessBlock", "s3:PutBucketPublicAccessBlock"},
    .parse = parse_schema<kPublicAccessSchema>,
    .settle = settle_public_access,
    .initial =
        [] {
            return public_access_block_document({true, true, true, true});
        },
    .missing =
        [](std::string_view bucket) {
            return not_found(
                "NoSuchPublicAccessBlockConfiguration",
                "The public access block configuration was not found",
                bucket
            );
        },
};

// --- tagging

Result<std::string> parse_bucket_tagging(std::string_view xml) {
    const auto tags = parse_tagging_document(xml, TagsOf::Bucket);
    if (!tags) {
        return tags.error();
    }
    return tags->empty() ? std::string() : tagging_document(*tags);
}

constexpr BucketDocument kTagging{
    .selector = "tagging",
    .get = {"GetBucketTagging", "s3:GetBucketTagging"},
    .put = {"PutBucketTagging", "s3:PutBucketTagging"},
    .remove = {"DeleteBucketTagging", "s3:PutBucketTagging"},
    .parse = parse_bucket_tagging,
    .missing = no_such_tag_set,
    .put_status = 204,
};

// --- requestPayment

constexpr std::array<std::string_view, 2> kPayers{"BucketOwner", "Requester"};
constexpr std::array kRequestPaymentElements{
    SchemaElement{.name = "Payer", .kind = Kind::Choice, .values = kPayers}};
constexpr SchemaElement kRequestPaymentSchema{
    .name = "RequestPaymentConfiguration",
    .kind = Kind::Group,
    .children = kRequestPaymentElements};

constexpr BucketDocument kRequestPayment{
    .selector = "requestPayment",
    .get = {"GetBucketRequestPayment", "s3:GetBucketRequestPayment"},
    .put = {"PutBucketRequestPayment", "s3:PutBucketRequestPayment"},
    .parse = parse_schema<kRequestPaymentSchema>,
    .initial =
        [] {
            protocol::XmlWriter xml;
            xml.open("RequestPaymentConfiguration", kXmlNamespace);
            xml.element("Payer", "BucketOwner");
            xml.close();
            return std::move(xml).take();
        },
};

// --- accelerate

constexpr std::array<std::string_view, 2> kAccelerateStates{"Enabled", "Suspended"};
constexpr std::array kAccelerateElements{
    SchemaElement{.name = "Status", .kind = Kind::Choice, .values = kAccelerateStates}};
constexpr SchemaElement kAccelerateSchema{
    .name = "AccelerateConfiguration", .kind = Kind::Group, .children = kAccelerateElements};

Result<std::string> settle_accelerate(const DocumentContext& in, std::string document) {
    if (in.bucket.name.find('.') != std::string::npos) {
        return invalid_request("S3 Transfer Acceleration is not supported for buckets with periods "
                               "(.) in their names");
    }
    return document;
}

constexpr BucketDocument kAccelerate{
    .selector = "accelerate",
    .get = {"GetBucketAccelerateConfiguration", "s3:GetAccelerateConfiguration"},
    .put = {"PutBucketAccelerateConfiguration", "s3:PutAccelerateConfiguration"},
    .parse = parse_schema<kAccelerateSchema>,
    .settle = settle_accelerate,
    .initial = [] { return empty_document("AccelerateConfiguration"); },
};

// --- encryption

constexpr std::array<std::string_view, 3> kSseAlgorithms{"AES256", "aws:kms", "aws:kms:dsse"};
constexpr std::array kSseByDefault{
    SchemaElement{.name = "SSEAlgorithm", .kind = Kind::Choice, .values = kSseAlgorithms},
    SchemaElement{.name = "KMSMasterKeyID", .at_least = 0}};
constexpr std::array<std::string_view, 2> kBlockableTypes{"NONE", "SSE-C"};
constexpr std::array kBlockedTypes{SchemaElement{
    .name = "EncryptionType", .kind = Kind::Choice, .at_most = 2, .values = kBlockableTypes}};
constexpr std::array kEncryptionRule{
    SchemaElement{
        .name = "ApplyServerSideEncryptionByDefault",
        .kind = Kind::Group,
        .at_least = 0,
        .children = kSseByDefault},
    flag("BucketKeyEnabled"),
    SchemaElement{
        .name = "BlockedEncryptionTypes",
        .kind = Kind::Group,
        .at_least = 0,
        .children = kBlockedTypes}};
constexpr std::array kEncryptionRules{
    SchemaElement{.name = "Rule", .kind = Kind::Group, .children = kEncryptionRule}};
constexpr SchemaElement kEncryptionSchema{
    .name = "ServerSideEncryptionConfiguration", .kind = Kind::Group, .children = kEncryptionRules};

// Shown by GET also when it was not given.
std::string with_bucket_key(std::string document) {
    constexpr std::string_view kFlag = "<BucketKeyEnabled>";
    constexpr std::string_view kDefault = "</ApplyServerSideEncryptionByDefault>";
    const auto at = document.find(kDefault);
    if (document.find(kFlag) == std::string::npos && at != std::string::npos) {
        document.insert(at + kDefault.size(), "<BucketKeyEnabled>false</BucketKeyEnabled>");
    }
    return document;
}

Result<std::string> settle_default_encryption(const DocumentContext&, std::string document) {
    constexpr std::string_view kDefault = "Rule/ApplyServerSideEncryptionByDefault/";
    const std::string algorithm = text_at(document, std::string(kDefault) + "SSEAlgorithm");
    const std::string key = text_at(document, std::string(kDefault) + "KMSMasterKeyID");
    if (algorithm.starts_with("aws:kms")) {
        return operation_not_implemented("PutBucketEncryption with " + algorithm);
    }
    if (!key.empty()) {
        return invalid_argument("a KMSMasterKeyID is not applicable if the default sse algorithm "
                                "is not aws:kms or aws:kms:dsse")
            .with("ArgumentName", "ApplyServerSideEncryptionByDefault");
    }
    return with_bucket_key(std::move(document));
}

// SSE-S3, and since April 2026 no SSE-C ("Default SSE-C setting for new buckets FAQ").
std::string initial_encryption() {
    protocol::XmlWriter xml;
    xml.open("ServerSideEncryptionConfiguration", kXmlNamespace);
    xml.open("Rule");
    xml.open("ApplyServerSideEncryptionByDefault").element("SSEAlgorithm", "AES256").close();
    xml.element("BucketKeyEnabled", false);
    xml.open("BlockedEncryptionTypes").element("EncryptionType", "SSE-C").close();
    xml.close();
    xml.close();
    return std::move(xml).take();
}

constexpr BucketDocument kEncryption{
    .selector = "encryption",
    .get = {"GetBucketEncryption", "s3:GetEncryptionConfiguration"},
    .put = {"PutBucketEncryption", "s3:PutEncryptionConfiguration"},
    .remove = {"DeleteBucketEncryption", "s3:PutEncryptionConfiguration"},
    .parse = parse_schema<kEncryptionSchema>,
    .settle = settle_default_encryption,
    .initial = initial_encryption,
    .delete_restores = true,
};

// --- logging

constexpr std::array<std::string_view, 3> kLogPermissions{"FULL_CONTROL", "READ", "WRITE"};
constexpr std::array kLogGrant{
    SchemaElement{.name = "Grantee", .kind = Kind::Grantee},
    SchemaElement{.name = "Permission", .kind = Kind::Choice, .values = kLogPermissions}};
constexpr std::array kLogGrants{SchemaElement{
    .name = "Grant",
    .kind = Kind::Group,
    .at_least = 0,
    .at_most = kGrantsMax,
    .children = kLogGrant}};
constexpr std::array<std::string_view, 2> kDateSources{"EventTime", "DeliveryTime"};
constexpr std::array kPartitionedPrefix{SchemaElement{
    .name = "PartitionDateSource", .kind = Kind::Choice, .at_least = 0, .values = kDateSources}};
constexpr std::array kKeyFormat{
    SchemaElement{.name = "SimplePrefix", .kind = Kind::Group, .at_least = 0},
    SchemaElement{
        .name = "PartitionedPrefix",
        .kind = Kind::Group,
        .at_least = 0,
        .children = kPartitionedPrefix}};
constexpr std::array kLoggingEnabled{
    SchemaElement{.name = "TargetBucket"},
    SchemaElement{
        .name = "TargetGrants", .kind = Kind::Group, .at_least = 0, .children = kLogGrants},
    SchemaElement{.name = "TargetPrefix"},
    SchemaElement{
        .name = "TargetObjectKeyFormat",
        .kind = Kind::Group,
        .at_least = 0,
        .children = kKeyFormat}};
constexpr std::array kLoggingElements{SchemaElement{
    .name = "LoggingEnabled", .kind = Kind::Group, .at_least = 0, .children = kLoggingEnabled}};
constexpr SchemaElement kLoggingSchema{
    .name = "BucketLoggingStatus", .kind = Kind::Group, .children = kLoggingElements};

AwsError invalid_target(std::string_view message, std::string_view target) {
    return s3_error(400, "InvalidTargetBucketForLogging", message).with("TargetBucket", target);
}

// us-east-1's buckets do not say where they are (recorded).
AwsError cross_location(const store::Bucket& source, const store::Bucket& target) {
    AwsError error =
        s3_error(403, "CrossLocationLoggingProhibitted", "Cross S3 location logging not allowed. ");
    if (source.region != "us-east-1") {
        error.with("SourceBucketLocation", source.region);
    }
    return std::move(error).with("TargetBucketLocation", target.region);
}

Result<std::string> settle_logging(const DocumentContext& in, std::string document) {
    const std::string name = text_at(document, "LoggingEnabled/TargetBucket");
    if (document == empty_document("BucketLoggingStatus")) {
        return document;
    }
    const auto target = in.tx.find_bucket(name);
    if (!target) {
        return invalid_target("The target bucket for logging does not exist", name);
    }
    if (target->account != in.bucket.account) {
        return invalid_target(
            "The owner for the bucket to be logged and the target bucket must be "
            "the same.",
            name
        );
    }
    if (target->region != in.bucket.region) {
        return cross_location(in.bucket, *target);
    }
    return document;
}

constexpr BucketDocument kLogging{
    .selector = "logging",
    .get = {"GetBucketLogging", "s3:GetBucketLogging"},
    .put = {"PutBucketLogging", "s3:PutBucketLogging"},
    .parse = parse_schema<kLoggingSchema>,
    .settle = settle_logging,
    .initial = [] { return empty_document("BucketLoggingStatus"); },
};

// --- replication

// Nothing is replicated here, so nothing is kept: only its first rule is looked for.
Result<std::string> parse_replication(std::string_view xml) {
    const auto parsed = protocol::parse_xml(xml);
    if (!parsed || protocol::local_name(parsed->root()) != "ReplicationConfiguration" ||
        !protocol::child(parsed->root(), "Role") || !protocol::child(parsed->root(), "Rule")) {
        return malformed_xml();
    }
    return std::string(xml);
}

Result<std::string> settle_replication(const DocumentContext& in, std::string) {
    if (versioning_of(in.bucket) != Versioning::Enabled) {
        return invalid_request("Versioning must be 'Enabled' on the bucket to apply a replication "
                               "configuration");
    }
    return operation_not_implemented("PutBucketReplication");
}

constexpr BucketDocument kReplication{
    .selector = "replication",
    .get = {"GetBucketReplication", "s3:GetReplicationConfiguration"},
    .put = {"PutBucketReplication", "s3:PutReplicationConfiguration"},
    .remove = {"DeleteBucketReplication", "s3:PutReplicationConfiguration"},
    .parse = parse_replication,
    .settle = settle_replication,
    .missing =
        [](std::string_view bucket) {
            return not_found(
                "ReplicationConfigurationNotFoundError",
                "The replication configuration was not found",
                bucket
            );
        },
};

} // namespace

std::vector<Operation> bucket_document_operations() {
    std::vector<Operation> rows;
    DocumentRows<kTagging>::add(rows);
    DocumentRows<kOwnership>::add(rows);
    DocumentRows<kPublicAccess>::add(rows);
    DocumentRows<kRequestPayment>::add(rows);
    DocumentRows<kEncryption>::add(rows);
    DocumentRows<kLogging>::add(rows);
    DocumentRows<kAccelerate>::add(rows);
    DocumentRows<kReplication>::add(rows);
    return rows;
}

} // namespace benchtop::s3
