#include "emulator/s3/cors.hpp"

#include "emulator/core/encoding.hpp"
#include "emulator/protocol/xml_reader.hpp"
#include "emulator/protocol/xml_writer.hpp"
#include "emulator/s3/errors_cors.hpp"
#include "emulator/s3/xml_answer.hpp"

#include <algorithm>
#include <array>

namespace benchtop::s3 {
namespace {

constexpr std::size_t kRulesMax = 100;
constexpr std::size_t kIdMax = 255;

constexpr std::string_view kVary =
    "Origin, Access-Control-Request-Headers, Access-Control-Request-Method";

bool is_method(std::string_view method) {
    constexpr std::array<std::string_view, 5> kMethods{"GET", "PUT", "POST", "DELETE", "HEAD"};
    return std::ranges::find(kMethods, method) != kMethods.end();
}

// A header's name, in which patterns may have a "*" (itself a token character).
bool is_header_name(std::string_view name) {
    constexpr std::string_view kPunctuation = "!#$%&'*+-.^_`|~";
    return std::ranges::all_of(name, [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               kPunctuation.find(c) != std::string_view::npos;
    });
}

bool has_many_wildcards(std::string_view text) {
    return std::ranges::count(text, '*') > 1;
}

Result<CorsRule> parse_rule(pugi::xml_node element) {
    CorsRule rule;
    for (const pugi::xml_node child : protocol::children(element)) {
        const std::string_view name = protocol::local_name(child);
        std::string text = protocol::text_of(child);
        if (!protocol::children(child).empty()) {
            return malformed_xml();
        }
        if (name == "AllowedOrigin") {
            rule.origins.push_back(std::move(text));
        } else if (name == "AllowedMethod") {
            rule.methods.push_back(std::move(text));
        } else if (name == "AllowedHeader") {
            rule.headers.push_back(std::move(text));
        } else if (name == "ExposeHeader") {
            rule.exposed.push_back(std::move(text));
        } else if (name == "ID" && !rule.id && text.size() <= kIdMax) {
            rule.id = std::move(text);
        } else if (name == "MaxAgeSeconds" && !rule.max_age) {
            const auto seconds = parse_i64(text);
            if (!seconds || *seconds != static_cast<std::int32_t>(*seconds)) {
                return malformed_xml();
            }
            rule.max_age = static_cast<std::int32_t>(*seconds);
        } else {
            return malformed_xml();
        }
    }
    if (rule.origins.empty() || rule.methods.empty()) {
        return malformed_xml();
    }
    return rule;
}

Result<void> check_values(const CorsRule& rule) {
    for (const std::string& origin : rule.origins) {
        if (has_many_wildcards(origin)) {
            return cors_many_wildcards("AllowedOrigin", origin);
        }
    }
    for (const std::string& method : rule.methods) {
        if (!is_method(method)) {
            return cors_method_unsupported(method);
        }
    }
    for (const std::string& header : rule.headers) {
        if (has_many_wildcards(header)) {
            return cors_many_wildcards("AllowedHeader", header);
        }
        if (!is_header_name(header)) {
            return cors_invalid_character("AllowedHeader", header);
        }
    }
    for (const std::string& header : rule.exposed) {
        if (header.find('*') != std::string::npos) {
            return cors_expose_wildcard(header);
        }
        if (!is_header_name(header)) {
            return cors_invalid_character("ExposeHeader", header);
        }
    }
    return {};
}

void write_all(
    protocol::XmlWriter& xml, std::string_view name, const std::vector<std::string>& texts
) {
    for (const std::string& text : texts) {
        xml.element(name, text);
    }
}

// The pattern has one "*" at most, which stands for any characters or none.
bool matches(std::string_view pattern, std::string_view text) {
    const auto star = pattern.find('*');
    if (star == std::string_view::npos) {
        return pattern == text;
    }
    const std::string_view before = pattern.substr(0, star);
    const std::string_view after = pattern.substr(star + 1);
    return text.size() >= before.size() + after.size() && text.starts_with(before) &&
           text.ends_with(after);
}

bool allows_header(const CorsRule& rule, std::string_view lower_name) {
    return std::ranges::any_of(rule.headers, [&](const std::string& pattern) {
        return matches(to_lower(pattern), lower_name);
    });
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) {
        text += text.empty() ? "" : ", ";
        text += word;
    }
    return text;
}

// Access-Control-Request-Headers, lower-case.
Result<std::vector<std::string>> requested_headers(const RequestHead& head) {
    std::vector<std::string> names;
    const std::string text = head.headers.joined("access-control-request-headers");
    std::string_view rest = text;
    while (!rest.empty()) {
        const auto comma = rest.find(',');
        const std::string_view name = trim(rest.substr(0, comma));
        rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
        if (!is_header_name(name)) {
            return cors_header_invalid(name);
        }
        if (!name.empty()) {
            names.push_back(to_lower(name));
        }
    }
    return names;
}

Headers verdict_headers(const CorsVerdict& verdict, const CorsQuestion& question) {
    Headers headers;
    headers.add("Access-Control-Allow-Origin", verdict.any_origin ? "*" : question.origin);
    headers.add("Access-Control-Allow-Methods", joined(verdict.rule->methods));
    if (!question.headers.empty()) {
        headers.add("Access-Control-Allow-Headers", joined(question.headers));
    }
    if (!verdict.rule->exposed.empty()) {
        headers.add("Access-Control-Expose-Headers", joined(verdict.rule->exposed));
    }
    if (verdict.rule->max_age) {
        headers.add("Access-Control-Max-Age", std::to_string(*verdict.rule->max_age));
    }
    if (!verdict.any_origin) {
        headers.add("Access-Control-Allow-Credentials", "true");
    }
    headers.add("Vary", kVary);
    return headers;
}

} // namespace

Result<std::vector<CorsRule>> parse_cors(std::string_view document) {
    const auto xml = protocol::parse_xml(document);
    if (!xml || protocol::local_name(xml->root()) != "CORSConfiguration") {
        return malformed_xml();
    }
    const auto elements = protocol::children(xml->root());
    if (elements.empty() || elements.size() > kRulesMax) {
        return malformed_xml();
    }
    std::vector<CorsRule> rules;
    for (const pugi::xml_node element : elements) {
        if (protocol::local_name(element) != "CORSRule") {
            return malformed_xml();
        }
        auto rule = parse_rule(element);
        if (!rule) {
            return rule.error();
        }
        rules.push_back(*std::move(rule));
    }
    for (const CorsRule& rule : rules) {
        if (auto ok = check_values(rule); !ok) {
            return ok.error();
        }
    }
    return rules;
}

std::string cors_document(const std::vector<CorsRule>& rules) {
    protocol::XmlWriter xml;
    xml.open("CORSConfiguration", kXmlNamespace);
    for (const CorsRule& rule : rules) {
        xml.open("CORSRule");
        if (rule.id) {
            xml.element("ID", *rule.id);
        }
        write_all(xml, "AllowedOrigin", rule.origins);
        write_all(xml, "AllowedMethod", rule.methods);
        write_all(xml, "AllowedHeader", rule.headers);
        if (rule.max_age) {
            xml.element("MaxAgeSeconds", std::to_string(*rule.max_age));
        }
        write_all(xml, "ExposeHeader", rule.exposed);
        xml.close();
    }
    xml.close();
    return std::move(xml).take();
}

std::optional<CorsVerdict>
match_cors(const std::vector<CorsRule>& rules, const CorsQuestion& question) {
    for (const CorsRule& rule : rules) {
        const auto origin = std::ranges::find_if(rule.origins, [&](const std::string& pattern) {
            return matches(pattern, question.origin);
        });
        if (origin == rule.origins.end() ||
            std::ranges::find(rule.methods, question.method) == rule.methods.end()) {
            continue;
        }
        if (std::ranges::all_of(question.headers, [&](const std::string& name) {
                return allows_header(rule, name);
            })) {
            return CorsVerdict{&rule, *origin == "*"};
        }
    }
    return std::nullopt;
}

Result<Response>
answer_preflight(const RequestHead& head, const Target& target, const store::Bucket* bucket) {
    const std::string_view origin = head.headers.get("origin");
    const auto method = head.headers.find("access-control-request-method");
    if (origin.empty()) {
        return cors_origin_missing();
    }
    if (bucket == nullptr) {
        return cors_bucket_not_found();
    }
    const auto stored = bucket->setting(kCorsSetting);
    const auto rules =
        stored ? parse_cors(*stored) : Result<std::vector<CorsRule>>(cors_not_enabled(method));
    if (!rules) {
        return rules.error();
    }
    if (!method || !is_method(*method)) {
        return cors_method_invalid(method);
    }
    auto headers = requested_headers(head);
    if (!headers) {
        return headers.error();
    }
    const CorsQuestion question{origin, *method, *std::move(headers)};
    const auto verdict = match_cors(*rules, question);
    if (!verdict) {
        return cors_not_allowed(*method, target.key.empty() ? "BUCKET" : "OBJECT");
    }
    Response response;
    response.headers = verdict_headers(*verdict, question);
    return response;
}

Headers cors_headers(const RequestHead& head, const store::Bucket& bucket) {
    const std::string_view origin = head.headers.get("origin");
    const auto stored = bucket.setting(kCorsSetting);
    if (origin.empty() || !stored) {
        return {};
    }
    const auto rules = parse_cors(*stored);
    // No browser sends the preflight's headers with an actual request; S3 takes them for the
    // question all the same (recorded).
    auto headers = requested_headers(head);
    if (!rules || !headers) {
        return {};
    }
    const CorsQuestion question{
        origin,
        head.headers.find("access-control-request-method").value_or(head.method),
        *std::move(headers)};
    const auto verdict = match_cors(*rules, question);
    return verdict ? verdict_headers(*verdict, question) : Headers{};
}

} // namespace benchtop::s3
