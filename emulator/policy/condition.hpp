// Condition blocks: the operators of the policy language and the request values they look at.
//
// Rules: IAM User Guide, "IAM JSON policy elements: Condition operators" and "Multivalued context
// keys".
#pragma once

#include "emulator/core/time.hpp"
#include "emulator/policy/pattern.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace benchtop::policy {

// Condition keys of one request. Key names are case-insensitive; a key may have several values.
// Everything is copied into one buffer; views given out die with the next add().
class ConditionContext {
public:
    ConditionContext();

    void add(std::string_view key, std::string_view value);
    std::optional<std::string_view> value(std::string_view key, std::size_t n) const;

private:
    struct Entry {
        std::uint32_t key_begin, key_size, value_begin, value_size;
    };

    std::string bytes_;
    std::vector<Entry> entries_;
};

struct IpAddress {
    std::array<std::uint8_t, 16> bytes{};
    bool v6 = false;
};

struct IpRange {
    IpAddress base;
    unsigned prefix_bits = 0;
    bool contains(const IpAddress& address) const;
};

std::optional<IpAddress> parse_ip_address(std::string_view text);
// "203.0.113.0/24"; without a slash the one address.
std::optional<IpRange> parse_ip_range(std::string_view text);

// One (operator, key, values) line of a Condition block.
class Condition {
public:
    // nullopt: unknown operator, or values that are none of the operator's kind.
    static std::optional<Condition> parse(
        std::string_view operator_name,
        std::string_view key,
        std::vector<std::string> values,
        Variables variables
    );

    bool holds(const KeySource& keys) const;

    const std::string& operator_name() const { return operator_name_; }

    const std::string& key() const { return key_; }

    const std::vector<std::string>& values() const { return values_; }

    bool is_negated() const { return negated_; }

    bool is_if_exists() const { return if_exists_; }

private:
    enum class Kind { String, Number, Date, Bool, Binary, Ip, Arn, Null };
    enum class Order { Equal, Less, LessEqual, Greater, GreaterEqual };
    enum class Sets { None, ForAllValues, ForAnyValue };
    struct Operator;

    bool compile_values(Wildcards wildcards, Variables variables);
    // Without the negation of the operator.
    bool any_value_matches(std::string_view request_value, const KeySource& keys) const;
    template <class T>
    bool any_in_order(const std::vector<T>& values, const std::optional<T>& request) const;
    bool set_holds(const KeySource& keys) const;

    std::string operator_name_; // as written, for reasons
    std::string key_;
    std::vector<std::string> values_; // as written
    Kind kind_ = Kind::String;
    Order order_ = Order::Equal;
    Sets sets_ = Sets::None;
    LetterCase letter_case_ = LetterCase::Sensitive;
    bool negated_ = false;
    bool if_exists_ = false;
    std::vector<Pattern> patterns_;
    std::vector<ArnPattern> arns_;
    std::vector<double> numbers_;
    std::vector<std::int64_t> dates_us_; // microseconds since 1970
    std::vector<IpRange> ranges_;

    static const std::vector<Operator>& operators();
};

} // namespace benchtop::policy
