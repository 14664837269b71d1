// Errors of CORS. Sources: recorded answers (2023 to 2025) of preflights and PutBucketCors; the
// texts about characters and wildcards from public reports of S3's answers.
#pragma once

#include "emulator/s3/errors.hpp"

#include <optional>

namespace benchtop::s3 {

AwsError no_such_cors_configuration(std::string_view bucket);

// --- a preflight's
AwsError cors_origin_missing();
// `method` as sent; nullopt: there was none.
AwsError cors_method_invalid(std::optional<std::string_view> method);
AwsError cors_header_invalid(std::string_view name);
AwsError cors_not_enabled(std::optional<std::string_view> requested_method);
AwsError cors_bucket_not_found();
// No rule matches. `resource_type`: BUCKET or OBJECT.
AwsError cors_not_allowed(std::string_view requested_method, std::string_view resource_type);

// --- a configuration's: InvalidRequest
AwsError cors_method_unsupported(std::string_view method);
// `element`: AllowedOrigin, AllowedHeader or ExposeHeader.
AwsError cors_many_wildcards(std::string_view element, std::string_view value);
AwsError cors_invalid_character(std::string_view element, std::string_view value);
AwsError cors_expose_wildcard(std::string_view value);

} // namespace benchtop::s3
