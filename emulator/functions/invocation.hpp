// The parts of a running function: an execution environment and one event in it.
#pragma once

#include "emulator/functions/deadlines.hpp"
#include "emulator/functions/environment_code.hpp"
#include "emulator/functions/executor.hpp"
#include "emulator/functions/host_call.hpp"
#include "emulator/functions/invocation_target.hpp"
#include "emulator/functions/plugin.hpp"
#include "emulator/ports/invoker.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace benchtop::functions {

// Used by one event at a time; that event's thread is the only one that touches it.
struct ExecutionEnvironment {
    store::Function function;              // as it was when the environment started
    std::shared_ptr<const Plugin> plugin;  // null: its code is an archive
    std::unique_ptr<EnvironmentCode> code; // once it has credentials
    std::string log_stream_name;
    std::string endpoint_url; // "" with real names
    bool real_names = false;
    std::string access_key_id; // the credentials in `variables`
    std::shared_ptr<const EnvironmentMap> variables;
    std::atomic<bool> initialized = false;
    // The init phase overran its time: it is run again within the first event's own.
    std::atomic<bool> init_overran = false;
    MonotonicInstant idle_since{};
    std::unique_ptr<Worker> worker;
};

// An update of code or configuration makes the next event start cold.
inline bool same_configuration(const store::Function& a, const store::Function& b) {
    return a.last_modified == b.last_modified && a.role_arn == b.role_arn &&
           a.runtime == b.runtime && a.handler == b.handler && a.code == b.code &&
           a.version == b.version && a.environment == b.environment && a.timeout_s == b.timeout_s &&
           a.memory_mb == b.memory_mb;
}

struct Invocation {
    InvokeRequest request; // request_id is set
    Invoker::Completion done;
    InvocationTarget target;
    std::shared_ptr<const Plugin> plugin; // null: an archive
    std::optional<RoleCredentials> credentials;
    std::string trace_id;
    std::shared_ptr<ExecutionEnvironment> environment; // once it has one
    std::unique_ptr<HostCall> call;                    // likewise
    MonotonicInstant started{};
    std::optional<microseconds> init_duration;

    // Whoever takes it answers it: the handler's thread, the deadline, or stop().
    bool take() {
        const std::lock_guard lock(mutex_);
        return !std::exchange(taken_, true);
    }

    bool is_taken() const {
        const std::lock_guard lock(mutex_);
        return taken_;
    }

    // The armed deadline; returns the one before it (0: none).
    Deadlines::Ticket exchange_ticket(Deadlines::Ticket ticket) {
        const std::lock_guard lock(mutex_);
        return std::exchange(ticket_, ticket);
    }

private:
    mutable std::mutex mutex_;
    bool taken_ = false;
    Deadlines::Ticket ticket_ = 0;
};

} // namespace benchtop::functions
