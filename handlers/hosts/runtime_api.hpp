// The loop of a custom runtime ("Using the Lambda runtime API for custom runtimes", Lambda
// Developer Guide).
#pragma once

#include "handlers/aws/handler.hpp"

#include <string>

namespace handlers::hosts {

// Serves events from the Runtime API at `api` (host:port) over `runtime_transport` until it fails:
// an init error is reported and ends at once; so does an answer that is not taken; three failed
// requests for an event in a row end too. Returns the process's exit status, never 0. Sets
// _X_AMZN_TRACE_ID.
int serve_runtime_api(
    const aws::Handler& handler,
    const std::string& api,
    aws::Transport& runtime_transport,
    aws::Services services
);

// main() of a bootstrap: the system's clock, randomness, environment, sockets, and stdout as the
// log.
int run_bootstrap(const aws::Handler& handler);

} // namespace handlers::hosts
