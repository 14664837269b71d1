#include "emulator/s3/website_config.hpp"

#include "emulator/core/encoding.hpp"
#include "emulator/protocol/xml_reader.hpp"
#include "emulator/protocol/xml_writer.hpp"
#include "emulator/s3/errors_website.hpp"
#include "emulator/s3/xml_answer.hpp"

#include <algorithm>
#include <array>

namespace benchtop::s3 {
namespace {

constexpr std::size_t kRulesMax = 50;

// The texts of an element's children, each at most once and none but `known`.
class Texts {
public:
    static Result<Texts> of(pugi::xml_node element, std::initializer_list<std::string_view> known) {
        Texts texts;
        for (const pugi::xml_node child : protocol::children(element)) {
            const std::string_view name = protocol::local_name(child);
            if (std::ranges::find(known, name) == known.end() || texts.find(name) ||
                !protocol::children(child).empty()) {
                return malformed_xml();
            }
            texts.found_.emplace_back(name, protocol::text_of(child));
        }
        return texts;
    }

    std::optional<std::string> find(std::string_view wanted) const {
        for (const auto& [name, text] : found_) {
            if (name == wanted) {
                return text;
            }
        }
        return std::nullopt;
    }

    bool empty() const { return found_.empty(); }

private:
    std::vector<std::pair<std::string, std::string>> found_;
};

Result<void> check_protocol(const std::optional<std::string>& protocol) {
    if (protocol && *protocol != "http" && *protocol != "https") {
        return website_protocol_invalid();
    }
    return {};
}

Result<std::optional<int>> parse_code(const std::optional<std::string>& text) {
    if (!text) {
        return std::optional<int>();
    }
    const auto number = parse_u64(*text);
    if (!number || *number > 999) {
        return malformed_xml();
    }
    return std::optional<int>(static_cast<int>(*number));
}

Result<WebsiteRedirect> parse_redirect(pugi::xml_node element) {
    const auto texts = Texts::of(
        element,
        {"Protocol", "HostName", "ReplaceKeyPrefixWith", "ReplaceKeyWith", "HttpRedirectCode"}
    );
    if (!texts || texts->empty()) {
        return malformed_xml();
    }
    WebsiteRedirect redirect{
        texts->find("Protocol"),
        texts->find("HostName"),
        texts->find("ReplaceKeyPrefixWith"),
        texts->find("ReplaceKeyWith"),
        std::nullopt};
    if (auto ok = check_protocol(redirect.protocol); !ok) {
        return ok.error();
    }
    if (redirect.replace_prefix && redirect.replace_key) {
        return website_replaces_twice();
    }
    const auto code = parse_code(texts->find("HttpRedirectCode"));
    if (!code) {
        return code.error();
    }
    constexpr std::array<int, 7> kCodes{301, 302, 303, 304, 305, 307, 308};
    if (*code && std::ranges::find(kCodes, **code) == kCodes.end()) {
        return website_redirect_code_invalid(**code);
    }
    redirect.code = *code;
    return redirect;
}

Result<void> parse_condition(pugi::xml_node element, RoutingRule& rule) {
    const auto texts = Texts::of(element, {"KeyPrefixEquals", "HttpErrorCodeReturnedEquals"});
    if (!texts) {
        return texts.error();
    }
    if (texts->empty()) {
        return website_condition_empty();
    }
    rule.key_prefix = texts->find("KeyPrefixEquals");
    const auto code = parse_code(texts->find("HttpErrorCodeReturnedEquals"));
    if (!code) {
        return code.error();
    }
    const auto is_error = [](int c) { return (c >= 400 && c <= 417) || (c >= 500 && c <= 505); };
    if (*code && !is_error(**code)) {
        return website_error_code_invalid(**code);
    }
    rule.error_code = *code;
    return {};
}

Result<RoutingRule> parse_rule(pugi::xml_node element) {
    RoutingRule rule;
    bool has_redirect = false;
    bool has_condition = false;
    for (const pugi::xml_node child : protocol::children(element)) {
        const std::string_view name = protocol::local_name(child);
        if (name == "Redirect" && !has_redirect) {
            has_redirect = true;
            auto redirect = parse_redirect(child);
            if (!redirect) {
                return redirect.error();
            }
            rule.redirect = *std::move(redirect);
        } else if (name == "Condition" && !has_condition) {
            has_condition = true;
            if (auto ok = parse_condition(child, rule); !ok) {
                return ok.error();
            }
        } else {
            return malformed_xml();
        }
    }
    if (!has_redirect) {
        return malformed_xml();
    }
    return rule;
}

Result<std::vector<RoutingRule>> parse_rules(pugi::xml_node element) {
    const auto children = protocol::children(element);
    if (children.empty()) {
        return malformed_xml();
    }
    if (children.size() > kRulesMax) {
        return website_too_many_rules(children.size());
    }
    std::vector<RoutingRule> rules;
    for (const pugi::xml_node child : children) {
        if (protocol::local_name(child) != "RoutingRule") {
            return malformed_xml();
        }
        auto rule = parse_rule(child);
        if (!rule) {
            return rule.error();
        }
        rules.push_back(*std::move(rule));
    }
    return rules;
}

Result<WebsiteRedirect> parse_redirect_all(pugi::xml_node element) {
    const auto texts = Texts::of(element, {"HostName", "Protocol"});
    if (!texts || texts->find("HostName").value_or("").empty()) {
        return malformed_xml();
    }
    WebsiteRedirect redirect;
    redirect.host = texts->find("HostName");
    redirect.protocol = texts->find("Protocol");
    if (auto ok = check_protocol(redirect.protocol); !ok) {
        return ok.error();
    }
    return redirect;
}

// The one child of a document element: IndexDocument's Suffix, ErrorDocument's Key.
Result<std::string> parse_document(pugi::xml_node element, std::string_view name) {
    const auto texts = Texts::of(element, {name});
    if (!texts || texts->empty()) {
        return malformed_xml();
    }
    return *texts->find(name);
}

Result<void> check_documents(const WebsiteConfig& config) {
    const std::string& suffix = *config.index_suffix;
    if (suffix.empty() || suffix.find('/') != std::string::npos) {
        return invalid_argument(
            "The IndexDocument Suffix is not well formed", "IndexDocument", suffix
        );
    }
    if (config.error_key && config.error_key->empty()) {
        return invalid_argument("The ErrorDocument Key is not well formed", "ErrorDocument", "");
    }
    return {};
}

Result<WebsiteConfig> parse_parts(pugi::xml_node root) {
    constexpr std::array<std::string_view, 4> kParts{
        "IndexDocument", "ErrorDocument", "RoutingRules", "RedirectAllRequestsTo"};
    for (const pugi::xml_node child : protocol::children(root)) {
        const std::string_view name = protocol::local_name(child);
        if (std::ranges::find(kParts, name) == kParts.end() ||
            protocol::children(root, name).size() > 1) {
            return malformed_xml();
        }
    }
    WebsiteConfig config;
    if (const auto all = protocol::child(root, "RedirectAllRequestsTo")) {
        if (protocol::children(root).size() > 1) {
            return invalid_argument(
                "RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules.",
                "RedirectAllRequestsTo",
                "not null"
            );
        }
        auto redirect = parse_redirect_all(all);
        if (!redirect) {
            return redirect.error();
        }
        config.redirect_all = *std::move(redirect);
        return config;
    }
    const auto index = protocol::child(root, "IndexDocument");
    if (!index) {
        return invalid_argument(
            "A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty",
            "IndexDocument",
            "null"
        );
    }
    auto suffix = parse_document(index, "Suffix");
    if (!suffix) {
        return suffix.error();
    }
    config.index_suffix = *std::move(suffix);
    if (const auto error = protocol::child(root, "ErrorDocument")) {
        auto key = parse_document(error, "Key");
        if (!key) {
            return key.error();
        }
        config.error_key = *std::move(key);
    }
    if (auto ok = check_documents(config); !ok) {
        return ok.error();
    }
    if (const auto rules = protocol::child(root, "RoutingRules")) {
        auto parsed = parse_rules(rules);
        if (!parsed) {
            return parsed.error();
        }
        config.rules = *std::move(parsed);
    }
    return config;
}

void write_text(
    protocol::XmlWriter& xml, std::string_view name, const std::optional<std::string>& text
) {
    if (text) {
        xml.element(name, *text);
    }
}

void write_redirect(
    protocol::XmlWriter& xml, std::string_view name, const WebsiteRedirect& redirect
) {
    xml.open(name);
    write_text(xml, "Protocol", redirect.protocol);
    write_text(xml, "HostName", redirect.host);
    write_text(xml, "ReplaceKeyPrefixWith", redirect.replace_prefix);
    write_text(xml, "ReplaceKeyWith", redirect.replace_key);
    if (redirect.code) {
        xml.element("HttpRedirectCode", std::to_string(*redirect.code));
    }
    xml.close();
}

void write_rule(protocol::XmlWriter& xml, const RoutingRule& rule) {
    xml.open("RoutingRule");
    if (rule.key_prefix || rule.error_code) {
        xml.open("Condition");
        write_text(xml, "KeyPrefixEquals", rule.key_prefix);
        if (rule.error_code) {
            xml.element("HttpErrorCodeReturnedEquals", std::to_string(*rule.error_code));
        }
        xml.close();
    }
    write_redirect(xml, "Redirect", rule.redirect);
    xml.close();
}

} // namespace

Result<WebsiteConfig> parse_website(std::string_view document) {
    const auto xml = protocol::parse_xml(document);
    if (!xml || protocol::local_name(xml->root()) != "WebsiteConfiguration") {
        return malformed_xml();
    }
    return parse_parts(xml->root());
}

std::string website_document(const WebsiteConfig& config) {
    protocol::XmlWriter xml;
    xml.open("WebsiteConfiguration", kXmlNamespace);
    if (config.redirect_all) {
        write_redirect(xml, "RedirectAllRequestsTo", *config.redirect_all);
    }
    if (config.index_suffix) {
        xml.open("IndexDocument").element("Suffix", *config.index_suffix).close();
    }
    if (config.error_key) {
        xml.open("ErrorDocument").element("Key", *config.error_key).close();
    }
    if (!config.rules.empty()) {
        xml.open("RoutingRules");
        for (const RoutingRule& rule : config.rules) {
            write_rule(xml, rule);
        }
        xml.close();
    }
    xml.close();
    return std::move(xml).take();
}

const RoutingRule*
find_routing_rule(const WebsiteConfig& config, std::string_view key, std::optional<int> error) {
    const auto rule = std::ranges::find_if(config.rules, [&](const RoutingRule& candidate) {
        return candidate.error_code == error &&
               (!candidate.key_prefix || key.starts_with(*candidate.key_prefix));
    });
    return rule == config.rules.end() ? nullptr : &*rule;
}

} // namespace benchtop::s3
