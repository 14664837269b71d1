#include "emulator/pipeline/response_writer.hpp"

#include "emulator/core/encoding.hpp"

#include <array>
#include <charconv>

namespace benchtop::pipeline {
namespace {

void append_number(std::string& out, std::uint64_t value, int base = 10) {
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, base).ptr;
    out.append(digits.data(), end);
}

void append_header(std::string& out, std::string_view name, std::string_view value) {
    out += name;
    out += ": ";
    out += value;
    out += "\r\n";
}

} // namespace

Serialized serialize(Response&& response, bool keep_alive, bool http_1_0) {
    Serialized result;
    result.close = response.close || !keep_alive;
    Framing framing = response.framing;
    if (framing == Framing::Chunked && http_1_0) {
        framing = Framing::ContentLength;
    }
    const std::uint64_t body_size = response.body_size();
    const bool has_body = !response.is_head && body_size > 0;

    std::string framing_headers;
    if (framing == Framing::Chunked && !response.is_head) {
        framing_headers = "Transfer-Encoding: chunked\r\n";
    } else if (framing == Framing::ContentLength && (!response.is_head || response.head_length)) {
        framing_headers = "Content-Length: ";
        append_number(framing_headers, response.is_head ? *response.head_length : body_size);
        framing_headers += "\r\n";
    }
    if (response.announces_keep_alive && !result.close) {
        framing_headers += "Connection: keep-alive\r\n";
    }

    std::string& out = result.bytes;
    out.reserve(512 + (std::holds_alternative<std::string>(response.body) ? body_size : 0));
    out += "HTTP/1.1 ";
    append_number(out, static_cast<std::uint64_t>(response.status));
    out += ' ';
    out += reason_phrase(response.status);
    out += "\r\n";
    // Framing follows Content-Type, Connection precedes Server, as recorded from AWS.
    bool framing_written = false;
    bool connection_written = !result.close;
    for (const auto& [name, value] : response.headers.entries()) {
        if (iequals(name, "Server")) {
            if (!framing_written) {
                out += framing_headers;
                framing_written = true;
            }
            if (!connection_written) {
                append_header(out, "Connection", "close");
                connection_written = true;
            }
        }
        append_header(out, name, value);
        if (!framing_written && iequals(name, "Content-Type")) {
            out += framing_headers;
            framing_written = true;
        }
    }
    if (!framing_written) {
        out += framing_headers;
    }
    if (!connection_written) {
        append_header(out, "Connection", "close");
    }
    out += "\r\n";

    if (auto* text = std::get_if<std::string>(&response.body)) {
        if (framing == Framing::Chunked && !response.is_head) {
            if (!text->empty()) {
                append_number(out, text->size(), 16);
                out += "\r\n";
                out += *text;
                out += "\r\n";
            }
            out += "0\r\n\r\n";
        } else if (has_body) {
            out += *text;
        }
    } else if (has_body) {
        result.stored = std::move(response.body);
    }
    return result;
}

} // namespace benchtop::pipeline
