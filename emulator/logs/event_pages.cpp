#include "emulator/logs/event_pages.hpp"

#include "emulator/core/encoding.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace benchtop::logs {
namespace {

constexpr std::size_t kTimeDigits = 15;
constexpr std::size_t kDigits = 56;
constexpr std::int64_t kLastMs = 253'402'300'799'999; // the end of year 9999

} // namespace

Position position_of(const store::LogEvent& event) {
    return {to_epoch_ms(event.at), event.id};
}

std::string digits_of(const Position& position) {
    return fmt::format("{:015}{:041}", position.ms, position.id);
}

std::optional<Position> position_of_digits(std::string_view digits) {
    if (digits.size() != kDigits ||
        !std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; })) {
        return std::nullopt;
    }
    const auto ms = parse_i64(digits.substr(0, kTimeDigits));
    const std::string_view rest = digits.substr(kTimeDigits);
    const auto id = parse_i64(rest.substr(std::min(rest.find_first_not_of('0'), rest.size() - 1)));
    return ms && id ? std::optional(Position{*ms, *id}) : std::nullopt;
}

std::string sequence_token(UtcInstant ingested_at) {
    return "4" + fmt::format("{:055}", ingested_at.time_since_epoch().count());
}

UtcInstant instant_of_ms(std::int64_t ms) {
    return from_epoch_ms(std::clamp<std::int64_t>(ms, 0, kLastMs));
}

void write_event(protocol::JsonWriter& out, const store::LogEvent& event) {
    out.member("timestamp", to_epoch_ms(event.at))
        .member("message", event.message)
        .member("ingestionTime", to_epoch_ms(event.ingested_at));
}

} // namespace benchtop::logs
