// The error documents Lambda makes itself, when a runtime could not: what Invoke answers beside
// X-Amz-Function-Error: Unhandled. Member order errorType, errorMessage as recorded (localstack
// snapshot test_lambda, November 2025).
#pragma once

#include <string>
#include <string_view>

namespace benchtop::functions {

// 6 MiB and the slack of 100 bytes the service grants.
inline constexpr std::size_t kPayloadBytesMax = 6 * 1024 * 1024 + 100;

struct ErrorPayload {
    std::string type; // "Sandbox.Timedout"
    std::string json;
};

ErrorPayload timed_out(std::string_view request_id, int timeout_s);
// `how`: "exit status 127", "signal: aborted"; "" when the process ended without a reason.
ErrorPayload runtime_exit(std::string_view request_id, std::string_view how);
ErrorPayload out_of_memory(std::string_view request_id);
ErrorPayload response_too_large();

// Runtime API and Invoke share the shape with the message first.
std::string error_document(std::string_view message, std::string_view type);
// `text` as a JSON string, quotes included.
std::string json_string(std::string_view text);

} // namespace benchtop::functions
