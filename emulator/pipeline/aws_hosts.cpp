#include "emulator/pipeline/aws_hosts.hpp"

#include "emulator/apigateway/gateway.hpp"
#include "emulator/core/encoding.hpp"
#include "emulator/core/http.hpp"
#include "emulator/s3/target.hpp"
#include "emulator/s3/website.hpp"

#include <algorithm>

namespace benchtop::pipeline {
namespace {

constexpr std::size_t kHostBytesMax = 253;
constexpr std::size_t kLabelBytesMax = 63;
constexpr std::string_view kAwsDomain = ".amazonaws.com";

std::string_view host_without_port(std::string_view host) {
    if (host.starts_with('[')) {
        return host.substr(0, host.find(']') + 1);
    }
    return host.substr(0, host.find(':'));
}

bool is_label(std::string_view label) {
    return !label.empty() && label.size() <= kLabelBytesMax &&
           std::all_of(label.begin(), label.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
           });
}

// Lower-case letters, digits, '-', '_' (old buckets) and single dots: what may stand in a
// certificate.
bool is_host_name(std::string_view name) {
    if (name.size() > kHostBytesMax) {
        return false;
    }
    for (;;) {
        const auto dot = name.find('.');
        if (!is_label(name.substr(0, dot))) {
            return false;
        }
        if (dot == std::string_view::npos) {
            return true;
        }
        name.remove_prefix(dot + 1);
    }
}

// "us-east-2", "us-gov-west-1".
bool is_region(std::string_view label) {
    const auto dash = label.rfind('-');
    return dash != std::string_view::npos && label.find('-') != dash &&
           label.find('.') == std::string_view::npos && dash + 1 < label.size() &&
           label.find_first_not_of("0123456789", dash + 1) == std::string_view::npos;
}

bool is_s3(const std::string& name) {
    if (name == "s3.amazonaws.com" || name == "s3-accelerate.amazonaws.com" ||
        name == "s3-accelerate.dualstack.amazonaws.com") {
        return true;
    }
    RequestHead probe;
    probe.target = "/";
    probe.headers.add("Host", name);
    const auto target = s3::resolve_target(probe);
    return target && (!target->bucket.empty() || target->endpoint_region);
}

// SERVICE or SERVICE.REGION before the domain; else "".
std::string_view service_of_labels(std::string_view labels) {
    const auto dot = labels.find('.');
    if (dot == std::string_view::npos || is_region(labels.substr(dot + 1))) {
        return labels.substr(0, dot);
    }
    return {};
}

} // namespace

HostKind host_kind(std::string_view host) {
    if (host.empty()) {
        return HostKind::Foreign;
    }
    const std::string name = to_lower(host_without_port(host));
    if (is_local_host(name)) {
        return HostKind::Local;
    }
    if (!is_host_name(name)) {
        return HostKind::Foreign;
    }
    if (name.ends_with(".localhost")) {
        return HostKind::Local;
    }
    if (!name.ends_with(kAwsDomain)) {
        return HostKind::Foreign;
    }
    if (apigateway::api_address(name)) {
        return HostKind::HttpApi;
    }
    if (s3::website_address(name)) {
        return HostKind::Website;
    }
    if (is_s3(name)) {
        return HostKind::S3;
    }
    const auto labels = std::string_view(name).substr(0, name.size() - kAwsDomain.size());
    return service_of_labels(labels).empty() ? HostKind::Foreign : HostKind::Service;
}

bool has_tls(HostKind kind) {
    return kind != HostKind::Foreign && kind != HostKind::Website;
}

std::string host_service(std::string_view host) {
    if (host_kind(host) != HostKind::Service) {
        return {};
    }
    const std::string name = to_lower(host_without_port(host));
    return name.substr(0, name.find('.'));
}

std::string host_region(std::string_view host) {
    if (host_kind(host) != HostKind::Service) {
        return {};
    }
    const std::string name = to_lower(host_without_port(host));
    const auto labels = std::string_view(name).substr(0, name.size() - kAwsDomain.size());
    const auto dot = labels.find('.');
    return dot == std::string_view::npos ? std::string() : std::string(labels.substr(dot + 1));
}

bool is_local_host(std::string_view host) {
    const std::string_view name = host_without_port(host);
    return name.empty() || iequals(name, "localhost") || name == "127.0.0.1" || name == "[::1]";
}

} // namespace benchtop::pipeline
