// Runs functions whose code is a plugin, as Lambda runs functions: one event at a time per
// execution environment, a new environment when none is free, warm ones kept, a deadline that a
// handler cannot overrun, START/END/REPORT in the log, the role's temporary credentials in the
// environment.
#pragma once

#include "emulator/functions/deadlines.hpp"
#include "emulator/functions/environment.hpp"
#include "emulator/functions/executor.hpp"
#include "emulator/functions/function_logs.hpp"
#include "emulator/functions/handler_transport.hpp"
#include "emulator/functions/plugin.hpp"
#include "emulator/ports/clock.hpp"
#include "emulator/ports/invoker.hpp"
#include "emulator/ports/log.hpp"
#include "emulator/ports/random.hpp"
#include "emulator/store/store.hpp"

#include <functional>
#include <memory>
#include <string>

namespace benchtop::functions {

struct InvokerOptions {
    std::size_t environments_max = 64;    // plugins, per function; events beyond wait
    std::size_t processes_max = 16;       // likewise for processes
    std::size_t idle_processes_max = 32;  // of all functions; the one idle for longest is ended
    microseconds idle_max = seconds{600}; // then an idle process is ended
    std::size_t queue_max = 10'000;       // per function; events beyond are throttled
    milliseconds stop_grace{2000};        // real time that stop() gives running handlers
    std::function<int()> memory_used_mb;  // for REPORT lines; unset prints 0
};

class CodeDirectories;
class ProcessHost;

// Thread-safe.
class FunctionInvoker final : public Invoker {
public:
    // Everything referred to outlives the invoker.
    FunctionInvoker(
        store::Store& store,
        Clock& clock,
        Random& random,
        Log& log,
        FunctionLogs& logs,
        const PluginRegistry& plugins,
        Executor& executor,
        Deadlines& deadlines,
        HandlerTransport& transport,
        InvokerOptions options = {}
    );
    ~FunctionInvoker() override; // stops
    FunctionInvoker(const FunctionInvoker&) = delete;
    FunctionInvoker& operator=(const FunctionInvoker&) = delete;

    // AWS_ENDPOINT_URL of environments that start from now on; "" (the default) leaves the SDKs to
    // AWS's own names.
    void set_endpoint(std::string url);
    // How environments asked for with InvokeRequest::real_names reach AWS.
    void set_real_names(RealNames names);
    // From now on archives run, too. Both outlive stop().
    void set_processes(ProcessHost& host, CodeDirectories& directories);
    void invoke(InvokeRequest request, Completion done) override;
    // The store's contents are exchanged, inside that transaction: the sessions of roles that
    // functions had are no longer used. Running handlers go on with theirs.
    void forget_sessions();

    // Refuses new events, gives running handlers some time, then leaves them behind; every event
    // is completed when it returns, and no handler reaches a port any more. The store and the
    // transport must still work. Not from inside a handler.
    void stop();

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

} // namespace benchtop::functions
