#include "emulator/s3/bucket_name.hpp"

#include "emulator/core/encoding.hpp"

#include <algorithm>
#include <array>

namespace benchtop::s3 {
namespace {

constexpr std::array kReservedPrefixes = std::to_array<std::string_view>({
    "xn--",
    "sthree-",
    "amzn-s3-demo-",
});

constexpr std::array kReservedSuffixes = std::to_array<std::string_view>({
    "-s3alias",
    "--ol-s3",
    ".mrap",
    "--x-s3",
    "--table-s3",
});

// AWS General Reference, "Amazon Simple Storage Service endpoints and quotas".
constexpr std::array kRegions = std::to_array<std::string_view>({
    "af-south-1",     "ap-east-1",      "ap-east-2",      "ap-northeast-1", "ap-northeast-2",
    "ap-northeast-3", "ap-south-1",     "ap-south-2",     "ap-southeast-1", "ap-southeast-2",
    "ap-southeast-3", "ap-southeast-4", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7",
    "ca-central-1",   "ca-west-1",      "cn-north-1",     "cn-northwest-1", "eu-central-1",
    "eu-central-2",   "eu-north-1",     "eu-south-1",     "eu-south-2",     "eu-west-1",
    "eu-west-2",      "eu-west-3",      "il-central-1",   "me-central-1",   "me-south-1",
    "mx-central-1",   "sa-east-1",      "us-east-1",      "us-east-2",      "us-gov-east-1",
    "us-gov-west-1",  "us-west-1",      "us-west-2",
});

bool is_lower_alnum(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

// "192.168.5.4", whatever the numbers.
bool looks_like_ipv4(std::string_view name) {
    int groups = 0;
    while (true) {
        const auto dot = name.find('.');
        const std::string_view group = name.substr(0, dot);
        if (group.empty() || group.size() > 3 || !parse_u64(group)) {
            return false;
        }
        ++groups;
        if (dot == std::string_view::npos) {
            return groups == 4;
        }
        name.remove_prefix(dot + 1);
    }
}

} // namespace

bool is_valid_bucket_name(std::string_view name) {
    if (name.size() < 3 || name.size() > 63) {
        return false;
    }
    if (!is_lower_alnum(name.front()) || !is_lower_alnum(name.back())) {
        return false;
    }
    if (!std::ranges::all_of(name, [](char c) {
            return is_lower_alnum(c) || c == '.' || c == '-';
        })) {
        return false;
    }
    if (name.find("..") != std::string_view::npos || looks_like_ipv4(name)) {
        return false;
    }
    return std::ranges::none_of(
               kReservedPrefixes, [&](std::string_view p) { return name.starts_with(p); }
           ) &&
           std::ranges::none_of(kReservedSuffixes, [&](std::string_view s) {
               return name.ends_with(s);
           });
}

bool is_known_region(std::string_view name) {
    return std::ranges::find(kRegions, name) != kRegions.end();
}

} // namespace benchtop::s3
