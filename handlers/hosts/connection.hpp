// One TCP connection, plain or TLS, whose every step ends at a deadline.
#pragma once

#include "handlers/hosts/deadline.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct ssl_st;

namespace handlers::hosts {

struct Origin {
    bool tls = false;
    std::string host; // without brackets
    std::uint16_t port = 0;

    friend auto operator<=>(const Origin&, const Origin&) = default;
};

enum class IoStatus { Ok, Closed, TimedOut, Failed };

class Connection {
public:
    // Null on failure; then `reason` says why. TLS verifies the certificate and the name against
    // SSL_CERT_FILE, else the system's bundle (Amazon Linux, Debian).
    static std::unique_ptr<Connection>
    open(const Origin& origin, const Deadline& deadline, IoStatus& status, std::string& reason);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    IoStatus write_all(std::string_view data, const Deadline& deadline);
    // Ok means at least one byte; Closed is the peer's orderly end.
    IoStatus read_some(std::span<char> buffer, std::size_t& count, const Deadline& deadline);

private:
    explicit Connection(int fd)
        : fd_(fd) {}

    IoStatus connect_to(const struct SocketAddress& address, const Deadline& deadline);
    IoStatus start_tls(const Origin& origin, const Deadline& deadline, std::string& reason);
    IoStatus wait(short events, const Deadline& deadline);
    IoStatus wait_for_tls(int result, const Deadline& deadline);

    int fd_;
    ssl_st* ssl_ = nullptr;
};

} // namespace handlers::hosts
