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

Result<void> Constraints::check() const {
    const std::string text = message();
    if (text.empty()) {
        return {};
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
