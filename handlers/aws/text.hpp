// Small text forms the kit needs: percent-encoding as S3 signs it, Python's JSON, dates, digests.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace handlers::aws {

using Sha256 = std::array<unsigned char, 32>;

// UriEncode of "Signature Calculations for the Authorization Header": A-Z a-z 0-9 - . _ ~ stay, the
// rest becomes %XX with upper-case digits.
enum class Slash { Encode, Keep };
std::string uri_encode(std::string_view text, Slash slash = Slash::Encode);

// Plus signs become spaces, %XX becomes its byte; a percent sign without two digits stays as it is.
std::string unquote_plus(std::string_view text);
// The same without the plus rule.
std::string unquote(std::string_view text);

// A JSON string with its quotes, everything beyond ASCII escaped, as Python's json.dumps writes it
// by default. Bytes that are not UTF-8 become U+FFFD.
std::string json_quote(std::string_view text);

std::string to_hex(std::string_view bytes);
std::string to_hex(const Sha256& digest);
Sha256 sha256(std::string_view text);
Sha256 hmac_sha256(std::string_view key, std::string_view text);

// "20130524T000000Z"; the first eight characters are the credential scope's date.
std::string to_amz_date(std::int64_t epoch_ms);

// RFC 9562 version 4 from sixteen random bytes.
std::string uuid4(std::array<unsigned char, 16> bytes);

// What Python's int() makes of a text: surrounding blanks, a sign, single underscores between
// digits.
std::optional<std::int64_t> parse_python_int(std::string_view text);

} // namespace handlers::aws
