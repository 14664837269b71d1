// Which bucket and key a request means: Host header and path (AWS: "Methods for accessing a general
// purpose bucket"), and the local names beside AWS's own.
#pragma once

#include "emulator/core/http.hpp"
#include "emulator/core/result.hpp"

#include <optional>
#include <string>

namespace benchtop::s3 {

enum class AddressStyle { Path, VirtualHost };

struct Target {
    AddressStyle style = AddressStyle::Path;
    std::string bucket; // "" for the service itself
    std::string key;    // decoded; "" for the bucket
    // Region named by the host (s3.us-east-2.amazonaws.com). nullopt: a host without a region
    // (s3.amazonaws.com, localhost), where the region of the credential scope is taken as the
    // endpoint's.
    std::optional<std::string> endpoint_region;
};

// True when the Host header is one S3 answers to in virtual-host or service form, or a plain local
// name/IP. Errors: 400 for a path that climbs above the root or cannot be decoded, KeyTooLongError,
// InvalidBucketName is left to the operation.
Result<Target> resolve_target(const RequestHead& head);

} // namespace benchtop::s3
