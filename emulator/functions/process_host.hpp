// The ProcessHost port: processes that run functions on the Lambda Runtime API. The edge implements
// it with fork, pipes and a socket; the harness has none.
#pragma once

#include "emulator/core/result.hpp"
#include "emulator/functions/environment.hpp"
#include "emulator/functions/runtime_api.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace benchtop::functions {

struct ProcessSpec {
    std::string runtime;        // "python3.11", "nodejs20.x", "provided.al2023"
    std::filesystem::path code; // the unpacked archive, read-only
    EnvironmentMap variables;   // without AWS_LAMBDA_RUNTIME_API, which the host knows
    std::size_t memory_bytes = 0;
};

struct RuntimeReady {}; // the first /next: initialisation is over

struct ProcessEnd {
    std::string how; // "exit status 127", "signal: killed"; "" for status 0
    bool out_of_memory = false;
};

using ProcessEvent = std::variant<RuntimeReady, RuntimeOutcome, ProcessEnd>;

class FunctionProcess {
public:
    FunctionProcess() = default;
    FunctionProcess(const FunctionProcess&) = delete;
    FunctionProcess& operator=(const FunctionProcess&) = delete;
    virtual ~FunctionProcess() = default; // kills it and everything it started

    virtual void submit(RuntimeEvent event) = 0;
    // Blocks until the next thing happens. After a ProcessEnd there is nothing more. What the
    // process wrote before is with the output already.
    virtual ProcessEvent wait() = 0;
    // From any thread; wait() then gives a ProcessEnd.
    virtual void kill() = 0;
    // Peak of its resident memory.
    virtual int memory_used_mb() const = 0;
};

class ProcessHost {
public:
    virtual ~ProcessHost() = default;
    // Whole lines of stdout and stderr, in their order; on a thread of the host.
    using Output = std::function<void(std::string_view lines)>;
    // The error's code is Lambda's error type ("Runtime.InvalidEntrypoint").
    virtual Result<std::unique_ptr<FunctionProcess>> start(ProcessSpec spec, Output output) = 0;
};

} // namespace benchtop::functions
