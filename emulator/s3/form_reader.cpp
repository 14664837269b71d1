#include "emulator/s3/form_reader.hpp"

#include "emulator/s3/errors_post.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace benchtop::s3 {
namespace {

constexpr std::size_t kBoundaryMax = 70; // RFC 2046, 5.1.1

// The parameter `name` of a header value such as `form-data; name="a"; filename="b"`.
std::optional<std::string> parameter(std::string_view value, std::string_view wanted) {
    auto rest = value.substr(std::min(value.find(';'), value.size()));
    while (!rest.empty()) {
        rest.remove_prefix(1);
        const auto equals = rest.find_first_of("=;");
        if (equals == std::string_view::npos || rest[equals] == ';') {
            rest = equals == std::string_view::npos ? std::string_view{} : rest.substr(equals);
            continue;
        }
        const std::string_view name = trim(rest.substr(0, equals));
        rest.remove_prefix(equals + 1);
        while (!rest.empty() && (rest.front() == ' ' || rest.front() == '\t')) {
            rest.remove_prefix(1);
        }
        std::string text;
        if (rest.starts_with('"')) {
            rest.remove_prefix(1);
            while (!rest.empty() && rest.front() != '"') {
                // Only a quote and a backslash are ever escaped: other backslashes are a path's.
                if (rest.front() == '\\' && rest.size() > 1 &&
                    (rest[1] == '"' || rest[1] == '\\')) {
                    rest.remove_prefix(1);
                }
                text += rest.front();
                rest.remove_prefix(1);
            }
            rest = rest.substr(std::min(rest.find(';'), rest.size()));
        } else {
            const auto end = std::min(rest.find(';'), rest.size());
            text = trim(rest.substr(0, end));
            rest = rest.substr(end);
        }
        if (iequals(name, wanted)) {
            return text;
        }
    }
    return std::nullopt;
}

std::string without_folders(const std::string& path) {
    const auto last = path.find_last_of("/\\");
    return last == std::string::npos ? path : path.substr(last + 1);
}

} // namespace

std::optional<std::string> FormReader::boundary_of(std::string_view content_type) {
    auto boundary = parameter(content_type, "boundary");
    const bool usable =
        boundary && !boundary->empty() && boundary->size() <= kBoundaryMax &&
        std::ranges::all_of(*boundary, [](char c) { return c >= ' ' && c < '\x7f'; });
    return usable ? boundary : std::nullopt;
}

FormReader::FormReader(std::string_view boundary)
    : delimiter_("\r\n--" + std::string(boundary)) {}

Result<void> FormReader::feed(ByteView bytes, Listener& listener) {
    while (!bytes.empty() && state_ != State::Epilogue) {
        const bool in_line = state_ == State::AfterDelimiter || state_ == State::HeaderLine;
        if (auto ok = in_line ? read_line(bytes, listener) : read_data(bytes, listener); !ok) {
            return ok.error();
        }
    }
    return {};
}

Result<void> FormReader::finish() const {
    if (state_ != State::Epilogue) {
        return malformed_post_request();
    }
    if (!file_seen_) {
        return post_needs_one_file(0);
    }
    return {};
}

// Up to the next delimiter or the end of the bytes. No byte of a delimiter but its first is a CR,
// so a match that fails need not be looked at again.
Result<void> FormReader::read_data(ByteView& bytes, Listener& listener) {
    std::size_t at = 0;
    while (at < bytes.size() && matched_ < delimiter_.size()) {
        if (matched_ == 0) {
            const void* const cr = std::memchr(bytes.data() + at, '\r', bytes.size() - at);
            if (cr == nullptr) {
                at = bytes.size();
                break;
            }
            at = static_cast<std::size_t>(static_cast<const std::uint8_t*>(cr) - bytes.data());
        }
        if (bytes[at] == static_cast<std::uint8_t>(delimiter_[matched_])) {
            ++at;
            ++matched_;
            continue;
        }
        const std::string_view mistaken = std::string_view(delimiter_).substr(0, carried_);
        matched_ = carried_ = 0;
        if (auto ok = take_data(as_bytes(mistaken), listener); !ok) {
            return ok.error();
        }
    }
    if (auto ok = take_data(bytes.first(at - (matched_ - carried_)), listener); !ok) {
        return ok.error();
    }
    carried_ = matched_;
    bytes = bytes.subspan(at);
    if (matched_ == delimiter_.size()) {
        matched_ = carried_ = 0;
        part_ = Part::Other;
        state_ = State::AfterDelimiter;
        return count_front(delimiter_.size());
    }
    return {};
}

Result<void> FormReader::take_data(ByteView data, Listener& listener) {
    if (data.empty()) {
        return {};
    }
    if (part_ == Part::File) {
        return listener.file_data(data);
    }
    if (part_ == Part::Field) {
        form_.fields.back().second.append(as_text(data));
    }
    return count_front(data.size());
}

Result<void> FormReader::read_line(ByteView& bytes, Listener& listener) {
    while (!bytes.empty()) {
        const char byte = static_cast<char>(bytes.front());
        bytes = bytes.subspan(1);
        if (byte == '\n') {
            return end_of_line(listener);
        }
        line_ += byte;
        if (state_ == State::AfterDelimiter && line_ == "--") {
            state_ = State::Epilogue;
            return {};
        }
        if (line_.size() > kFrontMax) {
            return file_seen_ ? malformed_post_request() : post_fields_too_large(kFrontMax);
        }
    }
    return {};
}

Result<void> FormReader::end_of_line(Listener& listener) {
    std::string line = std::move(line_);
    line_.clear();
    if (auto ok = count_front(line.size() + 1); !ok) {
        return ok.error();
    }
    if (line.ends_with('\r')) {
        line.pop_back();
    }
    if (state_ == State::AfterDelimiter) {
        if (!trim(line).empty()) {
            return malformed_post_request();
        }
        disposition_.clear();
        in_disposition_ = false;
        state_ = State::HeaderLine;
        return {};
    }
    if (line.empty()) {
        state_ = State::Data;
        return begin_part(listener);
    }
    if (line.front() == ' ' || line.front() == '\t') {
        disposition_ += in_disposition_ && disposition_.size() < kFrontMax ? line : std::string();
        return {};
    }
    const auto colon = line.find(':');
    in_disposition_ =
        colon != std::string::npos && iequals(trim(line.substr(0, colon)), "content-disposition");
    if (in_disposition_) {
        disposition_ = trim(std::string_view(line).substr(colon + 1));
    }
    return {};
}

Result<void> FormReader::begin_part(Listener& listener) {
    const std::string_view kind =
        trim(std::string_view(disposition_).substr(0, disposition_.find(';')));
    const auto name = iequals(kind, "form-data") ? parameter(disposition_, "name") : std::nullopt;
    if (!name || name->empty()) {
        return {};
    }
    if (!iequals(*name, "file")) {
        if (!file_seen_) {
            form_.fields.emplace_back(*name, "");
            part_ = Part::Field;
        }
        return {};
    }
    if (file_seen_) {
        return post_needs_one_file(2);
    }
    file_seen_ = true;
    part_ = Part::File;
    if (const auto path = parameter(disposition_, "filename")) {
        form_.filename = without_folders(*path);
    }
    return listener.file_begins(form_);
}

Result<void> FormReader::count_front(std::size_t bytes) {
    front_ += bytes;
    if (!file_seen_ && front_ > kFrontMax) {
        return post_fields_too_large(kFrontMax);
    }
    return {};
}

} // namespace benchtop::s3
