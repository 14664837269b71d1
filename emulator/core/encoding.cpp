#include "emulator/core/encoding.hpp"

#include <array>
#include <charconv>

namespace benchtop {
namespace {

constexpr std::string_view kLowerHex = "0123456789abcdef";
constexpr std::string_view kUpperHex = "0123456789ABCDEF";
constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr int hex_value(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return -1;
}

constexpr bool is_alnum(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

void append_percent(std::string& out, char c) {
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kUpperHex[byte >> 4];
    out += kUpperHex[byte & 15];
}

constexpr std::array<signed char, 256> make_base64_table() {
    std::array<signed char, 256> table{};
    for (auto& entry : table) {
        entry = -1;
    }
    for (std::size_t i = 0; i < kBase64.size(); ++i) {
        table[static_cast<unsigned char>(kBase64[i])] = static_cast<signed char>(i);
    }
    return table;
}

constexpr auto kBase64Values = make_base64_table();

template <class Int>
std::optional<Int> parse_integer(std::string_view text) {
    Int value{};
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (ec != std::errc{} || end != text.data() + text.size() || text.empty()) {
        return std::nullopt;
    }
    return value;
}

} // namespace

std::string to_hex(ByteView bytes) {
    std::string out(bytes.size() * 2, '\0');
    char* to = out.data();
    for (const std::uint8_t b : bytes) {
        *to++ = kLowerHex[b >> 4];
        *to++ = kLowerHex[b & 15];
    }
    return out;
}

std::optional<std::string> from_hex(std::string_view hex) {
    if (hex.size() % 2 != 0) {
        return std::nullopt;
    }
    std::string out;
    out.reserve(hex.size() / 2);
    for (std::size_t i = 0; i < hex.size(); i += 2) {
        const int high = hex_value(hex[i]);
        const int low = hex_value(hex[i + 1]);
        if (high < 0 || low < 0) {
            return std::nullopt;
        }
        out += static_cast<char>(high * 16 + low);
    }
    return out;
}

std::string to_base64(ByteView bytes) {
    std::string out((bytes.size() + 2) / 3 * 4, '=');
    char* to = out.data();
    std::size_t i = 0;
    for (; i + 2 < bytes.size(); i += 3) {
        const unsigned v = static_cast<unsigned>(bytes[i]) << 16 |
                           static_cast<unsigned>(bytes[i + 1]) << 8 | bytes[i + 2];
        *to++ = kBase64[v >> 18];
        *to++ = kBase64[v >> 12 & 63];
        *to++ = kBase64[v >> 6 & 63];
        *to++ = kBase64[v & 63];
    }
    if (i + 1 == bytes.size()) {
        const unsigned v = static_cast<unsigned>(bytes[i]) << 16;
        *to++ = kBase64[v >> 18];
        *to = kBase64[v >> 12 & 63];
    } else if (i + 2 == bytes.size()) {
        const unsigned v =
            static_cast<unsigned>(bytes[i]) << 16 | static_cast<unsigned>(bytes[i + 1]) << 8;
        *to++ = kBase64[v >> 18];
        *to++ = kBase64[v >> 12 & 63];
        *to = kBase64[v >> 6 & 63];
    }
    return out;
}

std::optional<std::string> from_base64(std::string_view text) {
    if (text.size() % 4 != 0) {
        return std::nullopt;
    }
    std::size_t padding = 0;
    while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') {
        ++padding;
    }
    std::string out;
    out.reserve(text.size() / 4 * 3);
    unsigned bits = 0;
    int bit_count = 0;
    for (const char c : text.substr(0, text.size() - padding)) {
        const int value = kBase64Values[static_cast<unsigned char>(c)];
        if (value < 0) {
            return std::nullopt;
        }
        bits = bits << 6 | static_cast<unsigned>(value);
        bit_count += 6;
        if (bit_count >= 8) {
            bit_count -= 8;
            out += static_cast<char>(bits >> bit_count & 255);
        }
    }
    return out;
}

std::string percent_encode(std::string_view bytes, SlashRule slash) {
    std::string out;
    out.reserve(bytes.size() + bytes.size() / 4);
    for (const char c : bytes) {
        if (is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~' ||
            (c == '/' && slash == SlashRule::Keep)) {
            out += c;
        } else {
            append_percent(out, c);
        }
    }
    return out;
}

std::optional<std::string> percent_decode(std::string_view text, PlusRule plus) {
    // Most names and values hold no escape at all.
    if (text.find_first_of(plus == PlusRule::Space ? "%+" : "%") == std::string_view::npos) {
        return std::string(text);
    }
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%') {
            if (i + 2 >= text.size()) {
                return std::nullopt;
            }
            const int high = hex_value(text[i + 1]);
            const int low = hex_value(text[i + 2]);
            if (high < 0 || low < 0) {
                return std::nullopt;
            }
            out += static_cast<char>(high * 16 + low);
            i += 2;
        } else if (text[i] == '+' && plus == PlusRule::Space) {
            out += ' ';
        } else {
            out += text[i];
        }
    }
    return out;
}

std::string form_encode_key(std::string_view key) {
    std::string out;
    out.reserve(key.size() + key.size() / 4);
    for (const char c : key) {
        if (is_alnum(c) || c == '.' || c == '-' || c == '_' || c == '*' || c == '/') {
            out += c;
        } else if (c == ' ') {
            out += '+';
        } else {
            append_percent(out, c);
        }
    }
    return out;
}

bool is_valid_utf8(std::string_view text) {
    std::size_t i = 0;
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    while (i < text.size()) {
        const unsigned char lead = byte(i);
        std::size_t length = 0;
        std::uint32_t code = 0;
        std::uint32_t smallest = 0;
        if (lead < 0x80) {
            ++i;
            continue;
        }
        if (lead >= 0xC2 && lead < 0xE0) {
            length = 2;
            code = lead & 0x1Fu;
            smallest = 0x80;
        } else if (lead >= 0xE0 && lead < 0xF0) {
            length = 3;
            code = lead & 0x0Fu;
            smallest = 0x800;
        } else if (lead >= 0xF0 && lead < 0xF5) {
            length = 4;
            code = lead & 0x07u;
            smallest = 0x10000;
        } else {
            return false;
        }
        if (i + length > text.size()) {
            return false;
        }
        for (std::size_t k = 1; k < length; ++k) {
            if ((byte(i + k) & 0xC0) != 0x80) {
                return false;
            }
            code = code << 6 | (byte(i + k) & 0x3Fu);
        }
        if (code < smallest || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) {
            return false;
        }
        i += length;
    }
    return true;
}

char ascii_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string to_lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        c = ascii_lower(c);
    }
    return out;
}

bool iequals(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) {
        return false;
    }
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (ascii_lower(a[i]) != ascii_lower(b[i])) {
            return false;
        }
    }
    return true;
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
        text.remove_prefix(1);
    }
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) {
        text.remove_suffix(1);
    }
    return text;
}

std::optional<std::uint64_t> parse_u64(std::string_view text) {
    return parse_integer<std::uint64_t>(text);
}

std::optional<std::int64_t> parse_i64(std::string_view text) {
    return parse_integer<std::int64_t>(text);
}

} // namespace benchtop
