// Runs a handler and turns whatever comes out of it, exceptions included, into what Lambda is told.
// Shared by all hosts.
#pragma once

#include "handlers/aws/handler.hpp"

#include <string>
#include <string_view>

namespace handlers::hosts {

struct Answer {
    bool is_error = false;
    std::string payload;    // JSON; empty after a successful init
    std::string error_type; // empty on success
};

// Errors are also logged as "[ERROR] Type: message". Throws only when memory is exhausted.
Answer run_init(const aws::Handler& handler, aws::Context& context);
Answer run_handle(const aws::Handler& handler, std::string_view event, aws::Context& context);

} // namespace handlers::hosts
