// A handler's HTTP request (C ABI) as the request the pipeline knows, and the answer back. What a
// plugin hands over is as hostile as what a socket hands over: everything is bounded and checked.
#pragma once

#include "emulator/core/http.hpp"
#include "emulator/core/result.hpp"
#include "handlers/aws/plugin_abi.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace benchtop::functions {

inline constexpr std::size_t kHandlerUrlBytesMax = 16 * 1024;
inline constexpr std::size_t kHandlerHeadersMax = 200;
inline constexpr std::size_t kHandlerHeaderBytesMax = 64 * 1024;

struct HandlerRequest {
    RequestHead head;
    std::string body;
};

// `body_bytes_max`: the function's memory. Errors say in one sentence what is wrong.
Result<HandlerRequest>
read_handler_request(const benchtop_http_request& request, std::size_t body_bytes_max);

// Host of a "host[:port]" or "[v6]:port" text, lower case.
std::string host_without_port(std::string_view authority);

// Whether Benchtop answers for `authority`: AWS's own names, this machine, and the host of its
// endpoint URL ("" for none). Nothing else is ever reached: nothing leaves the machine.
bool is_served_host(std::string_view authority, std::string_view endpoint_url);

// What the C ABI's response points into.
struct HandlerResponse {
    int status = 0; // 0: no answer, `error` says why
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    std::string error;
    std::vector<benchtop_header> header_views;
};

// Reads a stored body into memory; larger than `body_bytes_max` or unreadable gives status 0.
HandlerResponse to_handler_response(Response response, std::size_t body_bytes_max);

// Hands `response` over to the plugin, which gives it back through `release`.
void fill_handler_response(HandlerResponse response, benchtop_http_response& out);

} // namespace benchtop::functions
