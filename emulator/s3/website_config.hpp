// A bucket's website: its documents and redirects (Amazon S3 User Guide, "Hosting a static website
// using Amazon S3"). Stored as the bucket setting "website", in the form of website_document().
#pragma once

#include "emulator/core/result.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace benchtop::s3 {

inline constexpr std::string_view kWebsiteSetting = "website";

// What is not given stays as the request has it.
struct WebsiteRedirect {
    std::optional<std::string> protocol; // http or https
    std::optional<std::string> host;
    std::optional<std::string> replace_prefix; // of the rule's key prefix
    std::optional<std::string> replace_key;    // never with replace_prefix
    std::optional<int> code;                   // 3xx
};

struct RoutingRule {
    std::optional<std::string> key_prefix;
    std::optional<int> error_code; // 4xx, 5xx; only then the rule waits for an error
    WebsiteRedirect redirect;
};

struct WebsiteConfig {
    std::optional<std::string> index_suffix; // always there without redirect_all
    std::optional<std::string> error_key;
    std::optional<WebsiteRedirect> redirect_all; // protocol and host only
    std::vector<RoutingRule> rules;
};

// Errors: MalformedXML, InvalidArgument, InvalidRequest; recorded texts.
Result<WebsiteConfig> parse_website(std::string_view document);
std::string website_document(const WebsiteConfig& config);

// The rule that sends a request for `key` elsewhere: before the key is looked at (`error` is
// nullopt), or because of the status it was answered with. null: none.
const RoutingRule*
find_routing_rule(const WebsiteConfig& config, std::string_view key, std::optional<int> error);

} // namespace benchtop::s3
