#include "emulator/s3/ops/metadata_text.hpp"

#include "emulator/core/encoding.hpp"
#include "emulator/core/utf8.hpp"

#include <algorithm>
#include <optional>

namespace benchtop::s3 {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD"; // U+FFFD

std::string decode_q(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '_') {
            out += ' ';
            continue;
        }
        if (text[i] == '=') {
            if (const auto byte = from_hex(text.substr(i + 1, 2)); byte && byte->size() == 1) {
                out += *byte;
                i += 2;
                continue;
            }
        }
        out += text[i];
    }
    return out;
}

// Takes one encoded word off the front of `rest`; nullopt when there is none.
std::optional<std::string> take_encoded_word(std::string_view& rest) {
    constexpr std::string_view kStart = "=?utf-8?";
    if (rest.size() < kStart.size() + 4 || !iequals(rest.substr(0, kStart.size()), kStart) ||
        rest[kStart.size() + 1] != '?') {
        return std::nullopt;
    }
    const char encoding = ascii_lower(rest[kStart.size()]);
    const std::string_view text = rest.substr(kStart.size() + 2);
    const auto end = text.find("?=");
    if (end == std::string_view::npos || (encoding != 'b' && encoding != 'q')) {
        return std::nullopt;
    }
    rest = text.substr(end + 2);
    if (encoding == 'q') {
        return decode_q(text.substr(0, end));
    }
    return from_base64(text.substr(0, end)).value_or(std::string(kReplacement));
}

bool is_printable_ascii(char c) {
    return c >= 0x20 && c < 0x7f;
}

} // namespace

std::string decode_metadata_value(std::string_view header) {
    std::string out;
    std::string_view rest = trim(header);
    while (!rest.empty()) {
        const auto word = take_encoded_word(rest);
        if (!word) {
            return utf8_text(header);
        }
        out += *word;
        rest = trim(rest); // white space between encoded words means nothing
    }
    return utf8_text(out);
}

std::string encode_metadata_value(std::string_view text) {
    if (std::ranges::all_of(text, is_printable_ascii)) {
        return std::string(text);
    }
    const bool has_controls = std::ranges::any_of(text, [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    });
    if (has_controls) {
        return "=?UTF-8?B?" + to_base64(as_bytes(text)) + "?=";
    }
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string out = "=?UTF-8?Q?";
    for (const char c : text) {
        if (c == ' ') {
            out += '_';
        } else if (is_printable_ascii(c) && c != '=' && c != '?' && c != '_') {
            out += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out += '=';
            out += kDigits[byte >> 4U];
            out += kDigits[byte & 0xFU];
        }
    }
    return out + "?=";
}

} // namespace benchtop::s3
