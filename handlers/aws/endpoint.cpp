#include "handlers/aws/endpoint.hpp"

#include "handlers/aws/text.hpp"

#include <algorithm>

namespace handlers::aws {

namespace {

bool is_lower_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

// Whether the name is one label of a host name; a dot would fall out of the wildcard certificate.
bool fits_a_host_label(std::string_view bucket) {
    return bucket.size() >= 3 && bucket.size() <= 63 && is_lower_or_digit(bucket.front()) &&
           is_lower_or_digit(bucket.back()) &&
           std::all_of(bucket.begin(), bucket.end(), [](char c) {
               return is_lower_or_digit(c) || c == '-';
           });
}

bool is_host_character(char c) {
    return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' || c == '_' ||
           c == ':' || c == '[' || c == ']';
}

} // namespace

Outcome<Endpoint> Endpoint::from(const Context& context) {
    Endpoint endpoint;
    endpoint.region_ = context.env_or("AWS_REGION", "");
    if (endpoint.region_.empty()) {
        endpoint.region_ = context.env_or("AWS_DEFAULT_REGION", "");
    }
    const auto fits = [](char c) { return is_lower_or_digit(c) || c == '-'; };
    if (endpoint.region_.empty() ||
        !std::all_of(endpoint.region_.begin(), endpoint.region_.end(), fits)) {
        return Error("NoRegionError", "You must specify a region.");
    }
    std::string url = context.env_or("AWS_ENDPOINT_URL_S3", "");
    if (url.empty()) {
        url = context.env_or("AWS_ENDPOINT_URL", "");
    }
    if (url.empty()) {
        return endpoint;
    }
    const bool secure = url.starts_with("https://");
    const std::size_t host_at = secure ? 8 : 7;
    const std::size_t host_end = std::min(url.find('/', host_at), url.size());
    std::string host =
        url.substr(std::min(host_at, url.size()), host_end - std::min(host_at, host_end));
    if ((!secure && !url.starts_with("http://")) || host.empty() ||
        !std::all_of(host.begin(), host.end(), is_host_character) ||
        url.find_first_of("?#") != std::string::npos) {
        return Error("ValueError", "Invalid endpoint: " + url);
    }
    endpoint.custom_origin_ = url.substr(0, host_end);
    endpoint.custom_path_ = url.substr(host_end);
    while (endpoint.custom_path_.ends_with('/')) {
        endpoint.custom_path_.pop_back();
    }
    const std::string_view own_port = secure ? ":443" : ":80";
    if (host.ends_with(own_port)) {
        host.resize(host.size() - own_port.size());
    }
    endpoint.custom_host_ = std::move(host);
    return endpoint;
}

ObjectUrl Endpoint::object(std::string_view bucket, std::string_view key) const {
    const std::string name(bucket);
    const std::string key_path = '/' + uri_encode(key, Slash::Keep);
    if (!custom_origin_.empty()) {
        return {custom_origin_, custom_host_, custom_path_ + '/' + name + key_path};
    }
    const std::string domain =
        "s3." + region_ + (region_.starts_with("cn-") ? ".amazonaws.com.cn" : ".amazonaws.com");
    if (fits_a_host_label(bucket)) {
        return {"https://" + name + '.' + domain, name + '.' + domain, key_path};
    }
    return {"https://" + domain, domain, '/' + name + key_path};
}

Outcome<void> check_bucket_name(std::string_view bucket) {
    const bool fits = !bucket.empty() && bucket.size() <= 255 &&
                      std::all_of(bucket.begin(), bucket.end(), [](char c) {
                          return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z') || c == '.' ||
                                 c == '-' || c == '_';
                      });
    if (!fits) {
        return Error(
            "ParamValidationError",
            "Parameter validation failed:\nInvalid bucket name \"" + std::string(bucket) +
                "\": Bucket name must match the regex \"^[a-zA-Z0-9.\\-_]{1,255}$\""
        );
    }
    return {};
}

} // namespace handlers::aws
