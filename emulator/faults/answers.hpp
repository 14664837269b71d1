// The answers AWS gives when a fault lets it answer at all, in the service's own dialect.
#pragma once

#include "emulator/core/http.hpp"
#include "emulator/core/time.hpp"
#include "emulator/faults/faults.hpp"
#include "emulator/ports/random.hpp"

namespace benchtop::faults {

// Error, Throttle and ExpiredCredentials only. S3: "Error responses" (InternalError 500,
// ServiceUnavailable and SlowDown 503, ExpiredToken 400); Lambda and the other JSON services:
// "Common errors".
Response answer_of(
    const Fault& fault, std::string_view service, Random& random, UtcInstant now, bool is_head
);

} // namespace benchtop::faults
