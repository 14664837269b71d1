// The command line's way to a running emulator on this machine: one blocking request over loopback.
#pragma once

#include "emulator/core/result.hpp"

#include <cstdint>
#include <string>

namespace benchtop::net {

struct HttpReply {
    int status = 0;
    std::string body;
};

// Error: a sentence saying that nothing answers there.
Result<HttpReply> local_request(
    std::uint16_t port, std::string_view method, std::string_view target, std::string_view body
);

} // namespace benchtop::net
