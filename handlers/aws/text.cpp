#include "handlers/aws/text.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <charconv>
#include <cstdio>
#include <cstring>
#include <stdexcept>

namespace handlers::aws {

namespace {

constexpr char upper_hex[] = "0123456789ABCDEF";
constexpr char lower_hex[] = "0123456789abcdef";

bool is_unreserved(unsigned char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

int hex_value(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

std::string decode(std::string_view text, bool plus_is_space) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 &&
            hex_value(text[i + 2]) >= 0) {
            out += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
            i += 2;
        } else {
            out += plus_is_space && c == '+' ? ' ' : c;
        }
    }
    return out;
}

// Reads one code point at `i` and moves past it; U+FFFD and one byte on for anything that is not
// UTF-8.
char32_t next_code_point(std::string_view text, std::size_t& i) {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    const unsigned char first = byte(i);
    const std::size_t length = first < 0x80   ? 1
                               : first < 0xC2 ? 0
                               : first < 0xE0 ? 2
                               : first < 0xF0 ? 3
                               : first < 0xF5 ? 4
                                              : 0;
    if (length == 1) {
        ++i;
        return first;
    }
    if (length == 0 || i + length > text.size()) {
        ++i;
        return 0xFFFD;
    }
    char32_t point = first & (0xFFu >> (length + 1));
    for (std::size_t k = 1; k < length; ++k) {
        if ((byte(i + k) & 0xC0) != 0x80) {
            ++i;
            return 0xFFFD;
        }
        point = (point << 6) | (byte(i + k) & 0x3Fu);
    }
    const bool overlong = (length == 3 && point < 0x800) || (length == 4 && point < 0x10000);
    if (overlong || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) {
        ++i;
        return 0xFFFD;
    }
    i += length;
    return point;
}

void append_unit(std::string& out, unsigned unit) {
    out += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4) {
        out += lower_hex[(unit >> shift) & 0xF];
    }
}

} // namespace

std::string uri_encode(std::string_view text, Slash slash) {
    std::string out;
    out.reserve(text.size() + text.size() / 4);
    for (const char c : text) {
        const auto u = static_cast<unsigned char>(c);
        if (is_unreserved(u) || (c == '/' && slash == Slash::Keep)) {
            out += c;
        } else {
            out += '%';
            out += upper_hex[u >> 4];
            out += upper_hex[u & 0xF];
        }
    }
    return out;
}

std::string unquote_plus(std::string_view text) {
    return decode(text, true);
}

std::string unquote(std::string_view text) {
    return decode(text, false);
}

std::string json_quote(std::string_view text) {
    std::string out = "\"";
    out.reserve(text.size() + 2);
    for (std::size_t i = 0; i < text.size();) {
        const char32_t point = next_code_point(text, i);
        switch (point) {
        case '"':
            out += "\\\"";
            continue;
        case '\\':
            out += "\\\\";
            continue;
        case '\n':
            out += "\\n";
            continue;
        case '\r':
            out += "\\r";
            continue;
        case '\t':
            out += "\\t";
            continue;
        case '\f':
            out += "\\f";
            continue;
        case '\b':
            out += "\\b";
            continue;
        default:
            break;
        }
        if (point >= 0x20 && point < 0x7F) {
            out += static_cast<char>(point);
        } else if (point == 0x7F) {
            out += '\x7F';
        } else if (point < 0x10000) {
            append_unit(out, static_cast<unsigned>(point));
        } else {
            append_unit(out, static_cast<unsigned>(0xD800 + ((point - 0x10000) >> 10)));
            append_unit(out, static_cast<unsigned>(0xDC00 + ((point - 0x10000) & 0x3FF)));
        }
    }
    out += '"';
    return out;
}

std::string to_hex(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        const auto u = static_cast<unsigned char>(c);
        out += lower_hex[u >> 4];
        out += lower_hex[u & 0xF];
    }
    return out;
}

std::string to_hex(const Sha256& digest) {
    return to_hex(std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
}

Sha256 sha256(std::string_view text) {
    Sha256 digest{};
    unsigned size = 0;
    if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) {
        throw std::runtime_error("SHA-256 is not available");
    }
    return digest;
}

Sha256 hmac_sha256(std::string_view key, std::string_view text) {
    Sha256 digest{};
    unsigned size = 0;
    const auto* data = reinterpret_cast<const unsigned char*>(text.data());
    if (HMAC(
            EVP_sha256(),
            key.data(),
            static_cast<int>(key.size()),
            data,
            text.size(),
            digest.data(),
            &size
        ) == nullptr) {
        throw std::runtime_error("HMAC-SHA256 is not available");
    }
    return digest;
}

std::string to_amz_date(std::int64_t epoch_ms) {
    constexpr std::int64_t day_s = 86400;
    std::int64_t seconds = epoch_ms / 1000 - (epoch_ms % 1000 < 0 ? 1 : 0);
    std::int64_t days = seconds / day_s;
    seconds %= day_s;
    if (seconds < 0) {
        seconds += day_s;
        --days;
    }
    // Civil date from a day count, in eras of 400 years that begin on 1 March.
    const std::int64_t shifted = days + 719468;
    const std::int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    const std::int64_t day_of_era = shifted - era * 146097;
    const std::int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const std::int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const std::int64_t shifted_month = (5 * day_of_year + 2) / 153;
    const std::int64_t day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    const std::int64_t month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
    const std::int64_t year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
    char text[64];
    std::snprintf(
        text,
        sizeof text,
        "%04lld%02lld%02lldT%02lld%02lld%02lldZ",
        static_cast<long long>(year),
        static_cast<long long>(month),
        static_cast<long long>(day),
        static_cast<long long>(seconds / 3600),
        static_cast<long long>(seconds / 60 % 60),
        static_cast<long long>(seconds % 60)
    );
    return text;
}

std::string uuid4(std::array<unsigned char, 16> bytes) {
    bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0F) | 0x40);
    bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3F) | 0x80);
    std::string out =
        to_hex(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
    for (const std::size_t at : {8u, 13u, 18u, 23u}) {
        out.insert(at, 1, '-');
    }
    return out;
}

std::optional<std::int64_t> parse_python_int(std::string_view text) {
    constexpr std::string_view blanks = " \t\n\r\f\v";
    const auto begin = text.find_first_not_of(blanks);
    if (begin == std::string_view::npos) {
        return std::nullopt;
    }
    text = text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
    const bool negative = text.front() == '-';
    if (negative || text.front() == '+') {
        text.remove_prefix(1);
    }
    std::string digits;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '_' && i > 0 && text[i - 1] != '_' && i + 1 < text.size()) {
            continue;
        }
        if (text[i] < '0' || text[i] > '9') {
            return std::nullopt;
        }
        digits += text[i];
    }
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size()) {
        return std::nullopt;
    }
    return negative ? -value : value;
}

} // namespace handlers::aws
