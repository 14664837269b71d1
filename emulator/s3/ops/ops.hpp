// Every operation's row of the table, each defined in the file of that name. operations.cpp puts
// them in README order.
#pragma once

#include "emulator/s3/operation.hpp"

namespace benchtop::s3 {

// --- objects
Operation put_object_operation();
Operation post_object_operation();
Operation get_object_operation();
Operation head_object_operation();
Operation copy_object_operation();
Operation delete_object_operation();
Operation put_object_tagging_operation();
Operation get_object_tagging_operation();
Operation delete_object_tagging_operation();
Operation put_object_acl_operation();
Operation get_object_acl_operation();
Operation get_object_attributes_operation();
Operation get_object_retention_operation();
Operation put_object_retention_operation();
Operation get_object_legal_hold_operation();
Operation put_object_legal_hold_operation();
Operation restore_object_operation();
Operation get_object_torrent_operation();
Operation select_object_content_operation();

// --- multipart uploads
Operation create_multipart_upload_operation();
Operation upload_part_operation();
Operation upload_part_copy_operation();
Operation list_parts_operation();
Operation list_multipart_uploads_operation();
Operation complete_multipart_upload_operation();
Operation abort_multipart_upload_operation();

// --- buckets
Operation create_bucket_operation();
Operation delete_bucket_operation();
Operation head_bucket_operation();
Operation list_buckets_operation();
Operation get_bucket_location_operation();
Operation list_objects_operation();
Operation list_objects_v2_operation();
Operation list_object_versions_operation();
Operation delete_objects_operation();
Operation put_bucket_versioning_operation();
Operation get_bucket_versioning_operation();
Operation put_object_lock_configuration_operation();
Operation get_object_lock_configuration_operation();
Operation put_bucket_notification_configuration_operation();
Operation get_bucket_notification_configuration_operation();
Operation put_bucket_policy_operation();
Operation get_bucket_policy_operation();
Operation delete_bucket_policy_operation();
Operation get_bucket_policy_status_operation();
Operation put_bucket_acl_operation();
Operation get_bucket_acl_operation();
Operation put_bucket_cors_operation();
Operation get_bucket_cors_operation();
Operation delete_bucket_cors_operation();
Operation put_bucket_website_operation();
Operation get_bucket_website_operation();
Operation delete_bucket_website_operation();
Operation put_bucket_lifecycle_configuration_operation();
Operation get_bucket_lifecycle_configuration_operation();
Operation delete_bucket_lifecycle_operation();

} // namespace benchtop::s3
