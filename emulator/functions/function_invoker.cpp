#include "emulator/functions/function_invoker.hpp"

#include "emulator/core/assert.hpp"
#include "emulator/core/ids.hpp"
#include "emulator/functions/error_payload.hpp"
#include "emulator/functions/invocation.hpp"
#include "emulator/functions/log_format.hpp"
#include "emulator/functions/plugin_call.hpp"
#include "emulator/functions/process_code.hpp"
#include "emulator/functions/role_sessions.hpp"
#include "emulator/service/lineage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <set>

namespace benchtop::functions {

namespace {

using InvocationPtr = std::shared_ptr<Invocation>;
using EnvironmentPtr = std::shared_ptr<ExecutionEnvironment>;

// Lambda Developer Guide, "Lambda runtime environment": the Init phase is limited to 10 seconds.
constexpr seconds kInitLimit{10};
// How often idle processes are looked through, while there are any.
constexpr seconds kSweepEvery{10};
constexpr std::string_view kStopping = "Benchtop is stopping.";

struct Ports {
    store::Store& store;
    Clock& clock;
    Random& random;
    Log& log;
    FunctionLogs& logs;
    const PluginRegistry& plugins;
    Executor& executor;
    Deadlines& deadlines;
    HandlerTransport& transport;
};

// The environments of one version of a function, of one way to reach AWS.
struct Pool {
    std::vector<EnvironmentPtr> idle; // the last one was used last
    std::size_t environments = 0;     // idle and busy
    std::deque<InvocationPtr> queue;
};

InvokeOutcome outcome_of(InvokeStatus status, std::string payload, std::string request_id) {
    InvokeOutcome outcome;
    outcome.status = status;
    outcome.payload = std::move(payload);
    outcome.request_id = std::move(request_id);
    return outcome;
}

std::string pool_name(const store::Function& function, bool real_names) {
    return function.arn() + ":" + function.version + (real_names ? " real names" : "");
}

std::string error_type_of(const CodeAnswer& answer) {
    return answer.error_type.empty() ? std::string("Runtime.ExitError") : answer.error_type;
}

microseconds since(MonotonicInstant start, MonotonicInstant now) {
    return std::chrono::duration_cast<microseconds>(now - start);
}

} // namespace

struct FunctionInvoker::Impl : std::enable_shared_from_this<Impl> {
    Impl(const Ports& ports_in, InvokerOptions options_in)
        : ports(ports_in)
        , options(std::move(options_in))
        , sessions(std::make_shared<RoleSessions>(gate, ports.store, ports.clock, ports.random)) {}

    void set_endpoint(std::string url) {
        const std::lock_guard lock(mutex);
        endpoint_url = std::move(url);
    }

    void set_real_names(RealNames names) {
        const std::lock_guard lock(mutex);
        real_names = std::move(names);
    }

    void set_processes(ProcessHost& host, CodeDirectories& directories) {
        const std::lock_guard lock(mutex);
        process_host = &host;
        code_directories = &directories;
    }

    void invoke(InvokeRequest request, Completion done);

    void forget_sessions() { sessions->forget(); }

    void stop();

private:
    std::variant<InvocationTarget, Refusal> find(const InvokeRequest& request);
    void refuse(InvokeStatus status, std::string_view reason, std::string id, Completion& done);
    void admit(const InvocationPtr& invocation);
    EnvironmentPtr make_environment(const Invocation& invocation);
    std::unique_ptr<EnvironmentCode> make_code(const ExecutionEnvironment& environment);
    RealNames names_for_functions();
    static bool fits(const ExecutionEnvironment& environment, const Invocation& invocation);
    void start(const InvocationPtr& invocation, EnvironmentPtr environment);
    void release(const EnvironmentPtr& environment, bool reusable);
    void complete(const InvocationPtr& invocation, InvokeOutcome outcome);

    static bool is_process(const ExecutionEnvironment& environment);
    template <class Predicate>
    std::vector<EnvironmentPtr> take_idle(Predicate goes);
    std::vector<EnvironmentPtr> too_many_idle();
    void retire(std::vector<EnvironmentPtr> environments);
    void plan_sweep();
    void sweep();

    void arm(const InvocationPtr& invocation, microseconds delay);
    void overran(const InvocationPtr& invocation);
    void run(const InvocationPtr& invocation);
    bool initialize(const InvocationPtr& invocation);
    void finish(const InvocationPtr& invocation, CodeAnswer answer);
    void report_flaw(const Invocation& invocation, const CodeAnswer& answer);
    Report report_of(const Invocation& invocation, microseconds duration) const;

    Ports ports;
    InvokerOptions options;
    std::shared_ptr<Gate> gate = std::make_shared<Gate>();
    std::shared_ptr<RoleSessions> sessions;

    std::mutex mutex;
    std::condition_variable completed;
    bool stopping = false;
    std::string endpoint_url;
    RealNames real_names;
    ProcessHost* process_host = nullptr; // null: plugins only
    CodeDirectories* code_directories = nullptr;
    std::map<std::string, Pool, std::less<>> pools; // by pool_name()
    std::set<InvocationPtr> open;                   // not yet completed
    std::unique_ptr<Worker> janitor;                // ends processes; made when there is one to end
    bool sweep_planned = false;
};

// --- from the request to an environment

std::variant<InvocationTarget, Refusal> FunctionInvoker::Impl::find(const InvokeRequest& request) {
    std::variant<InvocationTarget, Refusal> found =
        Refusal{InvokeStatus::ServiceError, "The store could not be read."};
    try {
        ports.store.read([&](const store::ReadTx& tx) {
            found = find_target(tx, request.function_arn, request.qualifier, request.caller);
        });
    } catch (const store::StoreFailure& failure) {
        ports.log.write(LogLevel::Error, failure.what());
    }
    return found;
}

void FunctionInvoker::Impl::refuse(
    InvokeStatus status, std::string_view reason, std::string id, Completion& done
) {
    if (status == InvokeStatus::ServiceError) {
        ports.log.write(LogLevel::Warning, reason);
    }
    done(outcome_of(status, std::string(reason), std::move(id)));
}

void FunctionInvoker::Impl::invoke(InvokeRequest request, Completion done) {
    const auto pass = gate->enter();
    if (!pass) {
        done(outcome_of(
            InvokeStatus::ServiceError, std::string(kStopping), std::move(request.request_id)
        ));
        return;
    }
    if (request.request_id.empty()) {
        request.request_id = make_uuid(ports.random);
    }
    auto found = find(request);
    if (const auto* refusal = std::get_if<Refusal>(&found)) {
        return refuse(refusal->status, refusal->reason, request.request_id, done);
    }
    auto& target = std::get<InvocationTarget>(found);
    const bool is_plugin = target.function.code_kind == "plugin";
    auto plugin = is_plugin ? ports.plugins.find(target.function.code) : nullptr;
    if (!is_plugin && process_host == nullptr) {
        return refuse(
            InvokeStatus::ServiceError,
            fmt::format(
                "{} cannot run: only C++ plugins run here, and its runtime is {}.",
                target.function.name,
                target.function.runtime
            ),
            request.request_id,
            done
        );
    }
    if (is_plugin && !plugin) {
        return refuse(
            InvokeStatus::ServiceError,
            fmt::format(
                "{} cannot run: no plugin named {} is loaded.",
                target.function.name,
                target.function.code
            ),
            request.request_id,
            done
        );
    }
    std::string root(std::string_view(request.trace_root).substr(0, request.trace_root.find(';')));
    if (root.empty()) {
        root = make_trace_root(ports.random, to_epoch_seconds(ports.clock.now()));
    }
    std::string lineage(service::trace_field(request.trace_root, "Lineage"));
    if (lineage.empty()) {
        lineage = *service::lineage_of_invocation("", target.function.arn());
    }
    auto invocation = std::make_shared<Invocation>();
    invocation->trace_id =
        fmt::format("{};Parent={};Sampled=0;Lineage={}", root, make_hex(ports.random, 8), lineage);
    invocation->request = std::move(request);
    invocation->done = std::move(done);
    invocation->target = std::move(target);
    invocation->plugin = std::move(plugin);
    {
        const std::lock_guard lock(mutex);
        open.insert(invocation);
    }
    sessions->get(
        invocation->target,
        [self = shared_from_this(), invocation](std::optional<RoleCredentials> credentials) {
            invocation->credentials = std::move(credentials);
            self->admit(invocation);
        }
    );
}

void FunctionInvoker::Impl::admit(const InvocationPtr& invocation) {
    EnvironmentPtr environment;
    std::vector<EnvironmentPtr> stale; // destroyed after the lock is released
    std::optional<std::pair<InvokeStatus, std::string>> refusal;
    {
        const std::lock_guard lock(mutex);
        const store::Function& function = invocation->target.function;
        Pool& pool = pools[pool_name(function, invocation->request.real_names)];
        while (!environment && !pool.idle.empty()) {
            environment = std::move(pool.idle.back());
            pool.idle.pop_back();
            if (!fits(*environment, *invocation)) {
                --pool.environments;
                stale.push_back(std::move(environment));
                environment = nullptr;
            }
        }
        const std::size_t environments_max =
            invocation->plugin ? options.environments_max : options.processes_max;
        if (stopping) {
            refusal = {InvokeStatus::ServiceError, std::string(kStopping)};
        } else if (!invocation->credentials) {
            refusal = {
                InvokeStatus::ServiceError, "The credentials of the role could not be stored."};
        } else if (!environment && pool.environments < environments_max) {
            ++pool.environments;
        } else if (!environment) {
            if (ports.executor.blocks_caller() || pool.queue.size() >= options.queue_max) {
                refusal = {InvokeStatus::Throttled, "Rate Exceeded."};
            } else {
                pool.queue.push_back(invocation);
                return;
            }
        }
        if (refusal && environment) {
            pool.idle.push_back(std::move(environment));
        }
    }
    if (refusal) {
        if (invocation->take()) {
            complete(
                invocation,
                outcome_of(refusal->first, refusal->second, invocation->request.request_id)
            );
        }
        return;
    }
    start(invocation, environment ? environment : make_environment(*invocation));
}

EnvironmentPtr FunctionInvoker::Impl::make_environment(const Invocation& invocation) {
    auto environment = std::make_shared<ExecutionEnvironment>();
    environment->function = invocation.target.function;
    environment->plugin = invocation.plugin;
    environment->log_stream_name =
        make_log_stream_name(ports.random, ports.clock.now(), invocation.target.function.version);
    environment->real_names = invocation.request.real_names;
    if (!environment->real_names) {
        const std::lock_guard lock(mutex);
        environment->endpoint_url = endpoint_url;
    }
    environment->worker = ports.executor.make_worker();
    return environment;
}

std::unique_ptr<EnvironmentCode>
FunctionInvoker::Impl::make_code(const ExecutionEnvironment& environment) {
    if (environment.plugin) {
        return make_plugin_code(environment.plugin);
    }
    return make_process_code(
        *process_host, *code_directories, environment.function, environment.variables
    );
}

RealNames FunctionInvoker::Impl::names_for_functions() {
    const std::lock_guard lock(mutex);
    return real_names;
}

// An update of the function, of its plugin, or (for a process) of its credentials starts cold.
bool FunctionInvoker::Impl::fits(
    const ExecutionEnvironment& environment, const Invocation& invocation
) {
    return same_configuration(environment.function, invocation.target.function) &&
           environment.plugin == invocation.plugin &&
           (!environment.code->keeps_credentials() ||
            (invocation.credentials &&
             environment.access_key_id == invocation.credentials->access_key_id));
}

void FunctionInvoker::Impl::start(const InvocationPtr& invocation, EnvironmentPtr environment) {
    const RoleCredentials& credentials = *invocation->credentials;
    if (environment->access_key_id != credentials.access_key_id) {
        environment->access_key_id = credentials.access_key_id;
        environment->variables = std::make_shared<const EnvironmentMap>(functions::make_environment(
            environment->function,
            {.credentials = credentials,
             .log_stream_name = environment->log_stream_name,
             .endpoint_url = environment->endpoint_url,
             .real_names = environment->real_names ? names_for_functions() : RealNames{}}
        ));
    }
    if (!environment->code) {
        environment->code = make_code(*environment);
    }
    const store::Function& function = environment->function;
    invocation->call = std::make_unique<HostCall>(
        gate,
        HostPorts{ports.clock, ports.random, ports.logs, ports.transport},
        HostCall::Event{
            {function.name, function.arn(), function.role_arn, environment->log_stream_name},
            invocation->request.request_id,
            invocation->trace_id,
            environment->endpoint_url,
            static_cast<std::size_t>(std::max(function.memory_mb, 1)) * 1024 * 1024},
        environment->variables
    );
    Worker& worker = *environment->worker;
    {
        // stop() looks at it from its own thread.
        const std::lock_guard lock(mutex);
        invocation->environment = std::move(environment);
    }
    worker.run([self = shared_from_this(), invocation] { self->run(invocation); });
}

void FunctionInvoker::Impl::release(const EnvironmentPtr& environment, bool reusable) {
    InvocationPtr next;
    EnvironmentPtr for_next;
    {
        const std::lock_guard lock(mutex);
        Pool& pool = pools[pool_name(environment->function, environment->real_names)];
        if (!pool.queue.empty()) {
            next = std::move(pool.queue.front());
            pool.queue.pop_front();
        }
        if (next && reusable && fits(*environment, *next)) {
            for_next = environment;
        } else if (!next && reusable && !stopping) {
            environment->idle_since = ports.clock.monotonic();
            pool.idle.push_back(environment);
            if (is_process(*environment)) {
                retire(too_many_idle());
                plan_sweep();
            }
        } else if (!next) {
            --pool.environments;
        }
    }
    if (next) {
        start(next, for_next ? for_next : make_environment(*next));
    }
}

// --- processes nobody asks for

bool FunctionInvoker::Impl::is_process(const ExecutionEnvironment& environment) {
    return environment.code && environment.code->keeps_credentials();
}

// Under the lock, like the three after it: takes those `goes` names out of their pools.
template <class Predicate>
std::vector<EnvironmentPtr> FunctionInvoker::Impl::take_idle(Predicate goes) {
    std::vector<EnvironmentPtr> taken;
    for (auto pool = pools.begin(); pool != pools.end();) {
        auto& idle = pool->second.idle;
        const auto rest =
            std::stable_partition(idle.begin(), idle.end(), [&](const EnvironmentPtr& environment) {
                return !is_process(*environment) || !goes(environment);
            });
        pool->second.environments -= static_cast<std::size_t>(idle.end() - rest);
        std::move(rest, idle.end(), std::back_inserter(taken));
        idle.erase(rest, idle.end());
        const bool empty = pool->second.environments == 0 && pool->second.queue.empty();
        pool = empty ? pools.erase(pool) : std::next(pool);
    }
    return taken;
}

std::vector<EnvironmentPtr> FunctionInvoker::Impl::too_many_idle() {
    EnvironmentPtr oldest;
    std::size_t count = 0;
    for (const auto& [name, pool] : pools) {
        for (const EnvironmentPtr& environment : pool.idle) {
            if (is_process(*environment)) {
                ++count;
                oldest =
                    !oldest || environment->idle_since < oldest->idle_since ? environment : oldest;
            }
        }
    }
    if (count <= options.idle_processes_max) {
        return {};
    }
    return take_idle([&](const EnvironmentPtr& environment) { return environment == oldest; });
}

// Ending a process takes its time: a thread of its own does it.
void FunctionInvoker::Impl::retire(std::vector<EnvironmentPtr> environments) {
    if (!environments.empty()) {
        if (!janitor) {
            janitor = ports.executor.make_worker();
        }
        janitor->run([ended = std::move(environments)] {});
    }
}

void FunctionInvoker::Impl::plan_sweep() {
    if (std::exchange(sweep_planned, true)) {
        return;
    }
    ports.deadlines.after(kSweepEvery, [weak = weak_from_this()] {
        if (const auto self = weak.lock()) {
            const std::lock_guard lock(self->mutex);
            self->sweep_planned = false;
            if (self->stopping) {
                return;
            }
            if (!self->janitor) {
                self->janitor = self->ports.executor.make_worker();
            }
            self->janitor->run([weak] {
                if (const auto invoker = weak.lock()) {
                    invoker->sweep();
                }
            });
        }
    });
}

// Ends idle processes whose time is over, or whose function is not there any more as it was.
void FunctionInvoker::Impl::sweep() {
    const auto pass = gate->enter();
    if (!pass) {
        return;
    }
    std::vector<EnvironmentPtr> idle;
    {
        const std::lock_guard lock(mutex);
        for (const auto& [name, pool] : pools) {
            idle.insert(idle.end(), pool.idle.begin(), pool.idle.end());
        }
    }
    std::set<EnvironmentPtr> outdated;
    try {
        ports.store.read([&](const store::ReadTx& tx) {
            for (const EnvironmentPtr& environment : idle) {
                const store::Function& was = environment->function;
                const auto now = tx.find_function(was.account, was.region, was.name, was.version);
                if (!now || !same_configuration(was, *now)) {
                    outdated.insert(environment);
                }
            }
        });
    } catch (const store::StoreFailure& failure) {
        ports.log.write(LogLevel::Error, failure.what());
    }
    const MonotonicInstant now = ports.clock.monotonic();
    const std::lock_guard lock(mutex);
    retire(take_idle([&](const EnvironmentPtr& environment) {
        return since(environment->idle_since, now) >= options.idle_max ||
               outdated.contains(environment);
    }));
    const bool more = std::any_of(pools.begin(), pools.end(), [](const auto& entry) {
        return std::any_of(
            entry.second.idle.begin(),
            entry.second.idle.end(),
            [](const EnvironmentPtr& environment) { return is_process(*environment); }
        );
    });
    if (more && !stopping) {
        plan_sweep();
    }
}

void FunctionInvoker::Impl::complete(const InvocationPtr& invocation, InvokeOutcome outcome) {
    outcome.executed_version = invocation->target.function.version;
    invocation->done(std::move(outcome));
    const std::lock_guard lock(mutex);
    open.erase(invocation);
    completed.notify_all();
}

// --- one event in its environment

void FunctionInvoker::Impl::arm(const InvocationPtr& invocation, microseconds delay) {
    if (ports.executor.blocks_caller()) {
        return; // nobody could act on it
    }
    const auto ticket =
        ports.deadlines.after(delay, [self = shared_from_this(), weak = std::weak_ptr(invocation)] {
            if (const auto late = weak.lock()) {
                self->overran(late);
            }
        });
    if (const auto before = invocation->exchange_ticket(ticket); before != 0) {
        ports.deadlines.cancel(before);
    }
}

Report FunctionInvoker::Impl::report_of(const Invocation& invocation, microseconds duration) const {
    Report report;
    report.request_id = invocation.request.request_id;
    report.duration = duration;
    report.init_duration = invocation.init_duration;
    report.memory_size_mb = invocation.environment->function.memory_mb;
    const auto own = invocation.environment->code->memory_used_mb();
    report.memory_used_mb = own ? *own : options.memory_used_mb ? options.memory_used_mb() : 0;
    return report;
}

// The timer's thread: the caller is answered now, the handler is ended, or left to itself.
void FunctionInvoker::Impl::overran(const InvocationPtr& invocation) {
    const auto pass = gate->enter();
    if (!pass) {
        return;
    }
    const EnvironmentPtr environment = invocation->environment;
    if (!environment->initialized && environment->code->keeps_credentials() &&
        !environment->init_overran.exchange(true)) {
        environment->code->abandon(); // initialize() goes on
        return;
    }
    if (!invocation->take()) {
        return;
    }
    const int timeout_s = environment->function.timeout_s;
    const std::string& id = invocation->request.request_id;
    Report report = report_of(*invocation, seconds(timeout_s));
    report.status = Report::Status::Timeout;
    invocation->call->close(
        end_line(id) + timeout_line(ports.clock.now(), id, timeout_s) + report_line(report),
        fmt::format("the event is over: Task timed out after {} seconds", timeout_text(timeout_s))
    );
    InvokeOutcome outcome =
        outcome_of(InvokeStatus::FunctionError, timed_out(id, timeout_s).json, id);
    outcome.duration = report.duration;
    outcome.log_tail = invocation->call->log_tail();
    if (!environment->code->abandon()) {
        environment->worker->abandon();
    }
    release(environment, false);
    complete(invocation, std::move(outcome));
}

void FunctionInvoker::Impl::run(const InvocationPtr& invocation) {
    const EnvironmentPtr environment = invocation->environment;
    const store::Function& function = environment->function;
    if (!environment->initialized && !initialize(invocation)) {
        return;
    }
    const InvokeRequest& request = invocation->request;
    const seconds timeout(function.timeout_s);
    CodeEvent event{
        function,
        request.request_id,
        request.payload,
        request.client_context,
        invocation->trace_id,
        environment->log_stream_name,
        invocation->target.invoked_arn,
        {}};
    {
        const auto pass = gate->enter();
        if (!pass || invocation->is_taken()) {
            return;
        }
        arm(invocation, timeout);
        invocation->call->begin_tail();
        invocation->call->write(start_line(request.request_id, function.version));
        invocation->started = ports.clock.monotonic();
        invocation->call->set_deadline(invocation->started + timeout);
        event.deadline = ports.clock.now() + timeout;
    }
    finish(invocation, environment->code->handle(*invocation->call, event));
}

// false: the event has ended already.
bool FunctionInvoker::Impl::initialize(const InvocationPtr& invocation) {
    const EnvironmentPtr environment = invocation->environment;
    MonotonicInstant begin;
    {
        const auto pass = gate->enter();
        if (!pass || invocation->is_taken()) {
            return false;
        }
        arm(invocation, kInitLimit);
        begin = ports.clock.monotonic();
        invocation->started = begin;
        invocation->call->set_deadline(begin + kInitLimit);
        if (const std::string line = environment->code->init_start_line(); !line.empty()) {
            invocation->call->write(line);
        }
    }
    CodeAnswer answer = environment->code->init(*invocation->call);
    const bool again = environment->init_overran || answer.kind != CodeAnswer::Kind::Ok;
    if (again) {
        // Lambda Developer Guide, "Lambda runtime environment": an init phase that failed or took
        // too long is run once more, within the function's own time.
        const auto pass = gate->enter();
        if (!pass || invocation->is_taken()) {
            return false;
        }
        const microseconds duration = since(begin, ports.clock.monotonic());
        invocation->call->write(
            environment->init_overran ? init_timeout_line(kInitLimit)
                                      : init_report_line(duration, "init", error_type_of(answer))
        );
        invocation->call->begin_tail();
        environment->init_overran = true; // the time that runs out now is the event's
        const seconds timeout(environment->function.timeout_s);
        arm(invocation, timeout);
        begin = ports.clock.monotonic();
        invocation->started = begin;
        invocation->call->set_deadline(begin + timeout);
    }
    if (again) {
        answer = environment->code->init(*invocation->call);
    }
    const auto pass = gate->enter();
    if (!pass || invocation->is_taken()) {
        return false;
    }
    const microseconds duration = since(begin, ports.clock.monotonic());
    if (answer.kind == CodeAnswer::Kind::Ok) {
        environment->initialized = true;
        invocation->init_duration = duration;
        return true;
    }
    invocation->call->write(init_report_line(duration, "invoke", error_type_of(answer)));
    invocation->call->write(
        start_line(invocation->request.request_id, environment->function.version)
    );
    finish(invocation, std::move(answer));
    return false;
}

void FunctionInvoker::Impl::report_flaw(const Invocation& invocation, const CodeAnswer& answer) {
    ports.log.write(
        LogLevel::Error,
        fmt::format(
            "{}: plugin {} gave no usable answer: {}.",
            invocation.environment->function.name,
            invocation.plugin->name(),
            answer.flaw
        )
    );
}

void FunctionInvoker::Impl::finish(const InvocationPtr& invocation, CodeAnswer answer) {
    const auto pass = gate->enter();
    if (!pass || !invocation->take()) {
        return;
    }
    if (const auto ticket = invocation->exchange_ticket(0); ticket != 0) {
        ports.deadlines.cancel(ticket);
    }
    const EnvironmentPtr environment = invocation->environment;
    const seconds timeout(environment->function.timeout_s);
    const std::string& id = invocation->request.request_id;
    const microseconds duration = since(invocation->started, ports.clock.monotonic());
    Report report = report_of(*invocation, duration);
    InvokeOutcome outcome = outcome_of(InvokeStatus::FunctionError, {}, id);
    std::string lines = end_line(id);
    bool reusable = true;
    if (environment->initialized && duration >= timeout) {
        // Nobody was there to interrupt it, but Lambda would have.
        report.duration = timeout;
        report.status = Report::Status::Timeout;
        outcome.payload = timed_out(id, environment->function.timeout_s).json;
        lines += timeout_line(ports.clock.now(), id, environment->function.timeout_s);
        reusable = false;
    } else if (answer.kind == CodeAnswer::Kind::Ok) {
        outcome.status = InvokeStatus::Ok;
        outcome.payload = std::move(answer.payload);
    } else if (answer.kind == CodeAnswer::Kind::Error) {
        outcome.payload = std::move(answer.payload);
    } else if (answer.kind == CodeAnswer::Kind::TooLarge) {
        const ErrorPayload error = response_too_large();
        outcome.payload = error.json;
        report.status = Report::Status::Error;
        report.error_type = error.type;
    } else if (answer.kind == CodeAnswer::Kind::Exited) {
        const ErrorPayload error =
            answer.out_of_memory ? out_of_memory(id) : runtime_exit(id, answer.flaw);
        outcome.payload = error.json;
        report.status = Report::Status::Error;
        report.error_type = error.type;
        reusable = false;
    } else {
        report_flaw(*invocation, answer);
        const ErrorPayload error = runtime_exit(id, answer.threw ? "signal: aborted" : "");
        outcome.payload = error.json;
        report.status = Report::Status::Error;
        report.error_type = error.type;
        reusable = false;
    }
    if (!environment->initialized) {
        // A failed init: the report of the phase names the error type.
        report.status = Report::Status::Error;
        report.error_type = error_type_of(answer);
        reusable = false;
    }
    invocation->call->close(lines + report_line(report), "the event is over");
    outcome.duration = report.duration;
    outcome.log_tail = invocation->call->log_tail();
    release(environment, reusable);
    complete(invocation, std::move(outcome));
}

// --- the end

void FunctionInvoker::Impl::stop() {
    std::vector<InvocationPtr> unfinished;
    {
        std::unique_lock lock(mutex);
        if (std::exchange(stopping, true)) {
            return;
        }
        for (auto& [arn, pool] : pools) {
            unfinished.insert(unfinished.end(), pool.queue.begin(), pool.queue.end());
            pool.queue.clear();
        }
    }
    const auto give_up = [this](const InvocationPtr& invocation) {
        if (invocation->take()) {
            complete(
                invocation,
                outcome_of(
                    InvokeStatus::ServiceError,
                    std::string(kStopping),
                    invocation->request.request_id
                )
            );
        }
    };
    std::for_each(unfinished.begin(), unfinished.end(), give_up);
    {
        std::unique_lock lock(mutex);
        if (!open.empty()) { // a lab in memory has none, and real time is not asked there
            completed.wait_for(lock, options.stop_grace, [this] { return open.empty(); });
        }
        unfinished.assign(open.begin(), open.end());
        for (const InvocationPtr& invocation : unfinished) {
            if (invocation->environment) {
                if (!invocation->environment->code->abandon()) {
                    invocation->environment->worker->abandon();
                }
                invocation->call->close("", kStopping);
            }
        }
    }
    std::for_each(unfinished.begin(), unfinished.end(), give_up);
    gate->close();
    std::map<std::string, Pool, std::less<>> ended;
    std::unique_ptr<Worker> worker;
    {
        const std::lock_guard lock(mutex);
        ended.swap(pools);
        open.clear();
        worker = std::move(janitor);
    }
}

FunctionInvoker::FunctionInvoker(
    store::Store& store,
    Clock& clock,
    Random& random,
    Log& log,
    FunctionLogs& logs,
    const PluginRegistry& plugins,
    Executor& executor,
    Deadlines& deadlines,
    HandlerTransport& transport,
    InvokerOptions options
)
    : impl_(std::make_shared<Impl>(
          Ports{store, clock, random, log, logs, plugins, executor, deadlines, transport},
          std::move(options)
      )) {}

FunctionInvoker::~FunctionInvoker() {
    stop();
}

void FunctionInvoker::set_endpoint(std::string url) {
    impl_->set_endpoint(std::move(url));
}

void FunctionInvoker::set_real_names(RealNames names) {
    impl_->set_real_names(std::move(names));
}

void FunctionInvoker::set_processes(ProcessHost& host, CodeDirectories& directories) {
    impl_->set_processes(host, directories);
}

void FunctionInvoker::invoke(InvokeRequest request, Completion done) {
    impl_->invoke(std::move(request), std::move(done));
}

void FunctionInvoker::forget_sessions() {
    impl_->forget_sessions();
}

void FunctionInvoker::stop() {
    impl_->stop();
}

} // namespace benchtop::functions
