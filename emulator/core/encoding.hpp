// Hex, base64 and the percent-encodings AWS uses. Pure functions on bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace benchtop {

using ByteView = std::span<const std::uint8_t>;

inline ByteView as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

inline std::string_view as_text(ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Lower-case hex.
std::string to_hex(ByteView bytes);
std::optional<std::string> from_hex(std::string_view hex);

std::string to_base64(ByteView bytes);
// Strict: padding required, no line breaks, no stray bits refused by AWS's decoders are tolerated.
std::optional<std::string> from_base64(std::string_view text);

// What stays unescaped beside A-Z a-z 0-9 - . _ ~
enum class SlashRule { Encode, Keep };

// RFC 3986 percent-encoding as SigV4 wants it (upper-case hex). SlashRule::Keep for paths.
std::string percent_encode(std::string_view bytes, SlashRule slash);

// What a raw '+' means.
enum class PlusRule { Literal, Space };

// Percent-decoding. A '%' that is not followed by two hex digits: nullopt.
std::optional<std::string> percent_decode(std::string_view text, PlusRule plus);

// Form encoding with '/' left alone: the key in S3 event records and in listings with
// encoding-type=url. A-Z a-z 0-9 . - _ * / stay, space is '+', everything else %XX.
std::string form_encode_key(std::string_view key);

bool is_valid_utf8(std::string_view text);

// Comparisons without locale.
char ascii_lower(char c);
std::string to_lower(std::string_view text);
bool iequals(std::string_view a, std::string_view b);
std::string_view trim(std::string_view text); // spaces and tabs

// Whole string is a decimal integer that fits; no sign for the unsigned one, an optional '-' for
// the other.
std::optional<std::uint64_t> parse_u64(std::string_view text);
std::optional<std::int64_t> parse_i64(std::string_view text);

} // namespace benchtop
