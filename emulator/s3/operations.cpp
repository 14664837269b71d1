#include "emulator/core/encoding.hpp"
#include "emulator/s3/bucket_document.hpp"
#include "emulator/s3/keyed_document.hpp"
#include "emulator/s3/ops/ops.hpp"

#include <array>

namespace benchtop::s3 {
namespace {

// On presigned requests these may stand in the query instead of a header. Checksums may not: SDKs
// put the checksum of an empty body there, and S3 ignores it (recorded).
bool may_be_hoisted(std::string_view name, int version) {
    const std::string lower = to_lower(name);
    if (lower == "x-amz-checksum-mode" || lower == "x-amz-checksum-algorithm") {
        return true; // no checksum of a body
    }
    if (lower.starts_with("x-amz-checksum-") || lower == "x-amz-sdk-checksum-algorithm") {
        return false;
    }
    // SigV2 does not cover If-Match and If-None-Match in a query.
    return lower.starts_with("x-amz-") ||
           (version == 4 && (lower == "if-match" || lower == "if-none-match"));
}

} // namespace

std::optional<std::string_view> S3Request::header(std::string_view name) const {
    if (const auto value = head.headers.find(name)) {
        return value;
    }
    if (authenticated.type != auth::AuthType::QueryString ||
        !may_be_hoisted(name, authenticated.version)) {
        return std::nullopt;
    }
    for (const auto& parameter : query.parameters()) {
        if (iequals(parameter.name, name)) {
            return parameter.value;
        }
    }
    return std::nullopt;
}

std::span<const Operation> operations() {
    static const std::array table{
        put_object_operation(),
        post_object_operation(),
        get_object_operation(),
        head_object_operation(),
        copy_object_operation(),
        delete_object_operation(),
        put_object_tagging_operation(),
        get_object_tagging_operation(),
        delete_object_tagging_operation(),
        put_object_acl_operation(),
        get_object_acl_operation(),
        get_object_attributes_operation(),
        get_object_retention_operation(),
        put_object_retention_operation(),
        get_object_legal_hold_operation(),
        put_object_legal_hold_operation(),
        restore_object_operation(),
        get_object_torrent_operation(),
        select_object_content_operation(),
        create_multipart_upload_operation(),
        upload_part_operation(),
        upload_part_copy_operation(),
        list_parts_operation(),
        list_multipart_uploads_operation(),
        complete_multipart_upload_operation(),
        abort_multipart_upload_operation(),
        create_bucket_operation(),
        delete_bucket_operation(),
        head_bucket_operation(),
        list_buckets_operation(),
        get_bucket_location_operation(),
        list_objects_operation(),
        list_objects_v2_operation(),
        list_object_versions_operation(),
        delete_objects_operation(),
        put_bucket_versioning_operation(),
        get_bucket_versioning_operation(),
        put_object_lock_configuration_operation(),
        get_object_lock_configuration_operation(),
        put_bucket_notification_configuration_operation(),
        get_bucket_notification_configuration_operation(),
        put_bucket_policy_operation(),
        get_bucket_policy_operation(),
        delete_bucket_policy_operation(),
        get_bucket_policy_status_operation(),
        put_bucket_acl_operation(),
        get_bucket_acl_operation(),
        put_bucket_cors_operation(),
        get_bucket_cors_operation(),
        delete_bucket_cors_operation(),
        put_bucket_website_operation(),
        get_bucket_website_operation(),
        delete_bucket_website_operation(),
        put_bucket_lifecycle_configuration_operation(),
        get_bucket_lifecycle_configuration_operation(),
        delete_bucket_lifecycle_operation(),
    };
    static const std::vector<Operation> all = [] {
        std::vector<Operation> rows(table.begin(), table.end());
        for (const auto& group : {bucket_document_operations(), keyed_document_operations()}) {
            rows.insert(rows.end(), group.begin(), group.end());
        }
        return rows;
    }();
    return all;
}

} // namespace benchtop::s3
