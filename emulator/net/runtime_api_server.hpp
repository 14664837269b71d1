// The Lambda Runtime API on a loopback port of its own: what a function's `bootstrap` process talks
// to (AWS Lambda developer guide: Lambda runtime API). One execution environment per server.
#pragma once

#include "emulator/core/result.hpp"
#include "emulator/functions/runtime_api.hpp"

#include <cstdint>
#include <functional>
#include <memory>

namespace benchtop::net {

class RuntimeApiServer {
public:
    // Called on the server's thread for each result, error or init error; must be quick.
    using OutcomeListener = std::function<void(functions::RuntimeOutcome)>;

    // Called once, likewise: the first /next, initialisation is over.
    using ReadyListener = std::function<void()>;

    // Called likewise: true when an event has been answered and the runtime waits for another,
    // false when one is there.
    using IdleListener = std::function<void(bool)>;

    // Listens on 127.0.0.1, any free port, and serves on a thread of its own until destroyed.
    static Result<std::unique_ptr<RuntimeApiServer>>
    open(OutcomeListener on_outcome, ReadyListener on_ready = {}, IdleListener on_idle = {});
    virtual ~RuntimeApiServer() = default;

    virtual std::uint16_t port() const = 0;
    // Queues an event for the process's next /next. Thread-safe.
    virtual void submit(functions::RuntimeEvent event) = 0;
};

} // namespace benchtop::net
