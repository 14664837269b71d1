// What crosses the wire between a client and a lab.
#pragma once

#include "emulator/core/http.hpp"

#include <string>
#include <utility>
#include <vector>

namespace benchtop::harness {

// What a client sends: as `curl -X METHOD URL -H ... --data-binary BODY` would.
struct ClientRequest {
    std::string method = "GET";
    std::string url; // http://HOST[:PORT]/PATH[?QUERY]; the host decides the service as on a socket
    std::vector<std::pair<std::string, std::string>> headers; // Host and Content-Length are added
    std::string body;
    bool complete = false; // `headers` are all there are: nothing is added
};

struct ClientResponse {
    int status = 0;  // 0: the process died before it answered
    Headers headers; // without framing
    std::string body;
    // Both messages as they cross a socket.
    std::string request_text;
    std::string response_text;
};

// A request of a handler's and its answer, as bytes.
struct HandlerExchange {
    std::string function;
    std::string request_text;
    std::string response_text;
};

struct ClientCredentials {
    std::string access_key_id;
    std::string secret;
    std::string session_token; // "" for none
};

// The answer of the lab's web function.
struct Presigned {
    std::string upload_url;
    std::string s3_key;
};

} // namespace benchtop::harness
