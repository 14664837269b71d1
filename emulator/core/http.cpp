#include "emulator/core/http.hpp"

#include "emulator/core/encoding.hpp"

#include <algorithm>
#include <unistd.h>

namespace benchtop {
namespace {

std::string decode_leniently(std::string_view text) {
    if (auto decoded = percent_decode(text, PlusRule::Space)) {
        return *std::move(decoded);
    }
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size()) {
            if (const auto byte = from_hex(text.substr(i + 1, 2))) {
                out += *byte;
                i += 2;
                continue;
            }
        }
        out += text[i] == '+' ? ' ' : text[i];
    }
    return out;
}

} // namespace

void Headers::set(std::string_view name, std::string_view value) {
    for (auto& entry : entries_) {
        if (iequals(entry.first, name)) {
            entry.second = value;
            const auto* const kept = &entry;
            std::erase_if(entries_, [&](const Entry& e) {
                return &e != kept && iequals(e.first, name);
            });
            return;
        }
    }
    add(name, value);
}

void Headers::remove(std::string_view name) {
    std::erase_if(entries_, [&](const Entry& e) { return iequals(e.first, name); });
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
    for (const auto& [key, value] : entries_) {
        if (iequals(key, name)) {
            return value;
        }
    }
    return std::nullopt;
}

std::string Headers::joined(std::string_view name) const {
    std::string out;
    bool first = true;
    for (const auto& [key, value] : entries_) {
        if (iequals(key, name)) {
            if (!first) {
                out += ',';
            }
            out += value;
            first = false;
        }
    }
    return out;
}

Query Query::parse(std::string_view raw) {
    Query query;
    while (!raw.empty()) {
        const auto ampersand = raw.find('&');
        const std::string_view part = raw.substr(0, ampersand);
        raw = ampersand == std::string_view::npos ? std::string_view{} : raw.substr(ampersand + 1);
        if (part.empty()) {
            continue;
        }
        const auto equals = part.find('=');
        QueryParameter parameter;
        parameter.name = decode_leniently(part.substr(0, equals));
        parameter.has_equals = equals != std::string_view::npos;
        if (parameter.has_equals) {
            parameter.value = decode_leniently(part.substr(equals + 1));
        }
        query.parameters_.push_back(std::move(parameter));
    }
    return query;
}

std::optional<std::string_view> Query::find(std::string_view name) const {
    for (const auto& parameter : parameters_) {
        if (parameter.name == name) {
            return parameter.value;
        }
    }
    return std::nullopt;
}

std::string_view RequestHead::path() const {
    return std::string_view(target).substr(0, target.find('?'));
}

std::string_view RequestHead::query() const {
    const auto mark = target.find('?');
    return mark == std::string::npos ? std::string_view{}
                                     : std::string_view(target).substr(mark + 1);
}

FileHandle::~FileHandle() {
    if (fd_ >= 0) {
        ::close(fd_);
    }
}

std::uint64_t content_size(const BodyContent& content) {
    if (const auto* text = std::get_if<std::string>(&content)) {
        return text->size();
    }
    if (const auto* slice = std::get_if<FileSlice>(&content)) {
        return slice->length;
    }
    return std::get<std::shared_ptr<BodyPieces>>(content)->length();
}

namespace {

bool read_slice(const FileSlice& slice, const std::function<void(std::string_view)>& sink) {
    constexpr std::uint64_t kBlock = 256 * 1024;
    std::string block(static_cast<std::size_t>(std::min(slice.length, kBlock)), '\0');
    std::uint64_t done = 0;
    while (done < slice.length) {
        const auto wanted = static_cast<std::size_t>(std::min(slice.length - done, kBlock));
        const ssize_t got = ::pread(
            slice.file->fd(), block.data(), wanted, static_cast<off_t>(slice.offset + done)
        );
        if (got <= 0) {
            return false;
        }
        sink(std::string_view(block).substr(0, static_cast<std::size_t>(got)));
        done += static_cast<std::uint64_t>(got);
    }
    return true;
}

} // namespace

bool read_content(const BodyContent& content, const std::function<void(std::string_view)>& sink) {
    if (const auto* text = std::get_if<std::string>(&content)) {
        sink(*text);
        return true;
    }
    if (const auto* slice = std::get_if<FileSlice>(&content)) {
        return read_slice(*slice, sink);
    }
    BodyPieces& pieces = *std::get<std::shared_ptr<BodyPieces>>(content);
    std::uint64_t left = pieces.length();
    while (left > 0) {
        const auto piece = pieces.next();
        if (!piece) {
            return false;
        }
        if (const auto* text = std::get_if<std::string>(&*piece)) {
            sink(*text);
            left -= text->size();
        } else {
            const auto& slice = std::get<FileSlice>(*piece);
            if (!read_slice(slice, sink)) {
                return false;
            }
            left -= slice.length;
        }
    }
    return true;
}

std::optional<std::string> whole_content(const BodyContent& content) {
    std::string bytes;
    bytes.reserve(static_cast<std::size_t>(content_size(content)));
    if (!read_content(content, [&](std::string_view block) { bytes += block; })) {
        return std::nullopt;
    }
    return bytes;
}

std::uint64_t Response::body_size() const {
    return content_size(body);
}

std::string_view reason_phrase(int status) {
    switch (status) {
    case 100:
        return "Continue";
    case 200:
        return "OK";
    case 201:
        return "Created";
    case 202:
        return "Accepted";
    case 204:
        return "No Content";
    case 206:
        return "Partial Content";
    case 301:
        return "Moved Permanently";
    case 302:
        return "Moved Temporarily"; // S3's website endpoint
    case 303:
        return "See Other";
    case 304:
        return "Not Modified";
    case 305:
        return "Use Proxy";
    case 307:
        return "Temporary Redirect";
    case 308:
        return "Permanent Redirect";
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 408:
        return "Request Timeout";
    case 409:
        return "Conflict";
    case 411:
        return "Length Required";
    case 412:
        return "Precondition Failed";
    case 413:
        return "Request Entity Too Large";
    case 415:
        return "Unsupported Media Type";
    case 416:
        return "Requested Range Not Satisfiable";
    case 429:
        return "Too Many Requests";
    case 431:
        return "Request Header Fields Too Large";
    case 500:
        return "Internal Server Error";
    case 501:
        return "Not Implemented";
    case 502:
        return "Bad Gateway";
    case 503:
        return "Service Unavailable";
    default:
        return "Unknown";
    }
}

} // namespace benchtop
