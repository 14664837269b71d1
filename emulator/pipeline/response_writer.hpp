// A Response as bytes: status line, headers in the order AWS sends them, framing, small bodies.
#pragma once

#include "emulator/core/http.hpp"

#include <string>

namespace benchtop::pipeline {

struct Serialized {
    std::string bytes; // head, and the body when it is in memory
    bool close = false;
    BodyContent stored; // to be sent after `bytes`; "" when there is none
};

// `keep_alive`: what the request allows; `http_1_0`: no chunked framing.
Serialized serialize(Response&& response, bool keep_alive, bool http_1_0);

} // namespace benchtop::pipeline
