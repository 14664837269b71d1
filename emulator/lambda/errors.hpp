// What Lambda answers to a request it refuses. Bodies have two dialects: most say "message", a
// missing resource says "Message"; ValidationException and the size limits name no Type.
// Texts as recorded (localstack snapshots of test_lambda_api and test_lambda, November 2025) unless
// said otherwise.
#pragma once

#include "emulator/core/error.hpp"

#include <string_view>

namespace benchtop::lambda {

AwsError invalid_parameter(std::string_view message);
AwsError validation_failed(std::string_view message); // the whole text
AwsError conflict(std::string_view message);
AwsError not_found(std::string_view message);
AwsError function_not_found(std::string_view arn);
AwsError alias_not_found(std::string_view arn);
// Nobody learns what another account has: the message is null.
AwsError other_account();
AwsError stale_revision(std::string_view get_call); // "GetFunction/GetAlias"
AwsError zipped_too_large();
AwsError create_request_too_large();
AwsError update_request_too_large();
AwsError payload_too_large(); // sync Invoke; text from memory
// In the words of Jackson, which Lambda reads payloads with: the first character that does not fit.
AwsError payload_not_json(std::string_view payload);
// The sentence is the API reference's.
AwsError recursive_invocation();
AwsError throttled(std::string_view reason);

} // namespace benchtop::lambda
