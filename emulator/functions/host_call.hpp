// One event's view of its host: the functions of the C ABI, for as long as the event may use them.
// A handler that overran its deadline keeps calling; then its prints are dropped and its requests
// fail.
#pragma once

#include "emulator/core/gate.hpp"
#include "emulator/functions/environment.hpp"
#include "emulator/functions/function_logs.hpp"
#include "emulator/functions/handler_transport.hpp"
#include "emulator/ports/clock.hpp"
#include "emulator/ports/random.hpp"
#include "handlers/aws/plugin_abi.h"

#include <memory>
#include <mutex>
#include <string>

namespace benchtop::functions {

struct HostPorts {
    Clock& clock;
    Random& random;
    FunctionLogs& logs;
    HandlerTransport& transport;
};

// The host functions are called from the handler's thread; the rest is thread-safe.
class HostCall {
public:
    struct Event {
        LogSource source;
        std::string request_id;
        std::string trace_id;
        std::string endpoint_url;
        std::size_t memory_bytes = 0;
    };

    // `gate` stands in front of `ports`. `variables` does not change while the handler runs.
    HostCall(
        std::shared_ptr<Gate> gate,
        HostPorts ports,
        Event event,
        std::shared_ptr<const EnvironmentMap> variables
    );
    HostCall(const HostCall&) = delete;
    HostCall& operator=(const HostCall&) = delete;

    const benchtop_host* table() const { return &table_; }

    // What the handler is told of its time. Before the handler runs.
    void set_deadline(MonotonicInstant deadline) { deadline_ = deadline; }

    const std::string& request_id() const { return event_.request_id; }

    // Log text of the platform or the handler.
    void write(std::string_view text);
    // Ends the event: `last_lines` are written, nothing after them. `reason` is what later requests
    // are told.
    void close(std::string_view last_lines, std::string_view reason);
    // What was logged before is no part of the tail: an event's begins with START.
    void begin_tail();
    // The last 4 KB of what was logged (X-Amz-Log-Result).
    std::string log_tail() const;

private:
    static constexpr std::size_t kTailBytes = 4096;

    void append(std::string_view text); // under mutex_
    void http_send(const benchtop_http_request& request, benchtop_http_response& response);

    std::shared_ptr<Gate> gate_;
    HostPorts ports_;
    Event event_;
    std::shared_ptr<const EnvironmentMap> variables_;
    MonotonicInstant deadline_{};
    benchtop_host table_{};

    mutable std::mutex mutex_;
    std::string tail_;
    std::string closed_because_; // "" while open
};

} // namespace benchtop::functions
