#include "emulator/s3/endpoint.hpp"

#include "emulator/core/encoding.hpp"
#include "emulator/s3/errors.hpp"

namespace benchtop::s3 {
namespace {

std::string host_name(const RequestHead& head) {
    const std::string_view host = trim(head.host());
    return to_lower(host.substr(0, host.find(':')));
}

bool is_accelerate(std::string_view host) {
    for (const std::string_view name :
         {"s3-accelerate.amazonaws.com", "s3-accelerate.dualstack.amazonaws.com"}) {
        if (host == name || host.ends_with('.' + std::string(name))) {
            return true;
        }
    }
    return false;
}

} // namespace

std::optional<std::string> endpoint_region(const RequestHead& head, const Target& target) {
    if (target.endpoint_region) {
        return target.endpoint_region;
    }
    if (target.style == AddressStyle::Path && host_name(head) == "s3.amazonaws.com") {
        return "us-east-1";
    }
    return std::nullopt;
}

Result<void> check_accelerate_endpoint(
    const RequestHead& head, const Target& target, const store::Bucket* bucket
) {
    if (!is_accelerate(host_name(head))) {
        return {};
    }
    if (target.style == AddressStyle::Path) {
        return invalid_request(
            "The Amazon S3 Transfer Acceleration endpoint supports only virtual style requests."
        );
    }
    if (bucket == nullptr) {
        return {}; // NoSuchBucket is said elsewhere
    }
    const auto document = bucket->setting("accelerate");
    if (!document) {
        return invalid_request("S3 Transfer Acceleration is not configured on this bucket");
    }
    if (document->find("<Status>Enabled</Status>") == std::string_view::npos) {
        return invalid_request("S3 Transfer Acceleration is disabled on this bucket");
    }
    return {};
}

} // namespace benchtop::s3
