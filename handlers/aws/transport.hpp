// How a handler reaches S3: one synchronous HTTP exchange. The host decides what carries it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace handlers::aws {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
    std::string method;
    std::string url;     // absolute and encoded: scheme://host[:port]/path[?query]
    HttpHeaders headers; // Host included; Content-Length is the transport's affair
    std::string body;
    std::int64_t timeout_ms = 0; // for the whole exchange; 0: the transport's own limit
};

enum class TransportError { None, Unreachable, TimedOut };

// status 0 means that no answer came; then `error` is set and `reason` is for people.
struct HttpResponse {
    int status = 0;
    HttpHeaders headers;
    std::string body;
    TransportError error = TransportError::None;
    std::string reason;
};

class Transport {
public:
    virtual ~Transport() = default;
    // Never throws; every failure is a value.
    virtual HttpResponse send(const HttpRequest& request) = 0;
};

} // namespace handlers::aws
