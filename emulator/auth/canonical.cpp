#include "emulator/auth/canonical.hpp"

#include "emulator/core/digest.hpp"
#include "emulator/core/encoding.hpp"

#include <algorithm>
#include <array>

namespace benchtop::auth {
namespace {

constexpr std::size_t kSignedHeadersMax = 256;
// A longer canonical request is cut: a header named many times must not multiply its size.
constexpr std::size_t kCanonicalRequestMax = 1 << 20;

constexpr std::array<bool, 256> make_unreserved() {
    std::array<bool, 256> table{};
    for (int c = 0; c < 256; ++c) {
        table[static_cast<std::size_t>(c)] = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                             (c >= '0' && c <= '9') || c == '-' || c == '.' ||
                                             c == '_' || c == '~';
    }
    return table;
}

constexpr auto kUnreserved = make_unreserved();

bool is_unreserved(char c) {
    return kUnreserved[static_cast<unsigned char>(c)];
}

int hex_value(char c) {
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

void append_encoded(std::string& out, char c, bool keep_slash) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    if (is_unreserved(c) || (keep_slash && c == '/')) {
        out += c;
        return;
    }
    const auto byte = static_cast<unsigned char>(c);
    const char escape[3] = {'%', kHex[byte >> 4], kHex[byte & 15]};
    out.append(escape, sizeof escape);
}

std::size_t unreserved_run(std::string_view text, std::size_t from) {
    std::size_t end = from;
    while (end < text.size() && is_unreserved(text[end])) {
        ++end;
    }
    return end - from;
}

// The byte of a well-formed escape at `at`, or -1.
int escaped_byte(std::string_view text, std::size_t at) {
    if (text[at] != '%' || at + 2 >= text.size()) {
        return -1;
    }
    const int high = hex_value(text[at + 1]);
    const int low = hex_value(text[at + 2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

// Decodes and encodes again in one pass.
void append_normalised(std::string& out, std::string_view raw, bool keep_slash) {
    std::size_t i = 0;
    while (i < raw.size()) {
        if (const std::size_t run = unreserved_run(raw, i); run > 0) {
            out.append(raw.data() + i, run);
            i += run;
        } else if (raw[i] == '+') {
            out += "%20";
            ++i;
        } else if (const int byte = escaped_byte(raw, i); byte >= 0) {
            append_encoded(out, static_cast<char>(byte), keep_slash);
            i += 3;
        } else {
            append_encoded(out, raw[i], keep_slash);
            ++i;
        }
    }
}

// Of our own encoded text, so every '%' begins an escape.
std::string decoded(std::string_view encoded) {
    std::string out;
    out.reserve(encoded.size());
    std::size_t i = 0;
    while (i < encoded.size()) {
        if (const int byte = escaped_byte(encoded, i); byte >= 0) {
            out += static_cast<char>(byte);
            i += 3;
        } else {
            const std::size_t end = std::min(encoded.find('%', i + 1), encoded.size());
            out.append(encoded.data() + i, end - i);
            i = end;
        }
    }
    return out;
}

void append_generic_path(std::string& out, std::string_view raw) {
    std::vector<std::string_view> segments;
    std::string_view rest = raw;
    while (true) {
        const auto slash = rest.find('/');
        const std::string_view segment = rest.substr(0, slash);
        if (segment == "..") {
            if (!segments.empty()) {
                segments.pop_back();
            }
        } else if (!segment.empty() && segment != ".") {
            segments.push_back(segment);
        }
        if (slash == std::string_view::npos) {
            break;
        }
        rest.remove_prefix(slash + 1);
    }
    for (const std::string_view segment : segments) {
        out += '/';
        for (const char c : segment) {
            append_encoded(out, c, false);
        }
    }
    if (segments.empty() || raw.back() == '/') {
        out += '/';
    }
}

} // namespace

CanonicalQuery::CanonicalQuery(std::string_view raw) {
    encoded_.reserve(raw.size() + 32);
    if (!raw.empty()) {
        parameters_.reserve(16);
    }
    while (!raw.empty()) {
        const auto ampersand = raw.find('&');
        const std::string_view part = raw.substr(0, ampersand);
        raw = ampersand == std::string_view::npos ? std::string_view{} : raw.substr(ampersand + 1);
        if (part.empty()) {
            continue;
        }
        const auto equals = part.find('=');
        Parameter parameter{};
        parameter.name = encode(part.substr(0, equals));
        parameter.value =
            encode(equals == std::string_view::npos ? std::string_view{} : part.substr(equals + 1));
        parameters_.push_back(parameter);
    }
}

CanonicalQuery::Span CanonicalQuery::encode(std::string_view raw) {
    const auto offset = static_cast<std::uint32_t>(encoded_.size());
    append_normalised(encoded_, raw, false);
    return {offset, static_cast<std::uint32_t>(encoded_.size()) - offset};
}

std::optional<std::string_view> CanonicalQuery::find(std::string_view name) const {
    for (const Parameter& parameter : parameters_) {
        if (text(parameter.name) == name) {
            return text(parameter.value);
        }
    }
    return std::nullopt;
}

std::optional<std::string> CanonicalQuery::value(std::string_view name) const {
    if (const auto found = find(name)) {
        return decoded(*found);
    }
    return std::nullopt;
}

std::optional<std::string> CanonicalQuery::value_any_case(std::string_view name) const {
    for (const Parameter& parameter : parameters_) {
        if (iequals(text(parameter.name), name)) {
            return decoded(text(parameter.value));
        }
    }
    return std::nullopt;
}

bool CanonicalQuery::has_any_case(std::string_view name) const {
    return std::any_of(parameters_.begin(), parameters_.end(), [&](const Parameter& parameter) {
        return iequals(text(parameter.name), name);
    });
}

void CanonicalQuery::replace_any_case(std::string_view name, std::string_view value) {
    for (Parameter& parameter : parameters_) {
        if (iequals(text(parameter.name), name)) {
            const auto offset = static_cast<std::uint32_t>(encoded_.size());
            for (const char c : value) {
                append_encoded(encoded_, c, false);
            }
            parameter.value = {offset, static_cast<std::uint32_t>(encoded_.size()) - offset};
        }
    }
}

void CanonicalQuery::append_to(std::string& out, std::string_view left_out) const {
    std::vector<Parameter> sorted = parameters_;
    std::sort(sorted.begin(), sorted.end(), [this](const Parameter& a, const Parameter& b) {
        const int by_name = text(a.name).compare(text(b.name));
        return by_name != 0 ? by_name < 0 : text(a.value) < text(b.value);
    });
    bool first = true;
    for (const Parameter& parameter : sorted) {
        if (!left_out.empty() && text(parameter.name) == left_out) {
            continue;
        }
        if (!first) {
            out += '&';
        }
        first = false;
        out += text(parameter.name);
        out += '=';
        out += text(parameter.value);
    }
}

void append_canonical_path(std::string& out, std::string_view raw_path, PathRule rule) {
    if (raw_path.empty()) {
        out += '/';
    } else if (rule == PathRule::S3) {
        append_normalised(out, raw_path, true);
    } else {
        append_generic_path(out, raw_path);
    }
}

void append_canonical_value(std::string& out, std::string_view value) {
    value = trim(value);
    while (!value.empty()) {
        const std::size_t end = std::min(value.find_first_of(" \t"), value.size());
        out.append(value.data(), end);
        value.remove_prefix(end);
        if (const std::string_view rest = trim(value); rest.size() < value.size()) {
            out += ' ';
            value = rest;
        }
    }
}

std::vector<std::string_view> split_signed_headers(std::string_view signed_headers) {
    std::vector<std::string_view> names;
    names.reserve(8);
    while (names.size() < kSignedHeadersMax) {
        const auto semicolon = signed_headers.find(';');
        names.push_back(signed_headers.substr(0, semicolon));
        if (semicolon == std::string_view::npos) {
            break;
        }
        signed_headers.remove_prefix(semicolon + 1);
    }
    return names;
}

std::string canonical_request(const CanonicalInput& input) {
    std::string out;
    out.reserve(1024);
    out += input.method;
    out += '\n';
    append_canonical_path(out, input.path, input.path_rule);
    out += '\n';
    input.query.append_to(out, input.query_left_out);
    out += '\n';
    for (const std::string_view name : split_signed_headers(input.signed_headers)) {
        if (out.size() > kCanonicalRequestMax) {
            break;
        }
        for (const char c : name) {
            out += ascii_lower(c);
        }
        out += ':';
        bool present = false;
        for (const auto& [key, value] : input.headers.entries()) {
            if (!iequals(key, name)) {
                continue;
            }
            if (present) {
                out += ',';
            }
            present = true;
            append_canonical_value(out, value);
        }
        if (!present) {
            if (const auto hoisted = input.query.value_any_case(name)) {
                append_canonical_value(out, *hoisted);
            }
        }
        out += '\n';
    }
    out += '\n';
    out += input.signed_headers;
    out += '\n';
    out += input.payload_hash;
    return out;
}

std::string
string_to_sign(std::string_view amz_date, std::string_view scope, std::string_view canonical) {
    std::string out;
    out.reserve(192);
    out += "AWS4-HMAC-SHA256\n";
    out += amz_date;
    out += '\n';
    out += scope;
    out += '\n';
    out += sha256_hex(canonical);
    return out;
}

} // namespace benchtop::auth
