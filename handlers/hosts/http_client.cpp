#include "handlers/hosts/http_client.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace handlers::hosts {

namespace {

constexpr std::size_t head_bytes_max = 64 * 1024;
constexpr std::size_t body_bytes_max = 16 * 1024 * 1024;
constexpr std::int64_t connect_ms_max = 10'000;

struct Target {
    Origin origin;
    std::string authority;
    std::string path;
};

std::optional<Target> parse_url(const std::string& url) {
    Target target;
    target.origin.tls = url.starts_with("https://");
    if (!target.origin.tls && !url.starts_with("http://")) {
        return std::nullopt;
    }
    const std::size_t begin = target.origin.tls ? 8 : 7;
    const std::size_t end = std::min(url.find_first_of("/?", begin), url.size());
    target.authority = url.substr(begin, end - begin);
    target.path = url.substr(end);
    if (!target.path.starts_with('/')) {
        target.path.insert(0, 1, '/');
    }
    std::string_view host = target.authority;
    std::string_view port;
    const auto bracket = host.starts_with('[') ? host.find(']') : std::string_view::npos;
    const auto colon = host.find(':', bracket == std::string_view::npos ? 0 : bracket);
    if (colon != std::string_view::npos) {
        port = host.substr(colon + 1);
        host = host.substr(0, colon);
    }
    if (bracket != std::string_view::npos) {
        host = host.substr(1, bracket - 1);
    }
    target.origin.host = host;
    target.origin.port = target.origin.tls ? 443 : 80;
    if (!port.empty()) {
        const auto [at, error] =
            std::from_chars(port.data(), port.data() + port.size(), target.origin.port);
        if (error != std::errc() || at != port.data() + port.size()) {
            return std::nullopt;
        }
    }
    return host.empty() ? std::nullopt : std::optional<Target>(std::move(target));
}

bool same_name(std::string_view a, std::string_view b) {
    const auto lower = [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    };
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [&](char x, char y) {
               return lower(x) == lower(y);
           });
}

std::string_view find_header(const aws::HttpHeaders& headers, std::string_view name) {
    for (const auto& [have, value] : headers) {
        if (same_name(have, name)) {
            return value;
        }
    }
    return {};
}

std::string request_text(const aws::HttpRequest& request, const Target& target) {
    std::string out = request.method + ' ' + target.path + " HTTP/1.1\r\n";
    if (find_header(request.headers, "Host").empty()) {
        out += "Host: " + target.authority + "\r\n";
    }
    for (const auto& [name, value] : request.headers) {
        out += name + ": " + value + "\r\n";
    }
    if (!request.body.empty() || (request.method != "GET" && request.method != "HEAD")) {
        out += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
    }
    return out + "\r\n" + request.body;
}

// Reads one answer from a connection. After failure `status()` says how it ended.
class AnswerReader {
public:
    AnswerReader(Connection& connection, const Deadline& deadline)
        : connection_(connection)
        , deadline_(deadline) {}

    bool read(aws::HttpResponse& response, bool has_body);

    IoStatus status() const { return status_; }

    // Nothing at all came: the peer had closed an idle connection.
    bool untouched() const { return untouched_; }

    bool reusable() const { return reusable_; }

private:
    bool more();
    std::optional<std::string> line();
    bool read_head(aws::HttpResponse& response);
    bool read_exactly(std::string& out, std::size_t count);
    bool read_chunks(std::string& out);
    bool read_to_end(std::string& out);

    Connection& connection_;
    const Deadline& deadline_;
    std::string buffer_;
    std::size_t head_bytes_ = 0;
    IoStatus status_ = IoStatus::Ok;
    bool untouched_ = true;
    bool reusable_ = true;
};

bool AnswerReader::more() {
    std::array<char, 16 * 1024> part{};
    std::size_t count = 0;
    status_ = connection_.read_some(part, count, deadline_);
    if (status_ != IoStatus::Ok) {
        return false;
    }
    untouched_ = false;
    buffer_.append(part.data(), count);
    return true;
}

std::optional<std::string> AnswerReader::line() {
    std::size_t end = 0;
    while ((end = buffer_.find("\r\n")) == std::string::npos) {
        if (head_bytes_ + buffer_.size() > head_bytes_max || !more()) {
            return std::nullopt;
        }
    }
    std::string out = buffer_.substr(0, end);
    buffer_.erase(0, end + 2);
    head_bytes_ += end + 2;
    return head_bytes_ > head_bytes_max ? std::nullopt : std::optional<std::string>(std::move(out));
}

bool AnswerReader::read_head(aws::HttpResponse& response) {
    const auto status_line = line();
    if (!status_line || !status_line->starts_with("HTTP/1.") || status_line->size() < 12) {
        return false;
    }
    reusable_ = status_line->starts_with("HTTP/1.1");
    const char* digits = status_line->data() + 9;
    if (std::from_chars(digits, digits + 3, response.status).ptr != digits + 3) {
        return false;
    }
    response.headers.clear();
    for (;;) {
        const auto header = line();
        if (!header) {
            return false;
        }
        if (header->empty()) {
            return true;
        }
        const auto colon = header->find(':');
        if (colon == std::string::npos) {
            return false;
        }
        const auto begin = header->find_first_not_of(" \t", colon + 1);
        const auto end = header->find_last_not_of(" \t");
        response.headers.emplace_back(
            header->substr(0, colon),
            begin == std::string::npos ? std::string() : header->substr(begin, end - begin + 1)
        );
    }
}

bool AnswerReader::read_exactly(std::string& out, std::size_t count) {
    if (count > body_bytes_max || out.size() > body_bytes_max - count) {
        return false;
    }
    while (buffer_.size() < count) {
        if (!more()) {
            return false;
        }
    }
    out.append(buffer_, 0, count);
    buffer_.erase(0, count);
    return true;
}

bool AnswerReader::read_chunks(std::string& out) {
    for (;;) {
        head_bytes_ = 0;
        const auto size_line = line();
        std::size_t size = 0;
        if (!size_line ||
            std::from_chars(size_line->data(), size_line->data() + size_line->size(), size, 16)
                    .ec != std::errc()) {
            return false;
        }
        if (size == 0) {
            break;
        }
        std::string end;
        if (!read_exactly(out, size) || !read_exactly(end, 2) || end != "\r\n") {
            return false;
        }
    }
    for (;;) { // trailers
        const auto trailer = line();
        if (!trailer) {
            return false;
        }
        if (trailer->empty()) {
            return true;
        }
    }
}

bool AnswerReader::read_to_end(std::string& out) {
    reusable_ = false;
    while (more()) {
        if (buffer_.size() > body_bytes_max) {
            return false;
        }
    }
    out = std::move(buffer_);
    return status_ == IoStatus::Closed;
}

bool AnswerReader::read(aws::HttpResponse& response, bool has_body) {
    do {
        if (!read_head(response)) {
            return false;
        }
    } while (response.status < 200);
    if (same_name(find_header(response.headers, "Connection"), "close")) {
        reusable_ = false;
    }
    if (!has_body || response.status == 204 || response.status == 304) {
        return true;
    }
    if (same_name(find_header(response.headers, "Transfer-Encoding"), "chunked")) {
        return read_chunks(response.body);
    }
    const auto length = find_header(response.headers, "Content-Length");
    if (length.empty()) {
        return read_to_end(response.body);
    }
    std::size_t count = 0;
    const auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), count);
    return error == std::errc() && end == length.data() + length.size() &&
           read_exactly(response.body, count);
}

aws::HttpResponse failure(IoStatus status, std::string reason) {
    aws::HttpResponse response;
    response.error = status == IoStatus::TimedOut ? aws::TransportError::TimedOut
                                                  : aws::TransportError::Unreachable;
    response.reason = std::move(reason);
    return response;
}

} // namespace

aws::HttpResponse HttpClient::send(const aws::HttpRequest& request) {
    const auto target = parse_url(request.url);
    if (!target) {
        return failure(IoStatus::Failed, "not an http or https URL: " + request.url);
    }
    const Deadline deadline =
        request.timeout_ms > 0 ? Deadline::after_ms(request.timeout_ms) : Deadline::never();
    const std::string text = request_text(request, *target);
    for (;;) {
        std::unique_ptr<Connection> connection = std::move(idle_[target->origin]);
        const bool reused = connection != nullptr;
        IoStatus status = IoStatus::Ok;
        if (!reused) {
            std::string reason;
            const auto connecting = Deadline::after_ms(
                request.timeout_ms > 0 ? std::min(request.timeout_ms, connect_ms_max)
                                       : connect_ms_max
            );
            connection = Connection::open(target->origin, connecting, status, reason);
            if (connection == nullptr) {
                return failure(status, std::move(reason));
            }
        }
        aws::HttpResponse response;
        AnswerReader reader(*connection, deadline);
        status = connection->write_all(text, deadline);
        if (status == IoStatus::Ok && reader.read(response, request.method != "HEAD")) {
            if (reader.reusable()) {
                idle_[target->origin] = std::move(connection);
            }
            return response;
        }
        status = status == IoStatus::Ok ? reader.status() : status;
        if (!reused || !reader.untouched() || status == IoStatus::TimedOut) {
            return failure(status, "no complete answer from " + target->authority);
        }
    }
}

} // namespace handlers::hosts
