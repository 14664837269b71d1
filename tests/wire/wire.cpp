#include "tests/wire/wire.hpp"

#include "emulator/core/digest.hpp"
#include "emulator/platform/real_clock.hpp"
#include "emulator/stack/constants.hpp"
#include "tests/catch.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

namespace benchtop::wire {

std::unique_ptr<cli::Application> open_emulator(net::Deadlines deadlines) {
    cli::ApplicationOptions options;
    options.ephemeral = true;
    options.server.port = 0;
    options.server.api_port = 0;
    options.server.deadlines = deadlines;
    options.lowest_log_level = LogLevel::Error;
    options.plugins = BENCHTOP_PLUGINS;
    auto opened = cli::Application::open(options);
    REQUIRE(opened.has_value());
    return *std::move(opened);
}

cli::Application& emulator() {
    static const std::unique_ptr<cli::Application> application = [] {
        // OpenSSL first, so that at exit it goes last: the emulator's threads still need it.
        (void)sha256_hex("");
        auto opened = open_emulator();
        opened->start();
        return opened;
    }();
    return *application;
}

int Answer::status() const {
    return head.size() > 12 ? std::stoi(head.substr(9, 3)) : 0;
}

std::string Answer::header(std::string_view name) const {
    const auto at = head.find("\r\n" + std::string(name) + ": ");
    if (at == std::string::npos) {
        return "";
    }
    const auto begin = at + name.size() + 4;
    return head.substr(begin, head.find("\r\n", begin) - begin);
}

std::string Answer::names() const {
    std::string out;
    auto at = head.find("\r\n");
    while (at != std::string::npos) {
        const auto begin = at + 2;
        out += (out.empty() ? "" : " ") + head.substr(begin, head.find(':', begin) - begin);
        at = head.find("\r\n", begin);
    }
    return out;
}

std::string Answer::code() const {
    const auto at = body.find("<Code>");
    return at == std::string::npos ? "" : body.substr(at + 6, body.find('<', at + 6) - at - 6);
}

Wire::Wire(std::uint16_t port)
    : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval patience{20, 0}; // a safety net
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    REQUIRE(::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof(to)) == 0);
}

Wire::~Wire() {
    ::close(fd_);
}

void Wire::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n <= 0) {
            return;
        }
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
}

void Wire::end_sending() {
    ::shutdown(fd_, SHUT_WR);
}

Answer Wire::receive(bool head_only) {
    Answer answer;
    std::size_t end = 0;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
        if (!fill()) {
            return answer;
        }
    }
    answer.head = buffer_.substr(0, end);
    buffer_.erase(0, end + 4);
    if (head_only || answer.status() == 204 || answer.status() == 304 || answer.status() == 100) {
        answer.complete = true;
        return answer;
    }
    if (answer.header("Transfer-Encoding") == "chunked") {
        answer.complete = receive_chunks(answer.body);
        return answer;
    }
    const std::string length = answer.header("Content-Length");
    const std::size_t size = length.empty() ? 0 : std::stoul(length);
    while (buffer_.size() < size) {
        if (!fill()) {
            return answer;
        }
    }
    answer.body = buffer_.substr(0, size);
    buffer_.erase(0, size);
    answer.complete = true;
    return answer;
}

bool Wire::closed() {
    return buffer_.empty() && !fill() && ended_;
}

bool Wire::receive_chunks(std::string& body) {
    for (;;) {
        std::size_t end = 0;
        while ((end = buffer_.find("\r\n")) == std::string::npos) {
            if (!fill()) {
                return false;
            }
        }
        const std::size_t size = std::stoul(buffer_.substr(0, end), nullptr, 16);
        while (buffer_.size() < end + 2 + size + 2) {
            if (!fill()) {
                return false;
            }
        }
        body += buffer_.substr(end + 2, size);
        buffer_.erase(0, end + 2 + size + 2);
        if (size == 0) {
            return true;
        }
    }
}

bool Wire::fill() {
    char piece[16384];
    const ssize_t n = ::recv(fd_, piece, sizeof(piece), 0);
    if (n <= 0) {
        ended_ = n == 0;
        return false;
    }
    buffer_.append(piece, static_cast<std::size_t>(n));
    return true;
}

std::string host() {
    return "127.0.0.1:" + std::to_string(emulator().port());
}

std::string signed_head(
    std::string_view method,
    const std::string& path,
    std::string_view extra,
    std::string_view payload_hash,
    handlers::aws::HttpHeaders more
) {
    const std::string date = to_amz_date(platform::RealClock().now());
    handlers::aws::SigningInput input;
    input.method = method;
    const auto mark = path.find('?');
    input.path = std::string_view(path).substr(0, mark);
    input.query = mark == std::string::npos ? "" : std::string_view(path).substr(mark + 1);
    input.headers = {
        {"Host", host()},
        {"X-Amz-Content-Sha256", std::string(payload_hash)},
        {"X-Amz-Date", date}};
    for (auto& header : more) {
        input.headers.push_back(std::move(header));
    }
    input.payload_hash = payload_hash;
    const std::string authorization = handlers::aws::authorization(
        input,
        {date, "us-east-2"},
        {std::string(stack::kAdministratorAccessKeyId),
         std::string(stack::kAdministratorSecretKey),
         ""}
    );
    std::string head = std::string(method) + " " + path + " HTTP/1.1\r\n";
    for (const auto& [name, value] : input.headers) {
        head += name + ": " + value + "\r\n";
    }
    return head + "Authorization: " + authorization + "\r\n" + std::string(extra) + "\r\n";
}

std::string put(const std::string& key, const std::string& body) {
    return signed_head(
               "PUT",
               kBucketPath + "/" + key,
               "Content-Length: " + std::to_string(body.size()) + "\r\n"
           ) +
           body;
}

bool stored(const std::string& key, cli::Application& application) {
    bool found = false;
    application.store().read([&](const store::ReadTx& tx) {
        found = tx.find_object(tx.find_bucket(stack::kLabBucket).value().id, key).has_value();
    });
    return found;
}

} // namespace benchtop::wire
