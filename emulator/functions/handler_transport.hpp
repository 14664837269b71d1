// How an in-process handler's HTTP requests reach Benchtop: no socket, no name resolution, straight
// into the pipeline.
#pragma once

#include "emulator/core/http.hpp"

#include <string>

namespace benchtop::functions {

// Whose request it is, for logs.
struct HandlerSource {
    std::string function_name;
    std::string request_id; // of the invocation
    std::string trace_id;   // likewise
};

class HandlerTransport {
public:
    virtual ~HandlerTransport() = default;
    // Answers on the calling thread, which is the handler's and may block. A response whose status
    // is 0 means that no answer came. Thread-safe.
    virtual Response send(RequestHead head, std::string body, const HandlerSource& source) = 0;
};

} // namespace benchtop::functions
