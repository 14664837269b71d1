// Inventory, analytics, metrics and intelligent-tiering configurations: their schemas and rules.
// Amazon S3 API Reference, the operations of each name; refusals recorded.
#include "emulator/s3/document_schema.hpp"
#include "emulator/s3/errors.hpp"
#include "emulator/s3/keyed_document.hpp"

#include <array>

namespace benchtop::s3 {
namespace {

using Kind = SchemaElement::Kind;

template <const SchemaElement& kSchema>
Result<std::string> parse_schema(std::string_view xml) {
    return parse_by_schema(kSchema, xml);
}

constexpr SchemaElement
group(std::string_view name, std::span<const SchemaElement> children, std::size_t at_least = 1) {
    return {.name = name, .kind = Kind::Group, .at_least = at_least, .children = children};
}

constexpr SchemaElement choice(std::string_view name, std::span<const std::string_view> values) {
    return {.name = name, .kind = Kind::Choice, .values = values};
}

constexpr SchemaElement optional_text(std::string_view name) {
    return {.name = name, .at_least = 0};
}

constexpr SchemaElement text(std::string_view name) {
    return {.name = name};
}

constexpr std::size_t kTagsInFilterMax = 10;

constexpr std::array kTag{text("Key"), text("Value")};
constexpr SchemaElement kOptionalTag = group("Tag", kTag, 0);
constexpr SchemaElement kManyTags{
    .name = "Tag",
    .kind = Kind::Group,
    .at_least = 0,
    .at_most = kTagsInFilterMax,
    .children = kTag};
constexpr std::array kFilterAnd{
    optional_text("Prefix"), optional_text("AccessPointArn"), kManyTags};
constexpr std::array kFilter{
    optional_text("Prefix"),
    optional_text("AccessPointArn"),
    kOptionalTag,
    group("And", kFilterAnd, 0)};

// --- inventory

constexpr std::array<std::string_view, 3> kInventoryFormats{"CSV", "ORC", "Parquet"};
constexpr std::array<std::string_view, 2> kFrequencies{"Daily", "Weekly"};
constexpr std::array<std::string_view, 2> kIncludedVersions{"All", "Current"};
constexpr std::array<std::string_view, 16> kInventoryFields{
    "Size",
    "LastModifiedDate",
    "StorageClass",
    "ETag",
    "IsMultipartUploaded",
    "ReplicationStatus",
    "EncryptionStatus",
    "ObjectLockRetainUntilDate",
    "ObjectLockMode",
    "ObjectLockLegalHoldStatus",
    "IntelligentTieringAccessTier",
    "BucketKeyStatus",
    "ChecksumAlgorithm",
    "ObjectAccessControlList",
    "ObjectOwner",
    "LifecycleExpirationDate"};
constexpr std::array kKmsKey{text("KeyId")};
constexpr std::array kInventoryEncryption{group("SSE-KMS", kKmsKey, 0), group("SSE-S3", {}, 0)};
constexpr std::array kInventoryBucket{
    optional_text("AccountId"),
    text("Bucket"),
    choice("Format", kInventoryFormats),
    optional_text("Prefix"),
    group("Encryption", kInventoryEncryption, 0)};
constexpr std::array kInventoryDestination{group("S3BucketDestination", kInventoryBucket)};
constexpr std::array kPrefix{text("Prefix")};
constexpr std::array kFields{SchemaElement{
    .name = "Field",
    .kind = Kind::Choice,
    .at_least = 0,
    .at_most = kInventoryFields.size(),
    .values = kInventoryFields}};
constexpr std::array kSchedule{choice("Frequency", kFrequencies)};
constexpr std::array kInventory{
    group("Destination", kInventoryDestination),
    SchemaElement{.name = "IsEnabled", .kind = Kind::Boolean},
    group("Filter", kPrefix, 0),
    text("Id"),
    choice("IncludedObjectVersions", kIncludedVersions),
    group("OptionalFields", kFields, 0),
    group("Schedule", kSchedule)};
constexpr SchemaElement kInventorySchema = group("InventoryConfiguration", kInventory);

Result<void> check_inventory(std::string_view document) {
    if (!text_at(document, "Destination/S3BucketDestination/Bucket").starts_with("arn:aws:s3:::")) {
        return s3_error(400, "InvalidS3DestinationBucket", "Invalid bucket ARN.");
    }
    return {};
}

constexpr KeyedDocument kInventoryDocument{
    .selector = "inventory",
    .list_root = "ListInventoryConfigurationsResult",
    .get = {"GetBucketInventoryConfiguration", "s3:GetInventoryConfiguration"},
    .put = {"PutBucketInventoryConfiguration", "s3:PutInventoryConfiguration"},
    .remove = {"DeleteBucketInventoryConfiguration", "s3:PutInventoryConfiguration"},
    .list = {"ListBucketInventoryConfigurations", "s3:GetInventoryConfiguration"},
    .parse = parse_schema<kInventorySchema>,
    .other_id =
        [] {
            return s3_error(
                400, "IdMismatch", "Document ID does not match the specified configuration ID."
            );
        },
    .check = check_inventory,
};

// --- analytics

constexpr std::array<std::string_view, 1> kAnalyticsFormats{"CSV"};
constexpr std::array<std::string_view, 1> kAnalyticsVersions{"V_1"};
constexpr std::array kAnalyticsBucket{
    choice("Format", kAnalyticsFormats),
    optional_text("BucketAccountId"),
    text("Bucket"),
    optional_text("Prefix")};
constexpr std::array kAnalyticsDestination{group("S3BucketDestination", kAnalyticsBucket)};
constexpr std::array kDataExport{
    choice("OutputSchemaVersion", kAnalyticsVersions), group("Destination", kAnalyticsDestination)};
constexpr std::array kStorageClassAnalysis{group("DataExport", kDataExport, 0)};
constexpr std::array kAnalytics{
    text("Id"), group("Filter", kFilter, 0), group("StorageClassAnalysis", kStorageClassAnalysis)};
constexpr SchemaElement kAnalyticsSchema = group("AnalyticsConfiguration", kAnalytics);

constexpr KeyedDocument kAnalyticsDocument{
    .selector = "analytics",
    .list_root = "ListBucketAnalyticsConfigurationResult",
    .get = {"GetBucketAnalyticsConfiguration", "s3:GetAnalyticsConfiguration"},
    .put = {"PutBucketAnalyticsConfiguration", "s3:PutAnalyticsConfiguration"},
    .remove = {"DeleteBucketAnalyticsConfiguration", "s3:PutAnalyticsConfiguration"},
    .list = {"ListBucketAnalyticsConfigurations", "s3:GetAnalyticsConfiguration"},
    .parse = parse_schema<kAnalyticsSchema>,
    .other_id = malformed_xml,
};

// --- metrics

constexpr std::array kMetrics{text("Id"), group("Filter", kFilter, 0)};
constexpr SchemaElement kMetricsSchema = group("MetricsConfiguration", kMetrics);

constexpr KeyedDocument kMetricsDocument{
    .selector = "metrics",
    .list_root = "ListMetricsConfigurationsResult",
    .get = {"GetBucketMetricsConfiguration", "s3:GetMetricsConfiguration"},
    .put = {"PutBucketMetricsConfiguration", "s3:PutMetricsConfiguration"},
    .remove = {"DeleteBucketMetricsConfiguration", "s3:PutMetricsConfiguration"},
    .list = {"ListBucketMetricsConfigurations", "s3:GetMetricsConfiguration"},
    .parse = parse_schema<kMetricsSchema>,
    .other_id = malformed_xml,
};

// --- intelligent-tiering

constexpr std::array<std::string_view, 2> kStates{"Enabled", "Disabled"};
constexpr std::array<std::string_view, 2> kTiers{"ARCHIVE_ACCESS", "DEEP_ARCHIVE_ACCESS"};
constexpr std::array kTiering{
    SchemaElement{.name = "Days", .kind = Kind::Integer}, choice("AccessTier", kTiers)};
constexpr std::array kIntelligentTiering{
    text("Id"),
    group("Filter", kFilter, 0),
    choice("Status", kStates),
    SchemaElement{
        .name = "Tiering", .kind = Kind::Group, .at_most = kTiers.size(), .children = kTiering}};
constexpr SchemaElement kIntelligentTieringSchema =
    group("IntelligentTieringConfiguration", kIntelligentTiering);

constexpr KeyedDocument kIntelligentTieringDocument{
    .selector = "intelligent-tiering",
    .list_root = "ListBucketIntelligentTieringConfigurationsOutput",
    .get = {"GetBucketIntelligentTieringConfiguration", "s3:GetIntelligentTieringConfiguration"},
    .put = {"PutBucketIntelligentTieringConfiguration", "s3:PutIntelligentTieringConfiguration"},
    .remove =
        {"DeleteBucketIntelligentTieringConfiguration", "s3:PutIntelligentTieringConfiguration"},
    .list = {"ListBucketIntelligentTieringConfigurations", "s3:GetIntelligentTieringConfiguration"},
    .parse = parse_schema<kIntelligentTieringSchema>,
    .other_id = malformed_xml,
};

} // namespace

std::vector<Operation> keyed_document_operations() {
    std::vector<Operation> rows;
    KeyedRows<kInventoryDocument>::add(rows);
    KeyedRows<kAnalyticsDocument>::add(rows);
    KeyedRows<kMetricsDocument>::add(rows);
    KeyedRows<kIntelligentTieringDocument>::add(rows);
    return rows;
}

} // namespace benchtop::s3
