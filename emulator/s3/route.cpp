// From method, level and selectors to AWS's operation. The list below is what AWS has; what
// Benchtop has of it is operations(). Source of names and methods: Amazon S3 API Reference,
// "Actions", and botocore 1.43, service model of s3; of refusals: recordings of the methods and
// selectors of general purpose buckets.
#include "emulator/core/encoding.hpp"
#include "emulator/s3/errors.hpp"
#include "emulator/s3/operation.hpp"

#include <algorithm>
#include <set>

namespace benchtop::s3 {
namespace {

// The names under which AWS documents what a sub-resource's methods do; "" where there is none.
struct SubResource {
    Level level;
    std::string_view selector;
    std::string_view get;
    std::string_view put;
    std::string_view post;
    std::string_view remove; // DELETE
};

constexpr SubResource kSubResources[] = {
    {Level::Bucket, "abac", "GetBucketAbac", "PutBucketAbac", "", ""},
    {Level::Bucket,
     "accelerate",
     "GetBucketAccelerateConfiguration",
     "PutBucketAccelerateConfiguration",
     "",
     ""},
    {Level::Bucket, "acl", "GetBucketAcl", "PutBucketAcl", "", ""},
    {Level::Bucket,
     "analytics",
     "GetBucketAnalyticsConfiguration",
     "PutBucketAnalyticsConfiguration",
     "",
     "DeleteBucketAnalyticsConfiguration"},
    {Level::Bucket, "cors", "GetBucketCors", "PutBucketCors", "", "DeleteBucketCors"},
    {Level::Bucket, "delete", "", "", "DeleteObjects", ""},
    {Level::Bucket,
     "encryption",
     "GetBucketEncryption",
     "PutBucketEncryption",
     "",
     "DeleteBucketEncryption"},
    {Level::Bucket,
     "intelligent-tiering",
     "GetBucketIntelligentTieringConfiguration",
     "PutBucketIntelligentTieringConfiguration",
     "",
     "DeleteBucketIntelligentTieringConfiguration"},
    {Level::Bucket,
     "inventory",
     "GetBucketInventoryConfiguration",
     "PutBucketInventoryConfiguration",
     "",
     "DeleteBucketInventoryConfiguration"},
    {Level::Bucket,
     "lifecycle",
     "GetBucketLifecycleConfiguration",
     "PutBucketLifecycleConfiguration",
     "",
     "DeleteBucketLifecycle"},
    {Level::Bucket, "location", "GetBucketLocation", "", "", ""},
    {Level::Bucket, "logging", "GetBucketLogging", "PutBucketLogging", "", ""},
    {Level::Bucket,
     "metadataAnnotationTable",
     "",
     "UpdateBucketMetadataAnnotationTableConfiguration",
     "",
     ""},
    {Level::Bucket,
     "metadataConfiguration",
     "GetBucketMetadataConfiguration",
     "",
     "CreateBucketMetadataConfiguration",
     "DeleteBucketMetadataConfiguration"},
    {Level::Bucket,
     "metadataInventoryTable",
     "",
     "UpdateBucketMetadataInventoryTableConfiguration",
     "",
     ""},
    {Level::Bucket,
     "metadataJournalTable",
     "",
     "UpdateBucketMetadataJournalTableConfiguration",
     "",
     ""},
    {Level::Bucket,
     "metadataTable",
     "GetBucketMetadataTableConfiguration",
     "",
     "CreateBucketMetadataTableConfiguration",
     "DeleteBucketMetadataTableConfiguration"},
    {Level::Bucket,
     "metrics",
     "GetBucketMetricsConfiguration",
     "PutBucketMetricsConfiguration",
     "",
     "DeleteBucketMetricsConfiguration"},
    {Level::Bucket,
     "notification",
     "GetBucketNotificationConfiguration",
     "PutBucketNotificationConfiguration",
     "",
     ""},
    {Level::Bucket,
     "object-lock",
     "GetObjectLockConfiguration",
     "PutObjectLockConfiguration",
     "",
     ""},
    {Level::Bucket,
     "ownershipControls",
     "GetBucketOwnershipControls",
     "PutBucketOwnershipControls",
     "",
     "DeleteBucketOwnershipControls"},
    {Level::Bucket, "policy", "GetBucketPolicy", "PutBucketPolicy", "", "DeleteBucketPolicy"},
    {Level::Bucket, "policyStatus", "GetBucketPolicyStatus", "", "", ""},
    {Level::Bucket,
     "publicAccessBlock",
     "GetPublicAccessBlock",
     "PutPublicAccessBlock",
     "",
     "DeletePublicAccessBlock"},
    {Level::Bucket,
     "replication",
     "GetBucketReplication",
     "PutBucketReplication",
     "",
     "DeleteBucketReplication"},
    {Level::Bucket, "requestPayment", "GetBucketRequestPayment", "PutBucketRequestPayment", "", ""},
    {Level::Bucket, "tagging", "GetBucketTagging", "PutBucketTagging", "", "DeleteBucketTagging"},
    {Level::Bucket, "uploads", "ListMultipartUploads", "", "", ""},
    {Level::Bucket, "versioning", "GetBucketVersioning", "PutBucketVersioning", "", ""},
    {Level::Bucket, "versions", "ListObjectVersions", "", "", ""},
    {Level::Bucket, "website", "GetBucketWebsite", "PutBucketWebsite", "", "DeleteBucketWebsite"},

    {Level::Object, "acl", "GetObjectAcl", "PutObjectAcl", "", ""},
    {Level::Object,
     "annotation",
     "GetObjectAnnotation",
     "PutObjectAnnotation",
     "",
     "DeleteObjectAnnotation"},
    {Level::Object, "attributes", "GetObjectAttributes", "", "", ""},
    {Level::Object, "encryption", "", "UpdateObjectEncryption", "", ""},
    {Level::Object, "legal-hold", "GetObjectLegalHold", "PutObjectLegalHold", "", ""},
    // The location of a key is its bucket's (recorded).
    {Level::Object, "location", "GetBucketLocation", "", "", ""},
    // Of directory buckets; without it a rename would write an empty object.
    {Level::Object, "renameObject", "", "RenameObject", "", ""},
    {Level::Object, "restore", "", "", "RestoreObject", ""},
    {Level::Object, "retention", "GetObjectRetention", "PutObjectRetention", "", ""},
    {Level::Object, "select", "", "", "SelectObjectContent", ""},
    {Level::Object, "tagging", "GetObjectTagging", "PutObjectTagging", "", "DeleteObjectTagging"},
    {Level::Object, "torrent", "GetObjectTorrent", "", "", ""},
    {Level::Object, "uploadId", "ListParts", "", "CompleteMultipartUpload", "AbortMultipartUpload"},
    {Level::Object, "uploads", "", "", "CreateMultipartUpload", ""},
};

// A GET that does not name one lists what there are many of.
struct List {
    Level level;
    std::string_view selector;
    std::string_view one; // the parameter that names one
    std::string_view name;
};

constexpr List kLists[] = {
    {Level::Bucket, "analytics", "id", "ListBucketAnalyticsConfigurations"},
    {Level::Bucket, "intelligent-tiering", "id", "ListBucketIntelligentTieringConfigurations"},
    {Level::Bucket, "inventory", "id", "ListBucketInventoryConfigurations"},
    {Level::Bucket, "metrics", "id", "ListBucketMetricsConfigurations"},
    {Level::Object, "annotation", "annotationName", "ListObjectAnnotations"},
};

std::string_view list_of(Level level, std::string_view selector, const Query& query) {
    for (const auto& list : kLists) {
        if (list.level == level && list.selector == selector && !query.has(list.one)) {
            return list.name;
        }
    }
    return {};
}

constexpr std::string_view kCopySource = "x-amz-copy-source";

std::string_view of_method(const SubResource& row, std::string_view method) {
    if (method == "GET") {
        return row.get;
    }
    if (method == "PUT") {
        return row.put;
    }
    if (method == "POST") {
        return row.post;
    }
    return method == "DELETE" ? row.remove : std::string_view{};
}

// In the order AWS prints; of both levels together, as recorded for "HEAD /bucket?uploads".
std::string allowed_methods(std::string_view selector) {
    std::string allow;
    for (const std::string_view method : {"DELETE", "POST", "GET", "PUT"}) {
        const bool known = std::ranges::any_of(kSubResources, [&](const SubResource& row) {
            return row.selector == selector && !of_method(row, method).empty();
        });
        if (known) {
            allow += allow.empty() ? "" : ", ";
            allow += method;
        }
    }
    return allow;
}

std::string_view resource_type(Level level) {
    switch (level) {
    case Level::Service:
        return "SERVICE";
    case Level::Bucket:
        return "BUCKET";
    case Level::Object:
        break;
    }
    return "OBJECT";
}

Level level_of(const Target& target) {
    if (target.bucket.empty()) {
        return Level::Service;
    }
    return target.key.empty() ? Level::Bucket : Level::Object;
}

bool is_selector(std::string_view name) {
    return std::ranges::any_of(kSubResources, [&](const SubResource& row) {
        return row.selector == name;
    });
}

// The one sub-resource the query selects; "" for none.
Result<std::string_view> selected(const Query& query) {
    std::set<std::string_view> names;
    for (const auto& parameter : query.parameters()) {
        if (is_selector(parameter.name)) {
            names.insert(parameter.name);
        }
    }
    if (names.size() < 2) {
        return names.empty() ? std::string_view{} : *names.begin();
    }
    std::string list;
    for (const auto name : names) {
        list += list.empty() ? "" : ", ";
        list += name;
    }
    return conflicting_query_parameters(list, *names.begin());
}

std::optional<std::string_view> copy_source(const RequestHead& head, const Query& query) {
    if (const auto value = head.headers.find(kCopySource)) {
        return value;
    }
    return query.has("X-Amz-Signature") ? query.find(kCopySource) : std::nullopt;
}

Result<std::string_view> name_in_sub_resource(
    std::string_view method, Level level, std::string_view selector, const Query& query, bool copies
) {
    if (selector == "uploadId" && level == Level::Object && method == "PUT") {
        if (query.has("partNumber")) {
            return copies ? "UploadPartCopy" : "UploadPart";
        }
        return method_not_allowed(method, "OBJECT", allowed_methods(selector));
    }
    if (level == Level::Object && method == "GET" && selector == "versions") {
        return invalid_request("There is no such thing as the ?versions sub-resource for a key");
    }
    if (level == Level::Object && method == "GET" && selector == "uploads") {
        return invalid_request("Key is not expected for the GET method ?uploads subresource");
    }
    if (method == "GET") {
        if (const auto name = list_of(level, selector, query); !name.empty()) {
            return name;
        }
    }
    for (const auto& row : kSubResources) {
        if (row.level == level && row.selector == selector) {
            if (const auto name = of_method(row, method); !name.empty()) {
                return name;
            }
        }
    }
    return method_not_allowed(method, resource_type(level), allowed_methods(selector));
}

Result<std::string_view>
name_in_bucket(const RequestHead& head, std::string_view method, const Query& query) {
    if (method == "GET") {
        return query.get("list-type") == "2" ? "ListObjectsV2" : "ListObjects";
    }
    if (method == "HEAD") {
        return "HeadBucket";
    }
    if (method == "PUT") {
        return "CreateBucket";
    }
    if (method == "DELETE") {
        return "DeleteBucket";
    }
    const std::string type = to_lower(head.headers.get("content-type"));
    if (type.starts_with("multipart/form-data")) {
        return "PostObject";
    }
    return post_is_not_a_form();
}

Result<std::string_view> name_in_object(std::string_view method, const Query& query, bool copies) {
    if (method == "GET") {
        return "GetObject";
    }
    if (method == "HEAD") {
        return "HeadObject";
    }
    if (method == "DELETE") {
        return "DeleteObject";
    }
    if (method == "POST") {
        return method_not_allowed(method, "OBJECT", "HEAD, DELETE, GET, PUT");
    }
    if (const auto part = query.find("partNumber")) {
        return invalid_argument(
            "This operation does not accept partNumber without uploadId", "partNumber", *part
        );
    }
    return copies ? "CopyObject" : "PutObject";
}

Result<std::string_view>
operation_name(const RequestHead& head, const Target& target, const Query& query) {
    const std::string_view method = head.method;
    const Level level = level_of(target);
    if (level == Level::Service) {
        if (method == "GET") {
            return "ListBuckets";
        }
        return method_not_allowed(method, "SERVICE", "GET");
    }
    constexpr std::string_view kMethods[] = {"HEAD", "DELETE", "POST", "GET", "PUT"};
    if (std::ranges::find(kMethods, method) == std::end(kMethods)) {
        return method_not_allowed(method, resource_type(level), "HEAD, DELETE, POST, GET, PUT");
    }
    const auto selector = selected(query);
    if (!selector) {
        return selector.error();
    }
    if (method == "HEAD" && !selector->empty()) {
        return empty_answer(405).header("Allow", allowed_methods(*selector));
    }
    const auto source = copy_source(head, query);
    if (source && method != "PUT") {
        return invalid_argument(
            "You can only specify a copy source header for copy requests.", kCopySource, *source
        );
    }
    if (!selector->empty()) {
        return name_in_sub_resource(method, level, *selector, query, source.has_value());
    }
    return level == Level::Bucket ? name_in_bucket(head, method, query)
                                  : name_in_object(method, query, source.has_value());
}

} // namespace

Result<const Operation*> route(const RequestHead& head, const Target& target, const Query& query) {
    const auto name = operation_name(head, target, query);
    if (!name) {
        return name.error();
    }
    for (const auto& operation : operations()) {
        if (operation.name == *name) {
            return &operation;
        }
    }
    return operation_not_implemented(*name);
}

std::vector<std::string_view> operations_of_aws() {
    std::set<std::string_view> names{
        "CopyObject",
        "CreateBucket",
        "DeleteBucket",
        "DeleteObject",
        "GetObject",
        "HeadBucket",
        "HeadObject",
        "ListBuckets",
        "ListObjects",
        "ListObjectsV2",
        "PostObject",
        "PutObject",
        "UploadPart",
        "UploadPartCopy"};
    for (const auto& row : kSubResources) {
        for (const auto name : {row.get, row.put, row.post, row.remove}) {
            if (!name.empty()) {
                names.insert(name);
            }
        }
    }
    for (const auto& list : kLists) {
        names.insert(list.name);
    }
    return {names.begin(), names.end()};
}

} // namespace benchtop::s3
