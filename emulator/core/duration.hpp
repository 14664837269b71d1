// Durations as people type them: "301s", "5m", "36h", "30d", "250ms".
#pragma once

#include "emulator/core/time.hpp"

namespace benchtop {

inline constexpr std::int64_t kDurationDaysMax = 3650;

// One non-negative integer and one unit (ms, s, m, h, d; none means seconds). nullopt: not that, or
// over ten years.
std::optional<microseconds> parse_duration(std::string_view text);

} // namespace benchtop
