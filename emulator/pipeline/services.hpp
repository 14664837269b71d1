// What exchanges share: ports, store, caches. Built once by the composition root (or the harness).
#pragma once

#include "emulator/apigateway/throttle.hpp"
#include "emulator/functions/function_logs.hpp"
#include "emulator/pipeline/activity.hpp"
#include "emulator/ports/clock.hpp"
#include "emulator/ports/invoker.hpp"
#include "emulator/ports/lanes.hpp"
#include "emulator/ports/log.hpp"
#include "emulator/ports/random.hpp"
#include "emulator/store/store.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <string>

namespace benchtop::delivery {
class Dispatcher;
}

namespace benchtop::faults {
class FaultRules;
}

namespace benchtop::pipeline {

class Controls;
class Recorder;
class Refusals;

struct ServicesOptions {
    // API that answers on the short port (Listener::HttpApi): its id, or "" for none.
    std::string http_api_port_api;
    // Certificate of the lab CA for clients that use AWS's names; "": names have no TLS here.
    std::string ca_file;
};

class Services {
public:
    Services(
        store::Store& store,
        Clock& clock,
        Random& random,
        Log& log,
        Invoker& invoker,
        functions::FunctionLogs& logs,
        ServicesOptions options
    );
    ~Services();
    Services(const Services&) = delete;
    Services& operator=(const Services&) = delete;

    store::Store& store;
    Clock& clock;
    Random& random;
    Log& log;
    Invoker& invoker;
    functions::FunctionLogs& logs;
    ServicesOptions options;

    // Threads for the digests of large uploads; null (the harness): everything on the caller's
    // thread.
    Lanes* lanes = nullptr;
    // How a host whose functions take turns with their callers on one thread (the harness) waits
    // for `ready`; unset: the calling thread blocks.
    std::function<void(const std::function<bool()>& ready)> wait_until;
    // Set once the dispatcher exists; told when the clock is advanced so that retries fall due.
    delivery::Dispatcher* dispatcher = nullptr;

    // Routes of HTTP APIs that have a limit.
    apigateway::Throttle throttle;

    // What the composition root lends to /_benchtop/; null (the harness): those pages answer 501.
    Controls* controls = nullptr;
    // What goes wrong on purpose; null (the harness has schedules of its own): nothing.
    faults::FaultRules* faults = nullptr;
    // Keeps sessions; null: nobody does.
    Recorder* recorder = nullptr;
    // Completed invocations; null: nobody records them.
    Recent<InvocationRecord>* invocations = nullptr;
    Recent<RequestRecord> requests;
    // Counts how often the store's contents were exchanged (reset, restore). A change that was
    // decided on the old ones is not made: its request is answered 503 (exchange.cpp).
    std::atomic<std::uint64_t> era{0};

    struct Caches; // per-thread signing keys, principals and their policies
    std::unique_ptr<Caches> caches;
    std::unique_ptr<Refusals> refusals; // what was refused lately; never null
};

// Runs a whole request on the calling thread (which may block): the transport of in-process
// handlers.
Response execute_blocking(Services& services, RequestHead head, std::string_view body);

} // namespace benchtop::pipeline
