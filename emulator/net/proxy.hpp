// What the forward proxy decides, without a socket: where a CONNECT or an absolute-form request
// leads. Benchtop is the only place it can lead to; everything else is refused.
#pragma once

#include "emulator/core/http.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace benchtop::net {

struct Authority {
    std::string host; // lower case; an IPv6 address in brackets
    std::uint16_t port = 0;
};

// "host:port", "[::1]:443"; without a port `default_port`, or nullopt when that is 0. nullopt:
// nonsense, user names, names of more than 253 bytes.
std::optional<Authority> parse_authority(std::string_view text, std::uint16_t default_port);

// What is spoken on a connection, known before its next byte.
enum class Greeting { Http, Tls, Either };

// `own_address`: the address this connection came in by, as text.
// nullopt: a host that is neither AWS's nor this machine's, or a port on which AWS does not answer.
std::optional<Greeting> tunnel_greeting(const Authority& to, std::string_view own_address);

// Whether an absolute-form request for that host is answered here.
bool is_answered_here(const Authority& to, std::string_view own_address);

// 502 and a sentence that names the host (of what could not be parsed: its beginning).
Response refuse_to_forward(std::string_view authority);

} // namespace benchtop::net
