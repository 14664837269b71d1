// The lifecycle document: parsing and writing. What follows from the schema is MalformedXML here;
// the rest is lifecycle_validate.cpp's.
#include "emulator/core/assert.hpp"
#include "emulator/core/encoding.hpp"
#include "emulator/core/ids.hpp"
#include "emulator/protocol/xml_reader.hpp"
#include "emulator/protocol/xml_writer.hpp"
#include "emulator/s3/errors.hpp"
#include "emulator/s3/lifecycle.hpp"
#include "emulator/s3/parsed_cache.hpp"
#include "emulator/s3/xml_answer.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace benchtop::s3 {
namespace {

using protocol::children;
using protocol::local_name;
using protocol::text_of;

constexpr std::size_t kRulesRead = 1001; // one more than allowed: validation says so
constexpr std::size_t kTagsMax = 50;     // more than any object has

std::optional<std::int64_t> parse_number(pugi::xml_node node) {
    const std::string text = text_of(node);
    const std::string_view digits = trim(text);
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc{} || end != digits.data() + digits.size()) {
        return std::nullopt;
    }
    return number;
}

// Days, counts: 32 bits in the schema.
bool read_int(pugi::xml_node node, std::optional<std::int64_t>& into) {
    const auto number = parse_number(node);
    if (into || !number || *number > std::numeric_limits<std::int32_t>::max() ||
        *number < std::numeric_limits<std::int32_t>::min()) {
        return false;
    }
    into = number;
    return true;
}

bool read_size(pugi::xml_node node, std::optional<std::int64_t>& into) {
    const auto number = parse_number(node);
    if (into || !number) {
        return false;
    }
    into = number;
    return true;
}

// "2026-01-01T00:00:00.000Z"; SDKs for Python send "2026-01-01T00:00:00Z", people the bare date.
bool read_date(pugi::xml_node node, std::optional<UtcInstant>& into) {
    std::string text(trim(text_of(node)));
    if (text.size() == std::string_view("2026-01-01").size()) {
        text += "T00:00:00Z";
    } else if (text.ends_with("+00:00")) {
        text.replace(text.size() - std::string_view("+00:00").size(), std::string::npos, "Z");
    }
    const auto date = parse_iso8601(text);
    if (into || !date) {
        return false;
    }
    into = date;
    return true;
}

bool read_text(pugi::xml_node node, std::optional<std::string>& into) {
    if (into) {
        return false;
    }
    into = text_of(node);
    return true;
}

bool read_tag(pugi::xml_node node, LifecycleFilter& filter) {
    const auto key = protocol::child_text(node, "Key");
    const auto value = protocol::child_text(node, "Value");
    if (!key || !value || children(node).size() != 2 || filter.tags.size() == kTagsMax) {
        return false;
    }
    filter.tags.emplace_back(*key, *value);
    return true;
}

bool read_predicate(pugi::xml_node node, LifecycleFilter& filter) {
    const std::string_view name = local_name(node);
    if (name == "Prefix") {
        return read_text(node, filter.prefix);
    }
    if (name == "Tag") {
        return read_tag(node, filter);
    }
    if (name == "ObjectSizeGreaterThan") {
        return read_size(node, filter.larger_than);
    }
    return name == "ObjectSizeLessThan" && read_size(node, filter.less_than);
}

// Empty, one predicate, or And with several.
bool read_filter(pugi::xml_node node, LifecycleFilter& filter) {
    auto predicates = children(node);
    if (predicates.size() > 1) {
        return false;
    }
    if (predicates.empty()) {
        filter.form = LifecycleFilter::Form::Empty;
        return true;
    }
    filter.form = LifecycleFilter::Form::Single;
    if (local_name(predicates.front()) == "And") {
        filter.form = LifecycleFilter::Form::And;
        predicates = children(predicates.front());
        if (predicates.empty()) {
            return false;
        }
    }
    return std::ranges::all_of(predicates, [&](pugi::xml_node predicate) {
        return read_predicate(predicate, filter);
    });
}

bool read_expiration(pugi::xml_node node, LifecycleExpiration& expiration) {
    for (const pugi::xml_node child : children(node)) {
        const std::string_view name = local_name(child);
        bool read = false;
        if (name == "Days") {
            read = read_int(child, expiration.days);
        } else if (name == "Date") {
            read = read_date(child, expiration.date);
        } else if (name == "ExpiredObjectDeleteMarker") {
            const std::string text = text_of(child);
            read = !expiration.expired_object_delete_marker && (text == "true" || text == "false");
            expiration.expired_object_delete_marker = text == "true";
        }
        if (!read) {
            return false;
        }
    }
    // Recorded: Days together with ExpiredObjectDeleteMarker is malformed.
    return expiration.days.has_value() + expiration.date.has_value() +
               expiration.expired_object_delete_marker.has_value() ==
           1;
}

bool is_transition_class(std::string_view name) {
    constexpr std::string_view kClasses[] = {
        "GLACIER",
        "STANDARD_IA",
        "ONEZONE_IA",
        "INTELLIGENT_TIERING",
        "DEEP_ARCHIVE",
        "GLACIER_IR"};
    return std::ranges::find(kClasses, name) != std::end(kClasses);
}

bool read_transition(pugi::xml_node node, bool noncurrent, LifecycleTransition& transition) {
    std::optional<std::string> storage_class;
    for (const pugi::xml_node child : children(node)) {
        const std::string_view name = local_name(child);
        bool read = false;
        if (name == "StorageClass") {
            read = read_text(child, storage_class);
        } else if (name == (noncurrent ? "NoncurrentDays" : "Days")) {
            read = read_int(child, transition.days);
        } else if (!noncurrent && name == "Date") {
            read = read_date(child, transition.date);
        } else if (noncurrent && name == "NewerNoncurrentVersions") {
            read = read_int(child, transition.newer_versions);
        }
        if (!read) {
            return false;
        }
    }
    if (!storage_class || !is_transition_class(*storage_class)) {
        return false;
    }
    transition.storage_class = *std::move(storage_class);
    return transition.days.has_value() + transition.date.has_value() == 1;
}

bool read_noncurrent_expiration(
    pugi::xml_node node, std::optional<NoncurrentExpiration>& expiration
) {
    std::optional<std::int64_t> days;
    std::optional<std::int64_t> newer;
    for (const pugi::xml_node child : children(node)) {
        const bool read = local_name(child) == "NoncurrentDays"            ? read_int(child, days)
                          : local_name(child) == "NewerNoncurrentVersions" ? read_int(child, newer)
                                                                           : false;
        if (!read) {
            return false;
        }
    }
    if (expiration || !days) {
        return false;
    }
    expiration = NoncurrentExpiration{*days, newer};
    return true;
}

bool read_abort(pugi::xml_node node, std::optional<std::int64_t>& days) {
    const auto all = children(node);
    return all.size() == 1 && local_name(all.front()) == "DaysAfterInitiation" &&
           read_int(all.front(), days);
}

struct RuleParts {
    std::optional<std::string> id;
    std::optional<std::string> status;
    std::optional<std::string> base_prefix;
    bool filter = false;
};

bool read_action(pugi::xml_node node, LifecycleRule& rule) {
    const std::string_view name = local_name(node);
    if (name == "Expiration") {
        return !rule.expiration && read_expiration(node, rule.expiration.emplace());
    }
    if (name == "Transition") {
        return read_transition(node, false, rule.transitions.emplace_back());
    }
    if (name == "NoncurrentVersionTransition") {
        return read_transition(node, true, rule.noncurrent_transitions.emplace_back());
    }
    if (name == "NoncurrentVersionExpiration") {
        return read_noncurrent_expiration(node, rule.noncurrent_expiration);
    }
    return name == "AbortIncompleteMultipartUpload" && read_abort(node, rule.abort_uploads_after);
}

bool read_part(pugi::xml_node node, LifecycleRule& rule, RuleParts& parts) {
    const std::string_view name = local_name(node);
    if (name == "ID") {
        return read_text(node, parts.id);
    }
    if (name == "Status") {
        return read_text(node, parts.status);
    }
    if (name == "Prefix") {
        return read_text(node, parts.base_prefix);
    }
    if (name == "Filter") {
        return !std::exchange(parts.filter, true) && read_filter(node, rule.filter);
    }
    return read_action(node, rule);
}

Result<LifecycleRule> parse_rule(pugi::xml_node element) {
    LifecycleRule rule;
    RuleParts parts;
    for (const pugi::xml_node child : children(element)) {
        if (!read_part(child, rule, parts)) {
            return malformed_xml();
        }
    }
    const bool known = parts.status == "Enabled" || parts.status == "Disabled";
    // Recorded: a rule without filter and prefix is malformed.
    if (!known || (!parts.filter && !parts.base_prefix)) {
        return malformed_xml();
    }
    if (parts.filter && parts.base_prefix) {
        return invalid_request(kNoBasePrefix);
    }
    rule.id = parts.id.value_or("");
    rule.enabled = parts.status == "Enabled";
    if (parts.base_prefix) {
        rule.filter.form = LifecycleFilter::Form::BasePrefix;
        rule.filter.prefix = *std::move(parts.base_prefix);
    }
    return rule;
}

void write_number(
    protocol::XmlWriter& xml, std::string_view name, const std::optional<std::int64_t>& number
) {
    if (number) {
        xml.element(name, static_cast<std::uint64_t>(*number));
    }
}

void write_date(
    protocol::XmlWriter& xml, std::string_view name, const std::optional<UtcInstant>& date
) {
    if (date) {
        xml.element(name, to_iso8601_ms(*date));
    }
}

void write_predicates(protocol::XmlWriter& xml, const LifecycleFilter& filter) {
    if (filter.prefix) {
        xml.element("Prefix", *filter.prefix);
    }
    for (const auto& [key, value] : filter.tags) {
        xml.open("Tag").element("Key", key).element("Value", value).close();
    }
    write_number(xml, "ObjectSizeGreaterThan", filter.larger_than);
    write_number(xml, "ObjectSizeLessThan", filter.less_than);
}

void write_filter(protocol::XmlWriter& xml, const LifecycleFilter& filter) {
    switch (filter.form) {
    case LifecycleFilter::Form::BasePrefix:
        xml.element("Prefix", *filter.prefix);
        return;
    case LifecycleFilter::Form::Empty:
        xml.empty("Filter");
        return;
    case LifecycleFilter::Form::Single:
        xml.open("Filter");
        write_predicates(xml, filter);
        xml.close();
        return;
    case LifecycleFilter::Form::And:
        xml.open("Filter").open("And");
        write_predicates(xml, filter);
        xml.close().close();
        return;
    }
}

void write_transition(
    protocol::XmlWriter& xml, const LifecycleTransition& transition, bool noncurrent
) {
    xml.open(noncurrent ? "NoncurrentVersionTransition" : "Transition");
    write_number(xml, noncurrent ? "NoncurrentDays" : "Days", transition.days);
    write_date(xml, "Date", transition.date);
    write_number(xml, "NewerNoncurrentVersions", transition.newer_versions);
    xml.element("StorageClass", transition.storage_class);
    xml.close();
}

void write_actions(protocol::XmlWriter& xml, const LifecycleRule& rule) {
    for (const LifecycleTransition& transition : rule.transitions) {
        write_transition(xml, transition, false);
    }
    if (rule.expiration) {
        xml.open("Expiration");
        write_number(xml, "Days", rule.expiration->days);
        write_date(xml, "Date", rule.expiration->date);
        if (rule.expiration->expired_object_delete_marker) {
            xml.element(
                "ExpiredObjectDeleteMarker", *rule.expiration->expired_object_delete_marker
            );
        }
        xml.close();
    }
    for (const LifecycleTransition& transition : rule.noncurrent_transitions) {
        write_transition(xml, transition, true);
    }
    if (rule.noncurrent_expiration) {
        xml.open("NoncurrentVersionExpiration");
        write_number(xml, "NoncurrentDays", rule.noncurrent_expiration->days);
        write_number(xml, "NewerNoncurrentVersions", rule.noncurrent_expiration->newer_versions);
        xml.close();
    }
    if (rule.abort_uploads_after) {
        xml.open("AbortIncompleteMultipartUpload");
        write_number(xml, "DaysAfterInitiation", rule.abort_uploads_after);
        xml.close();
    }
}

LifecycleConfig parse_setting(std::string_view text) {
    // "MICROSECONDS SIZE\nDOCUMENT"
    const auto space = text.find(' ');
    const auto line_end = text.find('\n');
    BT_ASSERT(space != std::string_view::npos && line_end != std::string_view::npos);
    LifecycleConfig config;
    const auto stamp = parse_u64(text.substr(0, space));
    const auto size = parse_minimum_size(text.substr(space + 1, line_end - space - 1));
    auto rules = parse_lifecycle_rules(text.substr(line_end + 1));
    BT_ASSERT(stamp && size && rules);
    config.put_at = UtcInstant(microseconds(static_cast<std::int64_t>(*stamp)));
    config.minimum_size = *size;
    config.rules = *std::move(rules);
    return config;
}

} // namespace

Result<std::vector<LifecycleRule>> parse_lifecycle_rules(std::string_view document) {
    const auto parsed = protocol::parse_xml(document);
    if (!parsed || local_name(parsed->root()) != "LifecycleConfiguration") {
        return malformed_xml();
    }
    std::vector<LifecycleRule> rules;
    for (const pugi::xml_node child : children(parsed->root())) {
        if (local_name(child) != "Rule") {
            return malformed_xml();
        }
        auto rule = parse_rule(child);
        if (!rule) {
            return rule.error();
        }
        rules.push_back(*std::move(rule));
        if (rules.size() == kRulesRead) {
            break;
        }
    }
    return rules;
}

void assign_missing_ids(std::vector<LifecycleRule>& rules, Random& random) {
    for (LifecycleRule& rule : rules) {
        if (rule.id.empty()) {
            rule.id = to_base64(as_bytes(make_uuid(random)));
        }
    }
}

std::string to_xml(const std::vector<LifecycleRule>& rules) {
    protocol::XmlWriter xml;
    xml.open("LifecycleConfiguration", kXmlNamespace);
    for (const LifecycleRule& rule : rules) {
        xml.open("Rule");
        xml.element("ID", rule.id);
        write_filter(xml, rule.filter);
        xml.element("Status", rule.enabled ? "Enabled" : "Disabled");
        write_actions(xml, rule);
        xml.close();
    }
    xml.close();
    return std::move(xml).take();
}

std::optional<MinimumTransitionSize> parse_minimum_size(std::string_view text) {
    if (text == "all_storage_classes_128K") {
        return MinimumTransitionSize::All128K;
    }
    if (text == "varies_by_storage_class") {
        return MinimumTransitionSize::VariesByStorageClass;
    }
    return std::nullopt;
}

std::string_view to_text(MinimumTransitionSize size) {
    return size == MinimumTransitionSize::All128K ? "all_storage_classes_128K"
                                                  : "varies_by_storage_class";
}

std::string to_setting(const LifecycleConfig& config) {
    std::string text = std::to_string(config.put_at.time_since_epoch().count());
    text += ' ';
    text += to_text(config.minimum_size);
    text += '\n';
    text += to_xml(config.rules);
    return text;
}

std::shared_ptr<const LifecycleConfig> lifecycle_of(const store::Bucket& bucket) {
    const auto text = bucket.setting(kLifecycleSetting);
    if (!text) {
        return nullptr;
    }
    thread_local ParsedCache<LifecycleConfig> cache;
    return cache.get(*text, parse_setting);
}

} // namespace benchtop::s3
