#include "handlers/hosts/resolver.hpp"

#include <ares.h>

#include <arpa/inet.h>
#include <array>
#include <cstring>
#include <memory>
#include <netinet/in.h>
#include <poll.h>

namespace handlers::hosts {

namespace {

SocketAddress v4(const in_addr& address, std::uint16_t port) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(port);
    in.sin_addr = address;
    SocketAddress out;
    std::memcpy(&out.storage, &in, sizeof in);
    out.size = sizeof in;
    return out;
}

SocketAddress v6(const in6_addr& address, std::uint16_t port) {
    sockaddr_in6 in{};
    in.sin6_family = AF_INET6;
    in.sin6_port = htons(port);
    in.sin6_addr = address;
    SocketAddress out;
    std::memcpy(&out.storage, &in, sizeof in);
    out.size = sizeof in;
    return out;
}

struct Query {
    std::uint16_t port = 0;
    bool done = false;
    std::vector<SocketAddress> found;
};

void on_answer(void* context, int status, int, ares_addrinfo* answer) {
    auto& query = *static_cast<Query*>(context);
    query.done = true;
    if (status != ARES_SUCCESS || answer == nullptr) {
        return;
    }
    for (const auto* node = answer->nodes; node != nullptr; node = node->ai_next) {
        if (node->ai_family == AF_INET) {
            sockaddr_in in{};
            std::memcpy(&in, node->ai_addr, sizeof in);
            query.found.push_back(v4(in.sin_addr, query.port));
        } else if (node->ai_family == AF_INET6) {
            sockaddr_in6 in{};
            std::memcpy(&in, node->ai_addr, sizeof in);
            query.found.push_back(v6(in.sin6_addr, query.port));
        }
    }
    ares_freeaddrinfo(answer);
}

// One round of waiting for the resolver's sockets.
void wait_and_process(ares_channel channel, const Deadline& deadline) {
    std::array<ares_socket_t, ARES_GETSOCK_MAXNUM> sockets{};
    const int bits = ares_getsock(channel, sockets.data(), static_cast<int>(sockets.size()));
    const auto mask = static_cast<unsigned>(bits);
    std::array<pollfd, ARES_GETSOCK_MAXNUM> polled{};
    nfds_t count = 0;
    for (unsigned i = 0; i < sockets.size(); ++i) {
        const bool reads = (mask & (1u << i)) != 0;
        const bool writes = (mask & (1u << (i + ARES_GETSOCK_MAXNUM))) != 0;
        if (reads || writes) {
            const int wanted = (reads ? POLLIN : 0) | (writes ? POLLOUT : 0);
            polled[count++] = {sockets[i], static_cast<short>(wanted), 0};
        }
    }
    // c-ares also has timers of its own; a short wait serves both.
    const int left = deadline.poll_timeout_ms();
    poll(polled.data(), count, left < 0 || left > 100 ? 100 : left);
    for (nfds_t i = 0; i < count; ++i) {
        const bool readable = (polled[i].revents & (POLLIN | POLLERR | POLLHUP)) != 0;
        const bool writable = (polled[i].revents & (POLLOUT | POLLERR | POLLHUP)) != 0;
        ares_process_fd(
            channel,
            readable ? polled[i].fd : ARES_SOCKET_BAD,
            writable ? polled[i].fd : ARES_SOCKET_BAD
        );
    }
    ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

} // namespace

std::vector<SocketAddress>
resolve(const std::string& host, std::uint16_t port, const Deadline& deadline) {
    in_addr four{};
    in6_addr six{};
    if (inet_pton(AF_INET, host.c_str(), &four) == 1) {
        return {v4(four, port)};
    }
    if (inet_pton(AF_INET6, host.c_str(), &six) == 1) {
        return {v6(six, port)};
    }
    if (host == "localhost" || host.ends_with(".localhost")) {
        four.s_addr = htonl(INADDR_LOOPBACK);
        return {v4(four, port), v6(in6addr_loopback, port)};
    }
    // Initialised once for the process and never given back.
    static const bool ready = ares_library_init(ARES_LIB_INIT_ALL) == ARES_SUCCESS;
    ares_channel raw = nullptr;
    if (!ready || ares_init(&raw) != ARES_SUCCESS) {
        return {};
    }
    Query query; // outlives the channel, whose end calls back for whatever is still open
    query.port = port;
    const std::unique_ptr<ares_channeldata, void (*)(ares_channel)> channel(raw, ares_destroy);
    ares_addrinfo_hints hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    ares_getaddrinfo(raw, host.c_str(), nullptr, &hints, on_answer, &query);
    while (!query.done && !deadline.passed()) {
        wait_and_process(raw, deadline);
    }
    return std::move(query.found);
}

} // namespace handlers::hosts
