#include "emulator/policy/pattern.hpp"

#include "emulator/core/encoding.hpp"

namespace benchtop::policy {
namespace {

constexpr char16_t any_run = 0x100;
constexpr char16_t any_one = 0x101;
constexpr char16_t first_variable = 0x200;
// A policy with more variables in one value keeps the rest as literal text.
constexpr std::size_t variables_max = 64;
constexpr std::size_t expanded_max = 16 * 1024;

char16_t unit_of(char c) {
    return static_cast<unsigned char>(c);
}

bool is_continuation(char c) {
    return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

template <LetterCase Case>
bool same(char16_t unit, char c) {
    if constexpr (Case == LetterCase::Ignored) {
        return unit < 0x100 && ascii_lower(static_cast<char>(unit)) == ascii_lower(c);
    }
    return unit == unit_of(c);
}

template <LetterCase Case>
bool match_units(std::u16string_view pattern, std::string_view text) {
    constexpr auto none = std::string_view::npos;
    std::size_t i = 0;
    std::size_t j = 0;
    std::size_t after_run = none;
    std::size_t run_end = 0;
    while (j < text.size()) {
        if (i < pattern.size() && pattern[i] == any_run) {
            if (++i == pattern.size()) {
                return true;
            }
            after_run = i;
            run_end = j;
        } else if (i < pattern.size() && pattern[i] == any_one) {
            ++i;
            ++j;
            while (j < text.size() && is_continuation(text[j])) {
                ++j;
            }
        } else if (i < pattern.size() && same<Case>(pattern[i], text[j])) {
            ++i;
            ++j;
        } else if (after_run != none) {
            i = after_run;
            j = ++run_end;
        } else {
            return false;
        }
    }
    while (i < pattern.size() && pattern[i] == any_run) {
        ++i;
    }
    return i == pattern.size();
}

bool match(std::u16string_view pattern, std::string_view text, LetterCase letter_case) {
    return letter_case == LetterCase::Ignored ? match_units<LetterCase::Ignored>(pattern, text)
                                              : match_units<LetterCase::Sensitive>(pattern, text);
}

// End of the "${...}" that begins at `at` (index of '}'), or npos.
std::size_t variable_end(std::string_view text, std::size_t at) {
    return text.substr(at, 2) == "${" ? text.find('}', at + 2) : std::string_view::npos;
}

} // namespace

std::optional<std::string_view> KeySource::single_value(std::string_view key) const {
    const auto first = value(key, 0);
    return first && !value(key, 1) ? first : std::nullopt;
}

Pattern Pattern::compile(std::string_view text, Wildcards wildcards, Variables variables) {
    Pattern pattern;
    pattern.units_.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (variables == Variables::Active) {
            const auto end = variable_end(text, i);
            if (end != std::string_view::npos && pattern.variables_.size() < variables_max) {
                const std::string_view name = text.substr(i + 2, end - i - 2);
                i = end;
                if (name == "*" || name == "?" || name == "$") {
                    pattern.units_ += unit_of(name[0]);
                    continue;
                }
                Variable variable;
                const auto comma = name.find(',');
                variable.key = trim(name.substr(0, comma));
                if (comma != std::string_view::npos) {
                    std::string_view fallback = trim(name.substr(comma + 1));
                    if (fallback.size() >= 2 && fallback.front() == '\'' &&
                        fallback.back() == '\'') {
                        fallback = fallback.substr(1, fallback.size() - 2);
                    }
                    variable.fallback = fallback;
                }
                pattern.units_ += static_cast<char16_t>(first_variable + pattern.variables_.size());
                pattern.variables_.push_back(std::move(variable));
                continue;
            }
        }
        if (wildcards == Wildcards::Active && text[i] == '*') {
            if (pattern.units_.empty() || pattern.units_.back() != any_run) {
                pattern.units_ += any_run;
            }
        } else if (wildcards == Wildcards::Active && text[i] == '?') {
            pattern.units_ += any_one;
        } else {
            pattern.units_ += unit_of(text[i]);
        }
    }
    return pattern;
}

std::optional<std::u16string> Pattern::expand(const KeySource& keys) const {
    std::u16string out;
    for (const char16_t unit : units_) {
        if (unit < first_variable) {
            out += unit;
            continue;
        }
        const Variable& variable = variables_[unit - first_variable];
        auto value = keys.single_value(variable.key);
        if (!value && variable.fallback) {
            value = *variable.fallback;
        }
        if (!value || out.size() + value->size() > expanded_max) {
            return std::nullopt;
        }
        for (const char c : *value) {
            out += unit_of(c);
        }
    }
    return out;
}

bool Pattern::matches(std::string_view text, LetterCase letter_case, const KeySource& keys) const {
    if (variables_.empty()) {
        return match(units_, text, letter_case);
    }
    const auto expanded = expand(keys);
    return expanded && match(*expanded, text, letter_case);
}

std::optional<ArnParts> split_arn(std::string_view text) {
    ArnParts parts;
    for (std::size_t n = 0; n < 5; ++n) {
        const auto colon = text.find(':');
        if (colon == std::string_view::npos) {
            return std::nullopt;
        }
        parts[n] = text.substr(0, colon);
        text.remove_prefix(colon + 1);
    }
    parts[5] = text;
    return parts;
}

ArnPattern ArnPattern::compile(std::string_view text, Variables variables) {
    ArnPattern pattern;
    pattern.text_ = text;
    pattern.everything_ = text == "*";
    if (!text.starts_with("arn:")) {
        pattern.parts_.push_back(Pattern::compile(text, Wildcards::Active, variables));
        return pattern;
    }
    std::size_t begin = 0;
    for (std::size_t i = 0; i < text.size() && pattern.parts_.size() < 5; ++i) {
        if (variables == Variables::Active) {
            if (const auto end = variable_end(text, i); end != std::string_view::npos) {
                i = end; // a colon inside ${aws:username} separates nothing
                continue;
            }
        }
        if (text[i] == ':') {
            pattern.parts_.push_back(
                Pattern::compile(text.substr(begin, i - begin), Wildcards::Active, variables)
            );
            begin = i + 1;
        }
    }
    pattern.parts_.push_back(Pattern::compile(text.substr(begin), Wildcards::Active, variables));
    while (pattern.parts_.size() < 6) {
        pattern.parts_.push_back(Pattern::compile("*", Wildcards::Active, variables));
    }
    return pattern;
}

bool ArnPattern::matches(
    std::string_view text,
    const std::optional<ArnParts>& parts,
    LetterCase letter_case,
    const KeySource& keys
) const {
    if (everything_) {
        return true;
    }
    if (parts_.size() == 1) {
        return parts_[0].matches(text, letter_case, keys);
    }
    if (!parts) {
        return false;
    }
    // The resource part differs most often: try it first.
    for (std::size_t n = 6; n-- > 0;) {
        if (!parts_[n].matches((*parts)[n], letter_case, keys)) {
            return false;
        }
    }
    return true;
}

bool ArnPattern::has_variables() const {
    for (const auto& part : parts_) {
        if (part.has_variables()) {
            return true;
        }
    }
    return false;
}

} // namespace benchtop::policy
