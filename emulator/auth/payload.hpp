// The meaning of x-amz-content-sha256, which depends on how the request is signed.
#pragma once

#include "emulator/auth/verify.hpp"

namespace benchtop::auth {

struct Payload {
    PayloadHash kind = PayloadHash::None;
    std::string_view value; // as sent, trimmed; "" when absent
};

// SigV4 header form: the header is required and must be one of AWS's values.
Result<Payload> payload_of_signed_request(const Headers& headers, bool accepts_body);

// Anonymous: signed streaming cannot be checked, so it is refused.
Result<Payload> payload_of_anonymous_request(const Headers& headers, bool accepts_body);

// Presigned and SigV2: never an error here; STREAMING-* is not decoded, junk is a wrong hash.
Payload payload_of_query_request(std::optional<std::string_view> value);

} // namespace benchtop::auth
