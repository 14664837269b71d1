// Wildcard patterns of the policy language, compiled once and matched on every request.
//
// Rules: IAM User Guide, "IAM JSON policy elements: Resource" and "Variables and tags".
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace benchtop::policy {

// Where policy variables and conditions read the request from.
class KeySource {
public:
    virtual ~KeySource() = default;
    // The n-th value of a condition key (case-insensitive), nullopt past the last one.
    virtual std::optional<std::string_view> value(std::string_view key, std::size_t n) const = 0;

    // Variables take keys with exactly one value.
    std::optional<std::string_view> single_value(std::string_view key) const;
};

enum class LetterCase { Sensitive, Ignored };
enum class Wildcards { Literal, Active };
enum class Variables { Literal, Active };

// Text with `*` (any run of characters), `?` (one character, UTF-8 aware) and `${variables}`.
// What a variable expands to is literal text, wildcards included.
class Pattern {
public:
    static Pattern compile(std::string_view text, Wildcards wildcards, Variables variables);

    // False when a variable has neither a value nor a default. Never worse than
    // |pattern| * |text| steps: only the last `*` is ever retried.
    bool matches(std::string_view text, LetterCase letter_case, const KeySource& keys) const;

    bool has_variables() const { return !variables_.empty(); }

private:
    struct Variable {
        std::string key;
        std::optional<std::string> fallback;
    };

    std::optional<std::u16string> expand(const KeySource& keys) const;

    // One unit per byte; above 0xff the special units of pattern.cpp.
    std::u16string units_;
    std::vector<Variable> variables_;
};

using ArnParts = std::array<std::string_view, 6>;

// Splits at the first five colons; nullopt when there are fewer.
std::optional<ArnParts> split_arn(std::string_view text);

// An ARN pattern: wildcards do not cross the first five colons, and missing trailing fields are
// `*`. A pattern that does not begin with "arn:" (such as "*") is matched against the whole text.
class ArnPattern {
public:
    static ArnPattern compile(std::string_view text, Variables variables);

    // `parts` is split_arn(text), so that one split serves many patterns.
    bool matches(
        std::string_view text,
        const std::optional<ArnParts>& parts,
        LetterCase letter_case,
        const KeySource& keys
    ) const;

    const std::string& text() const { return text_; }

    bool has_variables() const;

private:
    std::string text_;
    bool everything_ = false;    // "*"
    std::vector<Pattern> parts_; // six of an ARN, or one
};

} // namespace benchtop::policy
