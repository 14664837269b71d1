// Identifiers in the shapes AWS gives them. All draw from a Random port, so a seed fixes them.
#pragma once

#include "emulator/ports/random.hpp"

#include <string>

namespace benchtop {

// What every S3 answer carries: x-amz-request-id (16 of [0-9A-Z]) and x-amz-id-2 (76 base64 chars).
struct RequestIds {
    std::string request_id;
    std::string host_id;
};

RequestIds make_request_ids(Random& random);
// RFC 4122 version 4, lower case.
std::string make_uuid(Random& random);
// `length` characters of [a-z0-9]: apiId 10, integrationId 7, routeId 7, deploymentId 6.
std::string make_api_id(Random& random, std::size_t length);
// 15 URL-safe base64 characters and '='; the 12th is 'E' in every recording.
std::string make_apigw_request_id(Random& random);
// AIDA/AROA/... + 17 of [A-Z2-7].
std::string make_unique_id(Random& random, std::string_view prefix);
// AKIA/ASIA + 16 of [A-Z2-7], the account number embedded as AWS does.
std::string make_access_key_id(Random& random, std::string_view prefix, std::string_view account);
// 40 characters [A-Za-z0-9+/].
std::string make_secret_key(Random& random);
// Several hundred base64 characters beginning "IQoJb3JpZ2lu".
std::string make_session_token(Random& random);
// "Root=1-8hex-24hex"; the eight digits are the time.
std::string make_trace_root(Random& random, std::int64_t epoch_seconds);
// `bytes` random bytes in lower-case hex.
std::string make_hex(Random& random, std::size_t bytes);

} // namespace benchtop
