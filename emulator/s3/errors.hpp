// S3's errors by name: status, code, message and extra elements in AWS's order ("Error responses",
// Amazon S3 API Reference, and recordings). Whether the connection closes after an error is decided
// here, in s3_error(): it does on 400, 411, 501 and 5xx.
#pragma once

#include "emulator/core/result.hpp"

#include <cstdint>
#include <string_view>

namespace benchtop::s3 {

// Every S3 error is made by this one.
AwsError s3_error(
    int status,
    std::string_view code,
    std::string_view message,
    boost::source_location where = BOOST_CURRENT_LOCATION
);

// An answer of the front end: status and an EMPTY body. Its code() is "", by which renderers know
// it.
AwsError empty_answer(int status);

// --- buckets, keys, versions
AwsError no_such_bucket(std::string_view bucket);
AwsError no_such_key(std::string_view key);
AwsError no_such_version(std::string_view key, std::string_view version_id);
AwsError invalid_version_id(std::string_view version_id);
AwsError invalid_bucket_name(std::string_view bucket);
AwsError bucket_already_exists(std::string_view bucket);
AwsError bucket_already_owned_by_you(std::string_view bucket);
AwsError bucket_not_empty(std::string_view bucket);
AwsError bucket_has_versions(std::string_view bucket); // BucketNotEmpty
AwsError key_too_long(std::size_t size);
AwsError invalid_uri(std::string_view uri);
// The bucket lives in `region`, the request came to another region's endpoint: 301, no Location.
AwsError permanent_redirect(std::string_view bucket, std::string_view region);

// --- arguments and documents
AwsError invalid_argument(
    std::string_view message, std::string_view argument_name, std::string_view argument_value
);
// Without ArgumentName and ArgumentValue.
AwsError invalid_argument(std::string_view message);
AwsError invalid_request(std::string_view message);
AwsError missing_required_header(std::string_view name); // InvalidRequest
AwsError malformed_xml();
AwsError missing_request_body();
AwsError max_message_length_exceeded(std::uint64_t limit);
AwsError invalid_location_constraint(std::string_view constraint);
AwsError illegal_location_constraint(std::string_view constraint); // "unspecified" for none

// --- who may
AwsError access_denied();
AwsError access_denied(std::string_view message);
AwsError access_control_list_not_supported();
AwsError invalid_bucket_owner_account(std::string_view value);

// --- methods
// `resource_type`: SERVICE, BUCKET, OBJECT; `allow`: value of the Allow header.
AwsError
method_not_allowed(std::string_view method, std::string_view resource_type, std::string_view allow);
AwsError post_is_not_a_form(); // 412
AwsError conflicting_query_parameters(std::string_view names, std::string_view first);
// An operation AWS has and Benchtop has not.
AwsError operation_not_implemented(std::string_view operation);
// A header of a known operation asks for something Benchtop has not: NotImplemented + Header.
AwsError header_not_implemented(std::string_view header);
AwsError header_not_implemented(std::string_view header, std::string_view additional_message);

// --- preconditions and ranges
AwsError precondition_failed(std::string_view condition);
AwsError invalid_range(std::string_view requested, std::uint64_t object_size);
AwsError invalid_part_number(std::uint64_t requested, std::uint64_t actual_parts); // 416

// --- bodies
AwsError missing_content_length();
AwsError entity_too_large(std::uint64_t proposed, std::uint64_t maximum);
AwsError incomplete_body(); // "terminated unexpectedly"
AwsError incomplete_body(std::uint64_t expected, std::uint64_t provided);
AwsError invalid_digest(std::string_view content_md5);
// `calculated` is base64; `expected` as S3 prints it for the operation (hex on PutObject, base64 on
// XML bodies).
AwsError bad_digest_md5(std::string_view calculated, std::string_view expected);
AwsError bad_digest_checksum(std::string_view algorithm);
AwsError content_sha256_mismatch(std::string_view client, std::string_view computed);
AwsError malformed_trailer();
AwsError internal_error(std::string_view cause);
AwsError request_timeout();
AwsError request_header_section_too_large(std::uint64_t limit);

// Code of body_vanished(); no client ever sees it.
inline constexpr std::string_view kBodyVanished = "BodyVanished";
// A read found the object's row but no longer its body: whoever runs the read takes a new snapshot
// and runs it again.
AwsError body_vanished();

// --- object attributes
AwsError metadata_too_large(std::size_t size);
AwsError invalid_storage_class(std::string_view requested);
AwsError invalid_object_state(std::string_view storage_class);

// --- sub-resources
AwsError no_such_bucket_policy(std::string_view bucket);
AwsError malformed_policy(std::string_view message);
AwsError no_such_tag_set(std::string_view bucket);

} // namespace benchtop::s3
