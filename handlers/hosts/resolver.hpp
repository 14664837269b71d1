// Host names to addresses with c-ares: a statically linked program cannot use glibc's own resolver
// on another system.
#pragma once

#include "handlers/hosts/deadline.hpp"

#include <cstdint>
#include <string>
#include <sys/socket.h>
#include <vector>

namespace handlers::hosts {

struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t size = 0;
};

// Literal addresses and localhost (and *.localhost, RFC 6761) are answered without asking anyone.
// Empty when the name is unknown or the deadline passed.
std::vector<SocketAddress>
resolve(const std::string& host, std::uint16_t port, const Deadline& deadline);

} // namespace handlers::hosts
