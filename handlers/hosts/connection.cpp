#include "handlers/hosts/connection.hpp"

#include "handlers/hosts/resolver.hpp"

#include <climits>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace handlers::hosts {

namespace {

constexpr std::array<const char*, 2> ca_bundles{
    "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/certs/ca-certificates.crt"};

SSL_CTX* make_client_context() {
    SSL_CTX* context = SSL_CTX_new(TLS_client_method());
    if (context == nullptr) {
        return nullptr;
    }
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE);
    if (const char* file = std::getenv("SSL_CERT_FILE"); file != nullptr && *file != '\0') {
        SSL_CTX_load_verify_file(context, file);
        return context;
    }
    for (const char* file : ca_bundles) {
        if (access(file, R_OK) == 0 && SSL_CTX_load_verify_file(context, file) == 1) {
            break;
        }
    }
    return context;
}

// One per process; without any trusted certificate every handshake fails, which is the safe side.
SSL_CTX* client_context() {
    static SSL_CTX* const context = make_client_context();
    return context;
}

bool is_literal_address(const std::string& host) {
    in6_addr address{};
    return inet_pton(AF_INET, host.c_str(), &address) == 1 ||
           inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

} // namespace

Connection::~Connection() {
    SSL_free(ssl_);
    close(fd_);
}

std::unique_ptr<Connection> Connection::open(
    const Origin& origin, const Deadline& deadline, IoStatus& status, std::string& reason
) {
    const auto addresses = resolve(origin.host, origin.port, deadline);
    status = deadline.passed() ? IoStatus::TimedOut : IoStatus::Failed;
    reason = "cannot resolve " + origin.host;
    for (const SocketAddress& address : addresses) {
        const int fd = socket(
            address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP
        );
        if (fd < 0) {
            reason = std::strerror(errno);
            continue;
        }
        std::unique_ptr<Connection> connection(new Connection(fd));
        const int on = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        status = connection->connect_to(address, deadline);
        reason = "cannot connect to " + origin.host;
        if (status == IoStatus::Ok && origin.tls) {
            status = connection->start_tls(origin, deadline, reason);
        }
        if (status == IoStatus::Ok) {
            return connection;
        }
    }
    return nullptr;
}

IoStatus Connection::wait(short events, const Deadline& deadline) {
    for (;;) {
        pollfd polled{fd_, events, 0};
        const int ready = poll(&polled, 1, deadline.poll_timeout_ms());
        if (ready > 0) {
            return IoStatus::Ok;
        }
        if (ready == 0 && deadline.passed()) {
            return IoStatus::TimedOut;
        }
        if (ready < 0 && errno != EINTR) {
            return IoStatus::Failed;
        }
    }
}

IoStatus Connection::connect_to(const SocketAddress& address, const Deadline& deadline) {
    const auto* target = reinterpret_cast<const sockaddr*>(&address.storage);
    if (connect(fd_, target, address.size) == 0) {
        return IoStatus::Ok;
    }
    if (errno != EINPROGRESS) {
        return IoStatus::Failed;
    }
    if (const auto status = wait(POLLOUT, deadline); status != IoStatus::Ok) {
        return status;
    }
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
    return error == 0 ? IoStatus::Ok : IoStatus::Failed;
}

IoStatus
Connection::start_tls(const Origin& origin, const Deadline& deadline, std::string& reason) {
    reason = "TLS with " + origin.host + " failed";
    SSL_CTX* context = client_context();
    ssl_ = context == nullptr ? nullptr : SSL_new(context);
    if (ssl_ == nullptr) {
        return IoStatus::Failed;
    }
    const bool named =
        is_literal_address(origin.host)
            ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_), origin.host.c_str()) == 1
            : SSL_set1_host(ssl_, origin.host.c_str()) == 1 &&
                  SSL_set_tlsext_host_name(ssl_, origin.host.c_str()) == 1;
    if (!named || SSL_set_fd(ssl_, fd_) != 1) {
        return IoStatus::Failed;
    }
    for (;;) {
        ERR_clear_error();
        const int result = SSL_connect(ssl_);
        if (result == 1) {
            return IoStatus::Ok;
        }
        if (const auto status = wait_for_tls(result, deadline); status != IoStatus::Ok) {
            if (const long verdict = SSL_get_verify_result(ssl_); verdict != X509_V_OK) {
                reason += std::string(": ") + X509_verify_cert_error_string(verdict);
            }
            return status;
        }
    }
}

// After a TLS call that did not finish: waits for what it needs, or says how it ended.
IoStatus Connection::wait_for_tls(int result, const Deadline& deadline) {
    switch (SSL_get_error(ssl_, result)) {
    case SSL_ERROR_WANT_READ:
        return wait(POLLIN, deadline);
    case SSL_ERROR_WANT_WRITE:
        return wait(POLLOUT, deadline);
    case SSL_ERROR_ZERO_RETURN:
        return IoStatus::Closed;
    default:
        return IoStatus::Failed;
    }
}

IoStatus Connection::write_all(std::string_view data, const Deadline& deadline) {
    while (!data.empty()) {
        ssize_t sent = 0;
        IoStatus status = IoStatus::Ok;
        if (ssl_ != nullptr) {
            ERR_clear_error();
            const int part = static_cast<int>(std::min<std::size_t>(data.size(), INT_MAX));
            sent = SSL_write(ssl_, data.data(), part);
            if (sent <= 0) {
                status = wait_for_tls(static_cast<int>(sent), deadline);
            }
        } else {
            sent = send(fd_, data.data(), data.size(), MSG_NOSIGNAL);
            if (sent < 0 && (errno == EAGAIN || errno == EINTR)) {
                status = wait(POLLOUT, deadline);
            } else if (sent < 0) {
                status = IoStatus::Failed;
            }
        }
        if (status != IoStatus::Ok) {
            return status;
        }
        data.remove_prefix(sent > 0 ? static_cast<std::size_t>(sent) : 0);
    }
    return IoStatus::Ok;
}

IoStatus
Connection::read_some(std::span<char> buffer, std::size_t& count, const Deadline& deadline) {
    for (;;) {
        ssize_t got = 0;
        IoStatus status = IoStatus::Ok;
        if (ssl_ != nullptr) {
            ERR_clear_error();
            const int part = static_cast<int>(std::min<std::size_t>(buffer.size(), INT_MAX));
            got = SSL_read(ssl_, buffer.data(), part);
            if (got <= 0) {
                status = wait_for_tls(static_cast<int>(got), deadline);
            }
        } else {
            got = recv(fd_, buffer.data(), buffer.size(), 0);
            if (got == 0) {
                return IoStatus::Closed;
            }
            if (got < 0) {
                status =
                    errno == EAGAIN || errno == EINTR ? wait(POLLIN, deadline) : IoStatus::Failed;
            }
        }
        if (status != IoStatus::Ok) {
            return status;
        }
        if (got > 0) {
            count = static_cast<std::size_t>(got);
            return IoStatus::Ok;
        }
    }
}

} // namespace handlers::hosts
