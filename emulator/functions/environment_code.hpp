// What runs in an execution environment: a plugin in this process, or a process on the Runtime API.
// The rules of an invocation (pools, deadlines, log lines) are the invoker's and the same for both.
#pragma once

#include "emulator/functions/host_call.hpp"
#include "emulator/functions/plugin.hpp"

#include <memory>
#include <optional>
#include <string>

namespace benchtop::functions {

struct CodeAnswer {
    enum class Kind {
        Ok,
        Error,    // the handler's own error; payload is its document
        TooLarge, // over kPayloadBytesMax
        Broken,   // nothing usable, or an exception came out: `flaw` says what
        Exited,   // the process has ended: `flaw` is "exit status 1", "signal: killed" or ""
    };
    Kind kind = Kind::Ok;
    std::string payload;
    std::string error_type;
    std::string flaw;
    bool threw = false;         // Broken
    bool out_of_memory = false; // Exited
};

// What an event is told of itself. References outlive the call.
struct CodeEvent {
    const store::Function& function;
    const std::string& request_id;
    const std::string& payload;
    const std::string& client_context;
    const std::string& trace_id;
    const std::string& log_stream_name;
    std::string invoked_arn; // as the caller qualified it
    UtcInstant deadline;
};

// Used by the environment's worker; abandon() also by other threads.
class EnvironmentCode {
public:
    EnvironmentCode() = default;
    EnvironmentCode(const EnvironmentCode&) = delete;
    EnvironmentCode& operator=(const EnvironmentCode&) = delete;
    virtual ~EnvironmentCode() = default;

    // Starts it. Called again after it was abandoned while it started.
    virtual CodeAnswer init(HostCall& call) = 0;
    virtual CodeAnswer handle(HostCall& call, const CodeEvent& event) = 0;
    // The running call overran its time. true: it is being ended and will return; false: nothing
    // can end it.
    virtual bool abandon() = 0;
    // Peak of its own memory; nullopt: it has none of its own.
    virtual std::optional<int> memory_used_mb() const = 0;
    // New credentials ask for a new environment: a process cannot be given others.
    virtual bool keeps_credentials() const = 0;
    // The first line of a new environment's log; "" for none.
    virtual std::string init_start_line() const = 0;
};

std::unique_ptr<EnvironmentCode> make_plugin_code(std::shared_ptr<const Plugin> plugin);

} // namespace benchtop::functions
