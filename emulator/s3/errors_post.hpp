// Errors of POST forms. Sources: recorded answers (2026) and S3's answers quoted in public threads;
// they differ in code and text from the API reference's list.
#pragma once

#include "emulator/s3/errors.hpp"

namespace benchtop::s3 {

AwsError malformed_post_request();
AwsError post_fields_too_large(std::uint64_t limit); // MaxPostPreDataLengthExceeded
AwsError post_needs_one_file(int files);             // InvalidArgument
AwsError post_entity_too_small(std::uint64_t proposed, std::uint64_t minimum);

// --- the policy document is not one: InvalidPolicyDocument, "Invalid Policy: " + flaw
AwsError invalid_policy_document(std::string_view flaw);

// --- the form does not fit the policy: AccessDenied, "Invalid according to Policy: ..."
AwsError post_policy_expired();
// `condition` as the policy writes it; an object's as ["eq", "$name", "value"].
AwsError post_condition_failed(std::string_view condition);
AwsError post_extra_field(std::string_view name);

} // namespace benchtop::s3
