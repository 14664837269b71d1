// Errors of website configurations and of the website endpoint. Texts recorded in 2026, those of
// the codes and of the number of rules as other implementations repeat them from S3.
#pragma once

#include "emulator/s3/errors.hpp"

namespace benchtop::s3 {

AwsError no_such_website_configuration(std::string_view bucket);
// The bucket lives elsewhere; `endpoint` is its website there.
AwsError incorrect_website_endpoint(std::string_view endpoint);

// --- a configuration's: InvalidRequest
AwsError website_protocol_invalid();
AwsError website_replaces_twice();
AwsError website_condition_empty();
AwsError website_redirect_code_invalid(int code);
AwsError website_error_code_invalid(int code);
AwsError website_too_many_rules(std::size_t rules);

} // namespace benchtop::s3
