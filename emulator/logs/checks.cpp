#include "emulator/logs/checks.hpp"

#include "emulator/core/utf8.hpp"
#include "emulator/logs/errors.hpp"

#include <algorithm>

namespace benchtop::logs {
namespace {

constexpr std::size_t kFailuresMax = 10;
constexpr std::size_t kQuotedMax = 1024;

bool is_alphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

} // namespace

bool is_group_name(std::string_view name) {
    constexpr std::string_view others = ".-_/#";
    return std::all_of(name.begin(), name.end(), [&](char c) {
        return is_alphanumeric(c) || others.find(c) != std::string_view::npos;
    });
}

bool is_stream_name(std::string_view name) {
    return name.find_first_of(":*") == std::string_view::npos;
}

void Checks::fail(
    std::string_view member, std::optional<std::string> value, std::string_view constraint
) {
    if (++failures_ > static_cast<int>(kFailuresMax)) {
        return;
    }
    text_ += text_.empty() ? "" : "; ";
    text_ += "Value ";
    text_ += value ? "'" + utf8_text(value->substr(0, kQuotedMax)) + "'" : std::string("null");
    text_ += " at '";
    text_ += member;
    text_ += "' failed to satisfy constraint: Member must ";
    text_ += constraint;
}

void Checks::required(std::string_view member, bool given) {
    if (!given) {
        fail(member, std::nullopt, "not be null");
    }
}

void Checks::length(
    std::string_view member,
    const std::optional<std::string>& value,
    std::size_t min,
    std::size_t max
) {
    if (value && value->size() < min) {
        fail(member, value, "have length greater than or equal to " + std::to_string(min));
    } else if (value && value->size() > max) {
        fail(member, value, "have length less than or equal to " + std::to_string(max));
    }
}

void Checks::range(
    std::string_view member,
    std::optional<std::int64_t> value,
    std::int64_t min,
    std::optional<std::int64_t> max
) {
    if (value && *value < min) {
        fail(
            member,
            std::to_string(*value),
            "have value greater than or equal to " + std::to_string(min)
        );
    } else if (value && max && *value > *max) {
        fail(
            member,
            std::to_string(*value),
            "have value less than or equal to " + std::to_string(*max)
        );
    }
}

void Checks::name(
    std::string_view member,
    const std::optional<std::string>& value,
    bool well_formed,
    std::string_view pattern
) {
    if (!value) {
        return;
    }
    if (value->size() > kNameMax) {
        name_too_long_ = true;
        return;
    }
    length(member, value, 1, kNameMax);
    if (!well_formed) {
        fail(member, value, "satisfy regular expression pattern: " + std::string(pattern));
    }
}

void Checks::group_name(std::string_view member, const std::optional<std::string>& value) {
    name(member, value, value && is_group_name(*value), R"([\.\-_/#A-Za-z0-9]+)");
}

void Checks::stream_name(std::string_view member, const std::optional<std::string>& value) {
    name(member, value, value && is_stream_name(*value), "[^:*]*");
}

Result<void> Checks::take() const {
    if (failures_ > 0) {
        return invalid_parameter(
            std::to_string(failures_) +
            (failures_ == 1 ? " validation error detected: " : " validation errors detected: ") +
            text_
        );
    }
    if (name_too_long_) {
        return invalid_parameter(
            "Invalid LogGroup or LogStream, both must have length less than or equal to 512."
        );
    }
    return {};
}

} // namespace benchtop::logs
