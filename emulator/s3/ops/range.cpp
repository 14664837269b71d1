#include "emulator/s3/ops/range.hpp"

#include "emulator/core/encoding.hpp"
#include "emulator/s3/errors.hpp"

#include <algorithm>
#include <limits>

namespace benchtop::s3 {
namespace {

// Digits only; a number too large for 64 bits is as good as infinite.
std::optional<std::uint64_t> position(std::string_view digits) {
    const bool all_digits =
        !digits.empty() && std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
    if (!all_digits) {
        return std::nullopt;
    }
    return parse_u64(digits).value_or(std::numeric_limits<std::uint64_t>::max());
}

} // namespace

Result<std::optional<ByteRange>> parse_range(std::string_view header, std::uint64_t size) {
    constexpr std::string_view kUnit = "bytes=";
    const std::optional<ByteRange> ignored;
    if (!header.starts_with(kUnit)) {
        return ignored;
    }
    const std::string_view spec = header.substr(kUnit.size());
    const auto dash = spec.find('-');
    if (dash == std::string_view::npos) {
        return ignored;
    }
    const std::string_view first_text = spec.substr(0, dash);
    const std::string_view last_text = spec.substr(dash + 1);
    const auto first = position(first_text);
    const auto last = position(last_text);
    if (first_text.empty()) {
        if (!last) {
            return ignored;
        }
        if (*last == 0 || size == 0) {
            return invalid_range(header, size);
        }
        return std::optional(ByteRange{size - std::min(*last, size), size - 1});
    }
    if (!first || (!last && !last_text.empty()) || (last && *last < *first)) {
        return ignored;
    }
    if (*first >= size) {
        return invalid_range(header, size);
    }
    return std::optional(ByteRange{*first, std::min(last.value_or(size - 1), size - 1)});
}

} // namespace benchtop::s3
