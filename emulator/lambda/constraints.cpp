#include "emulator/lambda/constraints.hpp"

#include "emulator/lambda/errors.hpp"

#include <algorithm>

namespace benchtop::lambda {
namespace {

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

} // namespace

void Constraints::broken(std::string_view member, std::string_view value, std::string_view text) {
    breaches_.push_back(
        "Value " + std::string(value) + " at '" + std::string(member) +
        "' failed to satisfy constraint: " + std::string(text)
    );
}

void Constraints::required(std::string_view member, bool present) {
    if (!present) {
        broken(member, "null", "Member must not be null");
    }
}

void Constraints::range(
    std::string_view member, std::int64_t value, std::int64_t least, std::int64_t most
) {
    const std::string shown = "'" + std::to_string(value) + "'";
    if (value < least) {
        broken(
            member,
            shown,
            "Member must have value greater than or equal to " + std::to_string(least)
        );
    } else if (value > most) {
        broken(
            member, shown, "Member must have value less than or equal to " + std::to_string(most)
        );
    }
}

void Constraints::length(std::string_view member, std::string_view value, std::size_t most) {
    if (value.size() > most) {
        broken(
            member,
            "'" + std::string(value) + "'",
            "Member must have length less than or equal to " + std::to_string(most)
        );
    }
}

void Constraints::pattern(
    std::string_view member, std::string_view value, bool matches, std::string_view pattern
) {
    if (!matches) {
        broken(
            member,
            "'" + std::string(value) + "'",
            "Member must satisfy regular expression pattern: " + std::string(pattern)
        );
    }
}

Result<void> Constraints::check() const {
    if (breaches_.empty()) {
        return {};
    }
    std::string text = std::to_string(breaches_.size()) + " validation error" +
                       (breaches_.size() == 1 ? "" : "s") + " detected: ";
    for (std::size_t i = 0; i < breaches_.size(); ++i) {
        text += (i == 0 ? "" : "; ") + breaches_[i];
    }
    return validation_failed(text);
}

bool is_identifier(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return is_letter(c) || is_digit(c) || c == '-' || c == '_';
    });
}

bool is_role_arn(std::string_view text) {
    if (!text.starts_with("arn:")) {
        return false;
    }
    text.remove_prefix(4);
    const std::size_t partition = std::min(text.find(':'), text.size());
    const std::string_view name = text.substr(0, partition);
    if (!name.empty() &&
        (!name.starts_with("aws") || !std::all_of(name.begin() + 3, name.end(), [](char c) {
            return is_letter(c) || c == '-';
        }))) {
        return false;
    }
    text.remove_prefix(partition);
    if (!text.starts_with(":iam::")) {
        return false;
    }
    text.remove_prefix(6);
    if (text.size() < 18 || !std::all_of(text.begin(), text.begin() + 12, is_digit) ||
        text.substr(12, 5) != ":role") {
        return false;
    }
    text.remove_prefix(17);
    return std::all_of(text.begin(), text.end(), [](char c) {
        constexpr std::string_view others = "_+=,.@-/";
        return is_letter(c) || is_digit(c) || others.find(c) != std::string_view::npos;
    });
}

} // namespace benchtop::lambda
