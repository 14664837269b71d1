#include "emulator/s3/target.hpp"

#include "emulator/core/encoding.hpp"
#include "emulator/s3/errors.hpp"
#include "emulator/s3/website.hpp"

#include <string_view>

namespace benchtop::s3 {
namespace {

constexpr std::size_t kKeyBytesMax = 1024;

struct HostMeaning {
    AddressStyle style = AddressStyle::Path;
    std::string bucket;
    std::optional<std::string> region;
};

// "us-east-2", "us-gov-west-1": two or more groups of letters, then a number.
bool is_region_name(std::string_view text) {
    std::size_t groups = 0;
    for (;;) {
        const auto dash = text.find('-');
        const std::string_view part = text.substr(0, dash);
        if (part.empty()) {
            return false;
        }
        const bool last = dash == std::string_view::npos;
        for (const char c : part) {
            if (last ? (c < '0' || c > '9') : (c < 'a' || c > 'z')) {
                return false;
            }
        }
        if (last) {
            return groups >= 2;
        }
        ++groups;
        text.remove_prefix(dash + 1);
    }
}

bool consume_suffix(std::string_view& text, std::string_view suffix) {
    if (!text.ends_with(suffix)) {
        return false;
    }
    text.remove_suffix(suffix.size());
    return true;
}

// Splits the last label off: "a.b.c" gives "c" and leaves "a.b".
std::string_view take_last_label(std::string_view& text) {
    const auto dot = text.rfind('.');
    if (dot == std::string_view::npos) {
        const std::string_view label = text;
        text = {};
        return label;
    }
    const std::string_view label = text.substr(dot + 1);
    text = text.substr(0, dot);
    return label;
}

HostMeaning service_or_bucket(std::string_view bucket, std::optional<std::string> region) {
    if (bucket.empty()) {
        return {AddressStyle::Path, "", std::move(region)};
    }
    return {AddressStyle::VirtualHost, std::string(bucket), std::move(region)};
}

// [BUCKET.]s3[.REGION|-REGION|.dualstack.REGION|-accelerate]; nullopt: none of these.
std::optional<HostMeaning> parse_s3_labels(std::string_view labels) {
    std::string_view rest = labels;
    std::string_view last = take_last_label(rest);
    if (last == "s3" || last == "s3-accelerate") {
        return service_or_bucket(rest, std::nullopt);
    }
    if (last == "dualstack" && take_last_label(rest) == "s3-accelerate") {
        return service_or_bucket(rest, std::nullopt);
    }
    if (last.starts_with("s3-") && is_region_name(last.substr(3))) {
        return service_or_bucket(rest, std::string(last.substr(3)));
    }
    if (!is_region_name(last)) {
        return std::nullopt;
    }
    std::string region(last);
    last = take_last_label(rest);
    if (last == "dualstack") {
        last = take_last_label(rest);
    }
    if (last == "s3") {
        return service_or_bucket(rest, std::move(region));
    }
    return std::nullopt;
}

std::string_view without_port(std::string_view host) {
    if (host.starts_with('[')) {
        const auto bracket = host.find(']');
        return bracket == std::string_view::npos ? host : host.substr(0, bracket + 1);
    }
    return host.substr(0, host.find(':'));
}

// Every host that names no bucket in one of the known forms is a local name of the service itself.
HostMeaning interpret_host(std::string_view host_header) {
    const std::string host = to_lower(trim(without_port(host_header)));
    std::string_view name = host;
    if (consume_suffix(name, ".amazonaws.com")) {
        return parse_s3_labels(name).value_or(HostMeaning{});
    }
    if (consume_suffix(name, ".localhost")) {
        if (auto meaning = parse_s3_labels(name)) {
            return *std::move(meaning);
        }
        return service_or_bucket(name, std::nullopt);
    }
    return {};
}

// The labels before the domain of the local names or of AWS's.
std::optional<std::string_view> labels_of(std::string_view lower_host) {
    if (consume_suffix(lower_host, ".amazonaws.com") || consume_suffix(lower_host, ".localhost")) {
        return lower_host;
    }
    return std::nullopt;
}

// The front end refuses a path whose ".." segments lead above the root.
bool climbs_above_root(std::string_view path) {
    int depth = 0;
    while (!path.empty()) {
        const auto slash = path.find('/');
        const std::string_view segment = path.substr(0, slash);
        path = slash == std::string_view::npos ? std::string_view{} : path.substr(slash + 1);
        if (segment == "..") {
            if (--depth < 0) {
                return true;
            }
        } else if (!segment.empty() && segment != ".") {
            ++depth;
        }
    }
    return false;
}

} // namespace

std::optional<WebsiteAddress> website_address(std::string_view host) {
    constexpr std::string_view kWebsite = "s3-website";
    const std::string lower = to_lower(trim(without_port(host)));
    const auto labels = labels_of(lower);
    if (!labels) {
        return std::nullopt;
    }
    std::string_view rest = *labels;
    const std::string_view last = take_last_label(rest);
    if (last == kWebsite && lower.ends_with(".localhost")) {
        return WebsiteAddress{std::string(rest), std::nullopt};
    }
    if (last.starts_with("s3-website-") && is_region_name(last.substr(kWebsite.size() + 1))) {
        return WebsiteAddress{std::string(rest), std::string(last.substr(kWebsite.size() + 1))};
    }
    if (is_region_name(last) && take_last_label(rest) == kWebsite) {
        return WebsiteAddress{std::string(rest), std::string(last)};
    }
    return std::nullopt;
}

Result<Target> resolve_target(const RequestHead& head) {
    if (!head.headers.has("host")) {
        return empty_answer(400);
    }
    HostMeaning host = interpret_host(head.host());
    Target target;
    target.style = host.style;
    target.bucket = std::move(host.bucket);
    target.endpoint_region = std::move(host.region);

    const auto decoded = percent_decode(head.path(), PlusRule::Space);
    if (!decoded || !decoded->starts_with('/') || !is_valid_utf8(*decoded)) {
        return invalid_uri(head.path());
    }
    if (climbs_above_root(*decoded)) {
        return empty_answer(400);
    }
    std::string_view path = std::string_view(*decoded).substr(1);
    if (target.style == AddressStyle::Path) {
        const auto slash = path.find('/');
        target.bucket = path.substr(0, slash);
        path = slash == std::string_view::npos ? std::string_view{} : path.substr(slash + 1);
    }
    if (path.size() > kKeyBytesMax) {
        return key_too_long(path.size());
    }
    // "//key" in path style: no bucket, so no key either can be meant.
    if (target.bucket.empty() && !path.empty()) {
        return invalid_bucket_name("");
    }
    target.key = path;
    return target;
}

} // namespace benchtop::s3
