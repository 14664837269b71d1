// What AWS's own names cost: a connection with its first answer, plain and inside TLS. Client and
// emulator share this process, so a handshake here is both halves of it. The plain way is the
// reference.
#include "emulator/cli/application.hpp"

#include <openssl/ssl.h>

#include <algorithm>
#include <arpa/inet.h>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <netinet/tcp.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

using namespace benchtop;

namespace {

using Steady = std::chrono::steady_clock;

constexpr const char* kHost = "sts.us-east-2.amazonaws.com";
constexpr int kRounds = 400;

[[noreturn]] void fail(const char* what) {
    std::fprintf(stderr, "bench_tls: %s\n", what);
    std::exit(1);
}

void expect(bool good, const char* what) {
    if (!good) {
        fail(what);
    }
}

class Client {
public:
    Client(std::uint16_t port, SSL_CTX* context, SSL_SESSION* session = nullptr)
        : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const int on = 1;
        ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        expect(::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof(to)) == 0, "connect");
        if (context != nullptr) {
            ssl_ = SSL_new(context);
            SSL_set_tlsext_host_name(ssl_, kHost);
            SSL_set1_host(ssl_, kHost);
            SSL_set_session(ssl_, session);
            SSL_set_fd(ssl_, fd_);
        }
    }

    ~Client() {
        if (ssl_ != nullptr) {
            SSL_shutdown(ssl_); // else its session counts as broken off
            SSL_free(ssl_);
        }
        ::close(fd_);
    }

    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    SSL* ssl() { return ssl_; }

    void tunnel() {
        const std::string connect =
            std::string("CONNECT ") + kHost + ":443 HTTP/1.1\r\nHost: " + kHost + ":443\r\n\r\n";
        expect(::send(fd_, connect.data(), connect.size(), 0) > 0, "send");
        char answer[256];
        expect(::recv(fd_, answer, sizeof(answer), 0) == 39, "no tunnel");
    }

    void handshake() { expect(SSL_connect(ssl_) == 1, "handshake"); }

    // Sends a request and waits for the first of its answer.
    void ask(const std::string& request) {
        const auto size = static_cast<int>(request.size());
        expect(
            (ssl_ != nullptr ? SSL_write(ssl_, request.data(), size)
                             : ::send(fd_, request.data(), request.size(), 0)) > 0,
            "write"
        );
        char answer[4096];
        expect(
            (ssl_ != nullptr ? SSL_read(ssl_, answer, sizeof(answer))
                             : ::recv(fd_, answer, sizeof(answer), 0)) > 0,
            "read"
        );
    }

private:
    int fd_;
    SSL* ssl_ = nullptr;
};

double median_us(const std::function<void()>& round) {
    std::vector<double> took;
    for (int i = 0; i < kRounds; ++i) {
        const auto begin = Steady::now();
        round();
        took.push_back(std::chrono::duration<double, std::micro>(Steady::now() - begin).count());
    }
    std::nth_element(took.begin(), took.begin() + kRounds / 2, took.end());
    return took[kRounds / 2];
}

} // namespace

int main() {
    cli::ApplicationOptions options;
    options.ephemeral = true;
    options.server.port = 0;
    options.server.api_port = 0;
    options.lowest_log_level = LogLevel::Error;
    options.plugins = BENCHTOP_PLUGINS;
    auto opened = cli::Application::open(options);
    expect(opened.has_value(), "the emulator does not start");
    cli::Application& emulator = **opened;
    emulator.start();
    const std::uint16_t port = emulator.port();

    SSL_CTX* const context = SSL_CTX_new(TLS_client_method());
    expect(
        SSL_CTX_load_verify_file(context, emulator.ca_file().c_str()) == 1, "the CA cannot be read"
    );
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    const std::string request =
        "GET /_benchtop/health HTTP/1.1\r\nHost: localhost\r\n\r\n"; // nothing but the edge

    const auto first = Steady::now();
    {
        Client client(port, context);
        client.handshake();
    }
    const double first_us =
        std::chrono::duration<double, std::micro>(Steady::now() - first).count();

    const double plain = median_us([&] {
        Client client(port, nullptr);
        client.ask(request);
    });
    const double tls = median_us([&] {
        Client client(port, context);
        client.handshake();
        client.ask(request);
    });
    const double proxied = median_us([&] {
        Client client(port, context);
        client.tunnel();
        client.handshake();
        client.ask(request);
    });
    SSL_SESSION* session = nullptr;
    {
        Client client(port, context);
        client.handshake();
        client.ask(request);
        session = SSL_get1_session(client.ssl());
    }
    const double resumed = median_us([&] {
        Client client(port, context, session);
        client.handshake();
        client.ask(request);
        SSL_SESSION_free(session);
        session = SSL_get1_session(client.ssl());
    });
    SSL_SESSION_free(session);

    std::printf("%-52s %9s %7s\n", "median of connections to their first answer", "us", "ratio");
    const auto row = [](const char* what, double us, double reference) {
        std::printf("%-52s %9.0f %7.2f\n", what, us, us / reference);
    };
    row("plain (the reference)", plain, plain);
    row("TLS 1.3, leaf cached, certificate checked", tls, plain);
    row("the same through the proxy (CONNECT)", proxied, plain);
    row("TLS 1.3, session resumed", resumed, plain);
    row("the very first: context, key and leaf are made", first_us, plain);
    const double handshake_ms = (tls - plain) / 1000;
    std::printf("handshake, both halves: %.2f ms (goal: below 2 ms)\n", handshake_ms);
    SSL_CTX_free(context);
    emulator.stop();
    return handshake_ms < 2 ? 0 : 1;
}
