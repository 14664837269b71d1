// Rules as JSON, in and out.
#include "emulator/core/duration.hpp"
#include "emulator/faults/rules.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>

namespace benchtop::faults {
namespace {

namespace json = boost::json;

constexpr seconds kDelayMax{60};
constexpr std::size_t kPatternMax = 1100; // S3's longest key, and some stars

AwsError wrong(std::string message) {
    return AwsError(400, "InvalidFault", std::move(message));
}

struct PatternMember {
    std::string_view name;
    std::string FaultRule::*member;
};

constexpr std::array<PatternMember, 5> kPatterns{{
    {"function", &FaultRule::function},
    {"service", &FaultRule::service},
    {"operation", &FaultRule::operation},
    {"bucket", &FaultRule::bucket},
    {"key", &FaultRule::key},
}};

struct CountMember {
    std::string_view name;
    std::uint64_t FaultRule::*member;
};

constexpr std::array<CountMember, 3> kCounts{{
    {"nth", &FaultRule::nth},
    {"every", &FaultRule::every},
    {"times", &FaultRule::times},
}};

std::optional<std::string> text_of(const json::value& value) {
    const json::string* const text = value.if_string();
    return text == nullptr ? std::nullopt
                           : std::optional<std::string>(std::in_place, text->data(), text->size());
}

// false: no member of this kind.
Result<bool> read_condition(FaultRule& rule, std::string_view name, const json::value& value) {
    for (const PatternMember& pattern : kPatterns) {
        if (pattern.name == name) {
            const auto text = text_of(value);
            if (!text || text->size() > kPatternMax) {
                return wrong(std::string(name) + " is a pattern, such as \"Copy*\".");
            }
            rule.*pattern.member = *text;
            return true;
        }
    }
    for (const CountMember& count : kCounts) {
        if (count.name == name) {
            boost::system::error_code ec;
            const auto number = value.to_number<std::uint64_t>(ec);
            if (ec || number == 0) {
                return wrong(std::string(name) + " is a number from 1.");
            }
            rule.*count.member = number;
            return true;
        }
    }
    if (name == "probability") {
        boost::system::error_code ec;
        rule.probability = value.to_number<double>(ec);
        if (ec || !(rule.probability >= 0 && rule.probability <= 1)) {
            return wrong("probability is a number from 0 to 1.");
        }
        return true;
    }
    return false;
}

Result<bool> read_fault(FaultRule& rule, std::string_view name, const json::value& value) {
    const std::string text = text_of(value).value_or("");
    if (name == "on") {
        if (text != "call" && text != "event") {
            return wrong("on is \"call\" or \"event\".");
        }
        rule.place = text == "call" ? FaultPlace::Call : FaultPlace::Event;
        return true;
    }
    if (name == "kind") {
        const auto kind = kind_named(text);
        if (!kind) {
            return wrong("kind is delay, error, throttle, timeout, lost-answer, "
                         "expired-credentials or duplicate.");
        }
        rule.fault.kind = *kind;
        return true;
    }
    if (name == "delay") {
        const auto delay = parse_duration(text);
        if (!delay || delay->count() < 0 || *delay > kDelayMax) {
            return wrong("delay is a duration such as \"500ms\", at most 60s.");
        }
        rule.fault.delay = *delay;
        return true;
    }
    if (name == "code") {
        if (!value.is_string() || !is_fault_code(text)) {
            return wrong("code is InternalError, ServiceUnavailable or SlowDown.");
        }
        rule.fault.code = text;
        return true;
    }
    return false;
}

} // namespace

bool can_happen(FaultKind kind, FaultPlace place) {
    switch (kind) {
    case FaultKind::Delay:
    case FaultKind::Error:
    case FaultKind::Throttle:
    case FaultKind::LostAnswer:
    case FaultKind::Crash:
        return true;
    case FaultKind::Timeout:
    case FaultKind::ExpiredCredentials:
    case FaultKind::CrashAfter:
        return place == FaultPlace::Call;
    case FaultKind::Duplicate:
        return place == FaultPlace::Event;
    }
    return false;
}

bool is_fault_code(std::string_view code) {
    constexpr std::array known{
        std::string_view(),
        std::string_view("InternalError"),
        std::string_view("ServiceUnavailable"),
        std::string_view("SlowDown")};
    return std::find(known.begin(), known.end(), code) != known.end();
}

Result<FaultRule> rule_of(const json::object& document) {
    FaultRule rule;
    for (const auto& member : document) {
        const std::string_view name(member.key().data(), member.key().size());
        if (name == "seen" || name == "fired") {
            continue; // of a rule that was read from here
        }
        auto known = read_condition(rule, name, member.value());
        if (known && !*known) {
            known = read_fault(rule, name, member.value());
        }
        if (!known) {
            return known.error();
        }
        if (!*known) {
            return wrong("A rule has no member " + std::string(name.substr(0, 64)) + ".");
        }
    }
    if (!document.contains("kind")) {
        return wrong("A rule says which kind of fault: {\"kind\": \"throttle\"}.");
    }
    const bool is_crash =
        rule.fault.kind == FaultKind::Crash || rule.fault.kind == FaultKind::CrashAfter;
    if (is_crash || !can_happen(rule.fault.kind, rule.place)) {
        return wrong(
            std::string(name_of(rule.fault.kind)) + " does not happen to " +
            (rule.place == FaultPlace::Call ? "a call" : "an event") + " of a running emulator."
        );
    }
    if (rule.fault.kind == FaultKind::Delay && rule.fault.delay.count() == 0) {
        return wrong("A delay says how long: {\"kind\": \"delay\", \"delay\": \"500ms\"}.");
    }
    if (rule.place == FaultPlace::Event && !(rule.service.empty() && rule.operation.empty())) {
        return wrong("An event has no service and no operation.");
    }
    return rule;
}

json::object document_of(const FaultRule& rule) {
    json::object document{
        {"on", rule.place == FaultPlace::Call ? "call" : "event"},
        {"kind", name_of(rule.fault.kind)}};
    for (const PatternMember& pattern : kPatterns) {
        if (!(rule.*pattern.member).empty()) {
            document[pattern.name] = rule.*pattern.member;
        }
    }
    if (rule.fault.delay.count() > 0) {
        document["delay"] = std::to_string(rule.fault.delay.count() / 1000) + "ms";
    }
    if (!rule.fault.code.empty()) {
        document["code"] = rule.fault.code;
    }
    for (const CountMember& count : kCounts) {
        if (rule.*count.member != 0) {
            document[count.name] = rule.*count.member;
        }
    }
    if (rule.probability != 1) {
        document["probability"] = rule.probability;
    }
    document["seen"] = rule.seen;
    document["fired"] = rule.fired;
    return document;
}

} // namespace benchtop::faults
