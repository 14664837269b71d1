#include "emulator/s3/notification_config.hpp"

#include "emulator/core/assert.hpp"
#include "emulator/core/encoding.hpp"
#include "emulator/core/ids.hpp"
#include "emulator/protocol/xml_reader.hpp"
#include "emulator/protocol/xml_writer.hpp"
#include "emulator/s3/errors.hpp"
#include "emulator/s3/parsed_cache.hpp"
#include "emulator/s3/xml_answer.hpp"

#include <algorithm>

namespace benchtop::s3 {
namespace {

constexpr std::size_t kRulesMax = 100;

struct ListElement {
    std::string_view name;
    std::string_view arn_name;
    DestinationKind kind;
};

// In the order the API reference lists them, which is also the order of answers.
constexpr ListElement kListElements[] = {
    {"TopicConfiguration", "Topic", DestinationKind::Topic},
    {"QueueConfiguration", "Queue", DestinationKind::Queue},
    {"CloudFunctionConfiguration", "CloudFunction", DestinationKind::Function},
};

std::string_view filter_value(const NotificationRule& rule, std::string_view name) {
    for (const FilterRule& filter : rule.filter) {
        if (filter.name == name) {
            return filter.value;
        }
    }
    return {};
}

Result<FilterRule> parse_filter_rule(pugi::xml_node element) {
    FilterRule rule;
    bool has_name = false;
    bool has_value = false;
    for (const pugi::xml_node child : protocol::children(element)) {
        if (protocol::local_name(child) == "Name" && !has_name) {
            rule.name = protocol::text_of(child);
            has_name = true;
        } else if (protocol::local_name(child) == "Value" && !has_value) {
            rule.value = protocol::text_of(child);
            has_value = true;
        } else {
            return malformed_xml();
        }
    }
    if (!has_name || !has_value) {
        return malformed_xml();
    }
    return rule;
}

Result<std::vector<FilterRule>> parse_filter(pugi::xml_node filter) {
    std::vector<FilterRule> rules;
    if (protocol::children(filter).size() > 1) {
        return malformed_xml();
    }
    for (const pugi::xml_node key : protocol::children(filter)) {
        if (protocol::local_name(key) != "S3Key") {
            return malformed_xml();
        }
        for (const pugi::xml_node element : protocol::children(key)) {
            if (protocol::local_name(element) != "FilterRule") {
                return malformed_xml();
            }
            auto rule = parse_filter_rule(element);
            if (!rule) {
                return rule.error();
            }
            rules.push_back(*std::move(rule));
        }
    }
    return rules;
}

Result<NotificationRule> parse_rule(pugi::xml_node element, const ListElement& list) {
    NotificationRule rule;
    rule.kind = list.kind;
    bool has_id = false;
    bool has_arn = false;
    bool has_filter = false;
    for (const pugi::xml_node child : protocol::children(element)) {
        if (protocol::local_name(child) == "Event") {
            rule.events.push_back(protocol::text_of(child));
        } else if (protocol::local_name(child) == "Id" && !has_id) {
            rule.id = protocol::text_of(child);
            has_id = true;
        } else if (protocol::local_name(child) == list.arn_name && !has_arn) {
            rule.arn = protocol::text_of(child);
            has_arn = true;
        } else if (protocol::local_name(child) == "Filter" && !has_filter) {
            auto filter = parse_filter(child);
            if (!filter) {
                return filter.error();
            }
            rule.filter = *std::move(filter);
            has_filter = true;
        } else {
            return malformed_xml();
        }
    }
    if (!has_arn || rule.events.empty()) {
        return malformed_xml();
    }
    return rule;
}

void write_rule(protocol::XmlWriter& xml, const NotificationRule& rule, const ListElement& list) {
    xml.open(list.name);
    xml.element("Id", rule.id);
    xml.element(list.arn_name, rule.arn);
    for (const std::string& event : rule.events) {
        xml.element("Event", event);
    }
    if (!rule.filter.empty()) {
        xml.open("Filter");
        xml.open("S3Key");
        for (const FilterRule& filter : rule.filter) {
            xml.open("FilterRule");
            xml.element("Name", filter.name);
            xml.element("Value", filter.value);
            xml.close();
        }
        xml.close();
        xml.close();
    }
    xml.close();
}

std::string quoted(std::string_view text) {
    return '"' + std::string(text) + '"';
}

std::string join(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) {
        text += text.empty() ? word : ", " + word;
    }
    return text;
}

// Students type a filter as they type a key; a key with a space or an umlaut then never matches.
std::string encoding_hint(bool raw_matches, std::string_view encoded) {
    return raw_matches ? " (filters are compared with the URL-encoded key " + quoted(encoded) + ")"
                       : std::string();
}

} // namespace

std::string_view NotificationRule::prefix() const {
    return filter_value(*this, "Prefix");
}

std::string_view NotificationRule::suffix() const {
    return filter_value(*this, "Suffix");
}

Result<NotificationConfig> parse_notification_config(std::string_view document) {
    const auto parsed = protocol::parse_xml(document);
    if (!parsed || protocol::local_name(parsed->root()) != "NotificationConfiguration") {
        return malformed_xml();
    }
    NotificationConfig config;
    for (const pugi::xml_node child : protocol::children(parsed->root())) {
        if (protocol::local_name(child) == "EventBridgeConfiguration" && !config.event_bridge) {
            config.event_bridge = true;
            continue;
        }
        const auto* list =
            std::ranges::find(kListElements, protocol::local_name(child), &ListElement::name);
        if (list == std::end(kListElements) || config.rules.size() == kRulesMax) {
            return malformed_xml();
        }
        auto rule = parse_rule(child, *list);
        if (!rule) {
            return rule.error();
        }
        config.rules.push_back(*std::move(rule));
    }
    return config;
}

void assign_missing_ids(NotificationConfig& config, Random& random) {
    for (NotificationRule& rule : config.rules) {
        if (rule.id.empty()) {
            rule.id = to_base64(as_bytes(make_uuid(random)));
        }
    }
}

std::string to_xml(const NotificationConfig& config) {
    if (config.rules.empty() && !config.event_bridge) {
        return empty_document("NotificationConfiguration");
    }
    protocol::XmlWriter xml;
    xml.open("NotificationConfiguration", kXmlNamespace);
    for (const ListElement& list : kListElements) {
        for (const NotificationRule& rule : config.rules) {
            if (rule.kind == list.kind) {
                write_rule(xml, rule, list);
            }
        }
    }
    if (config.event_bridge) {
        xml.empty("EventBridgeConfiguration");
    }
    xml.close();
    return std::move(xml).take();
}

std::shared_ptr<const NotificationConfig> stored_notification_config(std::string_view text) {
    if (text.empty()) {
        static const auto none = std::make_shared<const NotificationConfig>();
        return none;
    }
    thread_local ParsedCache<NotificationConfig> cache;
    return cache.get(text, [](std::string_view stored) {
        auto parsed = parse_notification_config(stored);
        BT_ASSERT(parsed.has_value());
        return *std::move(parsed);
    });
}

bool event_covers(std::string_view pattern, std::string_view event) {
    if (pattern.ends_with(":*")) {
        return event.starts_with(pattern.substr(0, pattern.size() - 1));
    }
    return pattern == event;
}

std::optional<std::string>
why_not_matching(const NotificationRule& rule, std::string_view event, std::string_view key) {
    const std::string full_name = "s3:" + std::string(event);
    const bool event_matches = std::ranges::any_of(rule.events, [&](const std::string& pattern) {
        return event_covers(pattern, full_name);
    });
    if (!event_matches) {
        return "event " + full_name + " is not among " + join(rule.events);
    }
    const std::string encoded = form_encode_key(key);
    if (!encoded.starts_with(rule.prefix())) {
        return "key does not start with " + quoted(rule.prefix()) +
               encoding_hint(key.starts_with(rule.prefix()), encoded);
    }
    if (!encoded.ends_with(rule.suffix())) {
        return "key does not end with " + quoted(rule.suffix()) +
               encoding_hint(key.ends_with(rule.suffix()), encoded);
    }
    return std::nullopt;
}

} // namespace benchtop::s3
