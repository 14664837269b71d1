#include "emulator/core/duration.hpp"

#include "emulator/core/encoding.hpp"

namespace benchtop {

std::optional<microseconds> parse_duration(std::string_view text) {
    const auto unit_at = text.find_first_not_of("0123456789");
    const auto number = parse_u64(text.substr(0, unit_at));
    const std::string_view unit = unit_at == std::string_view::npos ? "s" : text.substr(unit_at);
    std::int64_t unit_ms = 0;
    if (unit == "ms") {
        unit_ms = 1;
    } else if (unit == "s") {
        unit_ms = 1000;
    } else if (unit == "m") {
        unit_ms = 60'000;
    } else if (unit == "h") {
        unit_ms = 3'600'000;
    } else if (unit == "d") {
        unit_ms = 86'400'000;
    }
    const std::uint64_t limit_ms = static_cast<std::uint64_t>(kDurationDaysMax) * 86'400'000;
    if (!number || unit_ms == 0 || *number > limit_ms / static_cast<std::uint64_t>(unit_ms)) {
        return std::nullopt;
    }
    return milliseconds{static_cast<std::int64_t>(*number) * unit_ms};
}

} // namespace benchtop
