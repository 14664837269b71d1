#include "emulator/policy/condition.hpp"

#include "emulator/core/encoding.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <cmath>
#include <cstring>

namespace benchtop::policy {
namespace {

std::optional<double> parse_number(std::string_view text) {
    double number = 0;
    if (text.starts_with('+')) {
        text.remove_prefix(1);
    }
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(number)) {
        return std::nullopt;
    }
    return number;
}

// ISO 8601 (date alone, minutes, seconds) or seconds since 1970; microseconds since 1970.
std::optional<std::int64_t> parse_date(std::string_view text) {
    constexpr std::int64_t epoch_seconds_max = 253'402'300'799; // 9999-12-31T23:59:59Z
    if (const auto epoch = parse_i64(text)) {
        if (*epoch < -epoch_seconds_max || *epoch > epoch_seconds_max) {
            return std::nullopt;
        }
        return *epoch * 1'000'000;
    }
    std::string full(text.substr(0, 64));
    if (full.size() == 10) {
        full += "T00:00:00Z";
    } else if (full.size() == 17 && full.back() == 'Z') {
        full.replace(16, 1, ":00Z");
    }
    const auto instant = parse_iso8601(full);
    if (!instant) {
        return std::nullopt;
    }
    return instant->time_since_epoch().count();
}

bool is_boolean(std::string_view text) {
    return iequals(text, "true") || iequals(text, "false");
}

} // namespace

// ---------------------------------------------------------------- context

ConditionContext::ConditionContext() {
    bytes_.reserve(512);
    entries_.reserve(16);
}

void ConditionContext::add(std::string_view key, std::string_view value) {
    const auto begin = static_cast<std::uint32_t>(bytes_.size());
    bytes_.append(key).append(value);
    const auto key_size = static_cast<std::uint32_t>(key.size());
    entries_.push_back({begin, key_size, begin + key_size, static_cast<std::uint32_t>(value.size())}
    );
}

std::optional<std::string_view> ConditionContext::value(std::string_view key, std::size_t n) const {
    const std::string_view bytes = bytes_;
    for (const Entry& entry : entries_) {
        if (entry.key_size == key.size() &&
            iequals(bytes.substr(entry.key_begin, entry.key_size), key)) {
            if (n-- == 0) {
                return bytes.substr(entry.value_begin, entry.value_size);
            }
        }
    }
    return std::nullopt;
}

// ---------------------------------------------------------------- addresses

std::optional<IpAddress> parse_ip_address(std::string_view text) {
    char copy[64];
    if (text.empty() || text.size() >= sizeof copy) {
        return std::nullopt;
    }
    std::memcpy(copy, text.data(), text.size());
    copy[text.size()] = '\0';
    IpAddress address;
    if (::inet_pton(AF_INET, copy, address.bytes.data()) == 1) {
        return address;
    }
    if (::inet_pton(AF_INET6, copy, address.bytes.data()) == 1) {
        address.v6 = true;
        return address;
    }
    return std::nullopt;
}

std::optional<IpRange> parse_ip_range(std::string_view text) {
    const auto slash = text.find('/');
    const auto base = parse_ip_address(text.substr(0, slash));
    if (!base) {
        return std::nullopt;
    }
    const unsigned bits_max = base->v6 ? 128 : 32;
    if (slash == std::string_view::npos) {
        return IpRange{*base, bits_max};
    }
    const auto bits = parse_u64(text.substr(slash + 1));
    if (!bits || *bits > bits_max) {
        return std::nullopt;
    }
    return IpRange{*base, static_cast<unsigned>(*bits)};
}

bool IpRange::contains(const IpAddress& address) const {
    if (address.v6 != base.v6) {
        return false;
    }
    for (unsigned bit = 0; bit < prefix_bits; bit += 8) {
        const unsigned here = std::min(8U, prefix_bits - bit);
        const unsigned mask = (0xffU << (8 - here)) & 0xffU;
        if (((base.bytes[bit / 8] ^ address.bytes[bit / 8]) & mask) != 0) {
            return false;
        }
    }
    return true;
}

// ---------------------------------------------------------------- conditions

struct Condition::Operator {
    std::string_view name;
    Kind kind;
    Order order = Order::Equal;
    bool negated = false;
    Wildcards wildcards = Wildcards::Literal;
    LetterCase letter_case = LetterCase::Sensitive;
};

const std::vector<Condition::Operator>& Condition::operators() {
    using enum Kind;
    using enum Order;
    constexpr auto literal = Wildcards::Literal;
    constexpr auto active = Wildcards::Active;
    static const std::vector<Operator> table = {
        {"StringEquals", String},
        {"StringNotEquals", String, Equal, true},
        {"StringEqualsIgnoreCase", String, Equal, false, literal, LetterCase::Ignored},
        {"StringNotEqualsIgnoreCase", String, Equal, true, literal, LetterCase::Ignored},
        {"StringLike", String, Equal, false, active},
        {"StringNotLike", String, Equal, true, active},
        {"NumericEquals", Number},
        {"NumericNotEquals", Number, Equal, true},
        {"NumericLessThan", Number, Less},
        {"NumericLessThanEquals", Number, LessEqual},
        {"NumericGreaterThan", Number, Greater},
        {"NumericGreaterThanEquals", Number, GreaterEqual},
        {"DateEquals", Date},
        {"DateNotEquals", Date, Equal, true},
        {"DateLessThan", Date, Less},
        {"DateLessThanEquals", Date, LessEqual},
        {"DateGreaterThan", Date, Greater},
        {"DateGreaterThanEquals", Date, GreaterEqual},
        {"Bool", Bool},
        {"BinaryEquals", Binary},
        {"IpAddress", Ip},
        {"NotIpAddress", Ip, Equal, true},
        {"ArnEquals", Arn},
        {"ArnLike", Arn},
        {"ArnNotEquals", Arn, Equal, true},
        {"ArnNotLike", Arn, Equal, true},
        {"Null", Null},
    };
    return table;
}

std::optional<Condition> Condition::parse(
    std::string_view operator_name,
    std::string_view key,
    std::vector<std::string> values,
    Variables variables
) {
    Condition condition;
    condition.operator_name_ = operator_name;
    condition.key_ = key;
    condition.values_ = std::move(values);
    constexpr std::string_view all = "ForAllValues:";
    constexpr std::string_view any = "ForAnyValue:";
    constexpr std::string_view if_exists = "IfExists";
    if (iequals(operator_name.substr(0, all.size()), all)) {
        condition.sets_ = Sets::ForAllValues;
        operator_name.remove_prefix(all.size());
    } else if (iequals(operator_name.substr(0, any.size()), any)) {
        condition.sets_ = Sets::ForAnyValue;
        operator_name.remove_prefix(any.size());
    }
    if (operator_name.size() > if_exists.size() &&
        iequals(operator_name.substr(operator_name.size() - if_exists.size()), if_exists)) {
        condition.if_exists_ = true;
        operator_name.remove_suffix(if_exists.size());
    }
    for (const Operator& candidate : operators()) {
        if (!iequals(candidate.name, operator_name)) {
            continue;
        }
        if (candidate.kind == Kind::Null &&
            (condition.if_exists_ || condition.sets_ != Sets::None)) {
            return std::nullopt;
        }
        condition.kind_ = candidate.kind;
        condition.order_ = candidate.order;
        condition.negated_ = candidate.negated;
        condition.letter_case_ = candidate.letter_case;
        if (!condition.compile_values(candidate.wildcards, variables)) {
            return std::nullopt;
        }
        return condition;
    }
    return std::nullopt;
}

bool Condition::compile_values(Wildcards wildcards, Variables variables) {
    for (const std::string& value : values_) {
        switch (kind_) {
        case Kind::String:
            patterns_.push_back(Pattern::compile(value, wildcards, variables));
            break;
        case Kind::Arn:
            arns_.push_back(ArnPattern::compile(value, variables));
            break;
        case Kind::Number:
            if (const auto number = parse_number(value)) {
                numbers_.push_back(*number);
                break;
            }
            return false;
        case Kind::Date:
            if (const auto date = parse_date(value)) {
                dates_us_.push_back(*date);
                break;
            }
            return false;
        case Kind::Ip:
            if (const auto range = parse_ip_range(value)) {
                ranges_.push_back(*range);
                break;
            }
            return false;
        case Kind::Bool:
        case Kind::Null:
            if (!is_boolean(value)) {
                return false;
            }
            break;
        case Kind::Binary:
            if (!from_base64(value)) {
                return false;
            }
            break;
        }
    }
    return true;
}

template <class T>
bool Condition::any_in_order(const std::vector<T>& values, const std::optional<T>& request) const {
    return request && std::any_of(values.begin(), values.end(), [&](const T& value) {
               switch (order_) {
               case Order::Equal:
                   return !(*request < value) && !(value < *request);
               case Order::Less:
                   return *request < value;
               case Order::LessEqual:
                   return *request <= value;
               case Order::Greater:
                   return *request > value;
               case Order::GreaterEqual:
                   return *request >= value;
               }
               return false;
           });
}

bool Condition::any_value_matches(std::string_view request_value, const KeySource& keys) const {
    switch (kind_) {
    case Kind::String:
        return std::any_of(patterns_.begin(), patterns_.end(), [&](const Pattern& pattern) {
            return pattern.matches(request_value, letter_case_, keys);
        });
    case Kind::Arn: {
        const auto parts = split_arn(request_value);
        return std::any_of(arns_.begin(), arns_.end(), [&](const ArnPattern& pattern) {
            return pattern.matches(request_value, parts, LetterCase::Sensitive, keys);
        });
    }
    case Kind::Number:
        return any_in_order(numbers_, parse_number(request_value));
    case Kind::Date:
        return any_in_order(dates_us_, parse_date(request_value));
    case Kind::Ip: {
        const auto address = parse_ip_address(request_value);
        return address && std::any_of(ranges_.begin(), ranges_.end(), [&](const IpRange& range) {
                   return range.contains(*address);
               });
    }
    case Kind::Bool:
        return std::any_of(values_.begin(), values_.end(), [&](const std::string& value) {
            return iequals(value, request_value);
        });
    case Kind::Binary:
        return std::find(values_.begin(), values_.end(), request_value) != values_.end();
    case Kind::Null:
        break;
    }
    return false;
}

bool Condition::set_holds(const KeySource& keys) const {
    const bool all = sets_ == Sets::ForAllValues;
    auto request_value = keys.value(key_, 0);
    if (!request_value) {
        return all || if_exists_;
    }
    for (std::size_t n = 0; request_value; request_value = keys.value(key_, ++n)) {
        const bool holds = any_value_matches(*request_value, keys) != negated_;
        if (holds != all) {
            return holds;
        }
    }
    return all;
}

bool Condition::holds(const KeySource& keys) const {
    if (kind_ == Kind::Null) {
        const std::string_view absent = keys.value(key_, 0) ? "false" : "true";
        return std::any_of(values_.begin(), values_.end(), [&](const std::string& value) {
            return iequals(value, absent);
        });
    }
    if (sets_ != Sets::None) {
        return set_holds(keys);
    }
    auto request_value = keys.value(key_, 0);
    if (!request_value) {
        return negated_ || if_exists_;
    }
    bool matched = false;
    for (std::size_t n = 0; request_value && !matched; request_value = keys.value(key_, ++n)) {
        matched = any_value_matches(*request_value, keys);
    }
    return matched != negated_;
}

} // namespace benchtop::policy
