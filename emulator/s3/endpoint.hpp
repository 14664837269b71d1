// What the name of an S3 endpoint demands beyond bucket and key ("Regions, endpoints and virtual
// hosting", "Configuring fast, secure file transfers using Transfer Acceleration", Amazon S3 User
// Guide).
#pragma once

#include "emulator/core/http.hpp"
#include "emulator/core/result.hpp"
#include "emulator/s3/target.hpp"
#include "emulator/store/rows.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace benchtop::s3 {

// Region of the endpoint a request for an existing bucket was sent to: that of the host's name, and
// us-east-1 for "s3.amazonaws.com/BUCKET"; nullopt: every region's.
std::optional<std::string> endpoint_region(const RequestHead& head, const Target& target);

// BUCKET.s3-accelerate.amazonaws.com works when the bucket has it enabled. InvalidRequest.
Result<void> check_accelerate_endpoint(
    const RequestHead& head, const Target& target, const store::Bucket* bucket
);

} // namespace benchtop::s3
