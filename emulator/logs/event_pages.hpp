// Pages of events: where one ends and the next begins, and how events and tokens look to a client.
#pragma once

#include "emulator/protocol/json_writer.hpp"
#include "emulator/store/tx.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace benchtop::logs {

// A page holds at most so many events, and so many bytes counted as PutLogEvents counts them.
inline constexpr std::int64_t kPageEventsMax = 10'000;
inline constexpr std::size_t kPageBytesMax = 1'048'576;
inline constexpr std::size_t kEventOverhead = 26;

// Events are ordered by time and, within a millisecond, by their ids in the store.
struct Position {
    std::int64_t ms = 0;
    std::int64_t id = 0;
    auto operator<=>(const Position&) const = default;
};

Position position_of(const store::LogEvent& event);

// 56 digits, as AWS's tokens and event ids have; ordered as positions are.
std::string digits_of(const Position& position);
std::optional<Position> position_of_digits(std::string_view digits);
// nextSequenceToken and uploadSequenceToken: AWS ignores what a client makes of it.
std::string sequence_token(UtcInstant ingested_at);

// A client's milliseconds; a moment nobody can mean is brought into the years 1970 to 9999.
UtcInstant instant_of_ms(std::int64_t ms);

void write_event(protocol::JsonWriter& out, const store::LogEvent& event);

} // namespace benchtop::logs
