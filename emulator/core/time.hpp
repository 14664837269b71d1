// Instants, durations and the date formats AWS speaks. Nothing here reads a clock.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace benchtop {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

// A moment on the wall clock's axis, UTC, microseconds since 1970.
using UtcInstant = std::chrono::sys_time<microseconds>;

// A moment of the monotonic clock; only differences mean anything.
struct MonotonicInstant {
    std::chrono::nanoseconds since_start{};
    auto operator<=>(const MonotonicInstant&) const = default;

    std::chrono::nanoseconds operator-(const MonotonicInstant& other) const {
        return since_start - other.since_start;
    }

    MonotonicInstant operator+(std::chrono::nanoseconds d) const { return {since_start + d}; }
};

std::int64_t to_epoch_ms(UtcInstant t);
std::int64_t to_epoch_seconds(UtcInstant t);
UtcInstant from_epoch_ms(std::int64_t ms);
UtcInstant from_epoch_seconds(std::int64_t s);

// "Sat, 21 Feb 2026 00:17:57 GMT" (RFC 9110 IMF-fixdate)
std::string to_http_date(UtcInstant t);
// "20260221T001757Z" (X-Amz-Date)
std::string to_amz_date(UtcInstant t);
// "20260221" (credential scope)
std::string to_scope_date(UtcInstant t);
// "2026-02-21T00:17:57.123Z" (event times); S3 listings always print .000: truncate first
std::string to_iso8601_ms(UtcInstant t);
// "2026-02-21T00:17:57Z"
std::string to_iso8601_s(UtcInstant t);
// "14/Apr/2025:22:16:45 +0000" (Common Log Format, API Gateway's requestContext.time)
std::string to_clf(UtcInstant t);

std::optional<UtcInstant> parse_amz_date(std::string_view text);
// Accepts IMF-fixdate, the obsolete RFC 850 and asctime forms, and a numeric zone ("+0000").
std::optional<UtcInstant> parse_http_date(std::string_view text);
// Accepts "2026-02-21T00:17:57Z" with or without a fraction.
std::optional<UtcInstant> parse_iso8601(std::string_view text);
// True for 8 digits that are a date.
bool is_scope_date(std::string_view text);

} // namespace benchtop
