#include "emulator/cli/application.hpp"

#include "emulator/delivery/dispatcher.hpp"
#include "emulator/faults/faulty_invoker.hpp"
#include "emulator/faults/rules.hpp"
#include "emulator/functions/code_directories.hpp"
#include "emulator/functions/concurrency_limit.hpp"
#include "emulator/functions/executor.hpp"
#include "emulator/functions/function_invoker.hpp"
#include "emulator/functions/plugin.hpp"
#include "emulator/net/process_host.hpp"
#include "emulator/pipeline/activity.hpp"
#include "emulator/pipeline/controlled_clock.hpp"
#include "emulator/pipeline/controls.hpp"
#include "emulator/pipeline/delivery_report.hpp"
#include "emulator/pipeline/handler_bridge.hpp"
#include "emulator/pipeline/lifecycle_clock.hpp"
#include "emulator/pipeline/log_delivery.hpp"
#include "emulator/pipeline/recorder.hpp"
#include "emulator/pipeline/role_access.hpp"
#include "emulator/pipeline/service_tables.hpp"
#include "emulator/pipeline/services.hpp"
#include "emulator/pipeline/switchable_random.hpp"
#include "emulator/platform/deadline_thread.hpp"
#include "emulator/platform/memory_use.hpp"
#include "emulator/platform/os_random.hpp"
#include "emulator/platform/real_clock.hpp"
#include "emulator/platform/stream_log.hpp"
#include "emulator/platform/thread_lanes.hpp"
#include "emulator/stack/constants.hpp"
#include "emulator/stack/deploy.hpp"

#include <algorithm>
#include <cstdlib>
#include <future>
#include <system_error>
#include <thread>
#include <unistd.h>

namespace benchtop::cli {
namespace {

namespace fs = std::filesystem;

constexpr milliseconds kDrainGrace{5000};

// Large uploads whose MD5 gets a thread of its own: those that leave a core for everything else.
// More would only take turns (measured: parts over four connections, 0.51 GB/s with four lanes on
// two cores, 0.71 with one).
int lanes_max() {
    return std::max(1, static_cast<int>(std::thread::hardware_concurrency()) - 1);
}

// Plugins lie beside the build's binary, or in lib/benchtop/handlers of an installation.
fs::path plugin_directory() {
    std::error_code ec;
    const fs::path self = fs::read_symlink("/proc/self/exe", ec).parent_path();
    const fs::path built = self.parent_path() / "handlers" / "plugins";
    return fs::is_directory(built, ec) ? built
                                       : self.parent_path() / "lib" / "benchtop" / "handlers";
}

// Retries of deliveries, on the process's one timer thread.
class DeadlineWakeUp final : public delivery::WakeUp {
public:
    explicit DeadlineWakeUp(functions::Deadlines& deadlines)
        : deadlines_(deadlines) {}

    void after(microseconds delay) override {
        const std::lock_guard lock(mutex_);
        deadlines_.cancel(ticket_);
        ticket_ = deadlines_.after(delay, [this] {
            if (delivery::Dispatcher* const dispatcher = dispatcher_) {
                dispatcher->run_due();
            }
        });
    }

    void wakes(delivery::Dispatcher* dispatcher) { dispatcher_ = dispatcher; }

private:
    functions::Deadlines& deadlines_;
    std::mutex mutex_;
    functions::Deadlines::Ticket ticket_ = 0;
    std::atomic<delivery::Dispatcher*> dispatcher_ = nullptr;
};

// In memory where that can be had.
fs::path ephemeral_base() {
    std::error_code ec;
    return fs::is_directory("/dev/shm", ec) && ::access("/dev/shm", W_OK) == 0
               ? fs::path("/dev/shm")
               : fs::temp_directory_path(ec);
}

// A directory that goes away with the process; the name says whose it was.
Result<fs::path> make_ephemeral_directory(const fs::path& base) {
    std::error_code ec;
    // What processes that were killed left behind.
    for (fs::directory_iterator it(base, ec), end; !ec && it != end; it.increment(ec)) {
        const std::string name = it->path().filename().string();
        constexpr std::string_view prefix = "benchtop-";
        if (!name.starts_with(prefix)) {
            continue;
        }
        const auto pid = name.substr(prefix.size(), name.find('.') - prefix.size());
        std::error_code ignored;
        if (!pid.empty() && pid.find_first_not_of("0123456789") == std::string::npos &&
            !fs::exists("/proc/" + pid, ignored)) {
            fs::remove_all(it->path(), ignored);
        }
    }
    std::string name = (base / ("benchtop-" + std::to_string(::getpid()) + ".XXXXXX")).string();
    if (::mkdtemp(name.data()) == nullptr) {
        return AwsError(
            500, "CannotCreate", "Cannot create a temporary directory in " + base.string() + "."
        );
    }
    return fs::path(name);
}

class ApplicationImpl final : public Application, private pipeline::Controls {
public:
    explicit ApplicationImpl(const ApplicationOptions& options)
        : options_(options)
        , log_(stderr, real_clock_, options.lowest_log_level) {}

    ~ApplicationImpl() override {
        stop();
        if (options_.ephemeral && !directory_.empty()) {
            store_.reset();
            std::error_code ec;
            fs::remove_all(directory_, ec);
            fs::remove_all(functions_directory_, ec);
        }
    }

    Result<void> open() {
        if (auto opened = open_store(); !opened) {
            return opened.error();
        }
        if (auto loaded = load_plugins(); !loaded) {
            return loaded.error();
        }
        functions::InvokerOptions invoker_options;
        invoker_options.memory_used_mb = platform::resident_mb;
        log_delivery_ = std::make_unique<pipeline::LogDelivery>(*store_, clock_, log_);
        logs_.set_sink(log_delivery_.get());
        invoker_ = std::make_unique<functions::FunctionInvoker>(
            *store_,
            clock_,
            random_,
            log_,
            logs_,
            plugins_,
            *executor_,
            deadlines_,
            bridge_,
            invoker_options
        );
        limited_invoker_ = std::make_unique<functions::ConcurrencyLimit>(*store_, *invoker_);
        recording_invoker_ =
            std::make_unique<pipeline::RecordingInvoker>(*limited_invoker_, clock_);
        if (auto opened = open_processes(); !opened) {
            return opened.error();
        }
        pipeline::ServicesOptions services_options;
        services_options.http_api_port_api =
            options_.stack ? options_.stack->first_api() : std::string(stack::kLabApiId);
        services_ = std::make_unique<pipeline::Services>(
            *store_, clock_, random_, log_, *recording_invoker_, logs_, services_options
        );
        bridge_.connect(*services_);
        faulty_invoker_ =
            std::make_unique<faults::FaultyInvoker>(*recording_invoker_, faults_, deadlines_);
        dispatcher_ = std::make_unique<delivery::Dispatcher>(
            *store_, *faulty_invoker_, clock_, random_, log_, wake_up_
        );
        delivery_report_ =
            std::make_unique<pipeline::DeliveryReport>(*store_, log_, *services_->refusals);
        dispatcher_->observe([this](const store::Delivery& delivery, InvokeStatus status) {
            delivery_report_->attempt_ended(delivery, status);
        });
        dispatcher_->permit_destinations(
            [this](
                const store::ReadTx& tx, std::string_view function_arn, std::string_view destination
            ) { return pipeline::why_not_sent(tx, function_arn, destination, clock_.now()); }
        );
        services_->dispatcher = dispatcher_.get();
        services_->lanes = &lanes_;
        services_->controls = this;
        services_->faults = &faults_;
        services_->recorder = &recorder_;
        services_->invocations = &recording_invoker_->records();
        wake_up_.wakes(dispatcher_.get());
        lifecycle_clock_ = std::make_unique<pipeline::LifecycleClock>(*services_, deadlines_);
        options_.server.data = directory_;
        auto server = net::Server::open(*services_, options_.server);
        if (!server) {
            return server.error();
        }
        server_ = *std::move(server);
        services_->options.ca_file = server_->ca_file().string();
        const std::string url = "http://" + endpoint_host() + ":" + std::to_string(server_->port());
        invoker_->set_endpoint(url);
        invoker_->set_real_names({url, services_->options.ca_file});
        return deploy();
    }

    void start() override {
        server_->start();
        dispatcher_->recover();
        lifecycle_clock_->start();
        running_ = true;
    }

    void stop() override {
        if (!running_) {
            return;
        }
        running_ = false;
        server_->drain(kDrainGrace);
        lifecycle_clock_->stop();
        wake_up_.wakes(nullptr);
        faulty_invoker_->stop();
        dispatcher_->stop();
        invoker_->stop();
        store_->stop();
    }

    std::uint16_t port() const override { return server_->port(); }

    std::uint16_t api_port() const override { return server_->api_port(); }

    fs::path ca_file() const override { return server_->ca_file(); }

    const fs::path& data_directory() const override { return directory_; }

    store::Store& store() override { return *store_; }

    pipeline::Services& services() override { return *services_; }

    const stack::DeployReport& deployed() const override { return deployed_; }

private:
    Result<void> open_store() {
        // Functions run in directories of their own, where a relative path would lead elsewhere.
        directory_ = fs::absolute(options_.data.empty() ? default_data_directory() : options_.data);
        if (options_.ephemeral) {
            auto made = make_ephemeral_directory(ephemeral_base());
            if (!made) {
                return made.error();
            }
            directory_ = *std::move(made);
        }
        auto store = store::open_file_store({directory_, options_.durability}, random_);
        if (!store) {
            return store.error();
        }
        store_ = *std::move(store);
        snapshots_ = std::make_unique<store::Snapshots>(directory_ / "snapshots");
        report_repairs();
        return {};
    }

    // Silent when there was nothing to repair.
    void report_repairs() {
        const store::RecoveryReport found = store_->recovery_report();
        if (found.staged_removed + found.files_removed + found.bodies_removed > 0) {
            log_.write(
                LogLevel::Info,
                "The data directory was tidied up: " + std::to_string(found.staged_removed) +
                    " unfinished uploads, " + std::to_string(found.files_removed) + " files and " +
                    std::to_string(found.bodies_removed) + " bodies of no object are removed."
            );
        }
        if (found.files_missing > 0) {
            log_.write(
                LogLevel::Error,
                "The data directory is damaged: the contents of " +
                    std::to_string(found.files_missing) + " large objects are gone."
            );
        }
    }

    // Where archives are unpacked and processes have their /tmp. A file system in memory may forbid
    // to run programs from it.
    Result<void> open_processes() {
        functions_directory_ = directory_ / "functions";
        if (options_.ephemeral) {
            std::error_code ec;
            auto made = make_ephemeral_directory(fs::temp_directory_path(ec));
            if (!made) {
                return made.error();
            }
            functions_directory_ = *std::move(made);
        }
        code_directories_ =
            std::make_unique<functions::CodeDirectories>(*store_, functions_directory_ / "code");
        process_host_ = net::open_process_host(
            {functions_directory_ / "processes", options_.python, options_.node}
        );
        invoker_->set_processes(*process_host_, *code_directories_);
        return {};
    }

    Result<void> load_plugins() {
        const fs::path directory = options_.plugins.empty() ? plugin_directory() : options_.plugins;
        for (const char* name : {"web_presign", "worker_move"}) {
            auto plugin =
                functions::Plugin::load((directory / (std::string(name) + ".so")).string());
            if (!plugin) {
                return plugin.error();
            }
            plugins_.add(*std::move(plugin));
        }
        return {};
    }

    pipeline::ControlledClock& clock() override { return clock_; }

    pipeline::SwitchableRandom& random() override { return random_; }

    functions::Deadlines& deadlines() override { return deadlines_; }

    store::Snapshots& snapshots() override { return *snapshots_; }

    std::size_t faulty_events() const override { return faulty_invoker_->waiting(); }

    void forget_contents() override {
        invoker_->forget_sessions();
        logs_.clear();
    }

    Result<void> deploy(store::WriteTx& tx) override {
        if (options_.deployment == Deployment::Empty && !options_.stack) {
            stack::deploy_administrator(tx, stack::kLabAccount, clock_.now(), random_);
            return {};
        }
        const auto stack = options_.stack ? *options_.stack : stack::lab_stack();
        auto report = stack::deploy(tx, stack, clock_.now(), random_, pipeline::service_tables());
        if (!report) {
            return AwsError(
                500,
                "CannotDeploy",
                "The stack " + stack.name + " was not deployed, nothing of it is there. " +
                    report.error().message()
            );
        }
        deployed_ = *std::move(report);
        return {};
    }

    Result<void> deploy() {
        std::promise<store::CommitStatus> committed;
        auto status = committed.get_future();
        Result<void> deployed;
        store::WriteJob job;
        job.run = [&](store::WriteTx& tx) {
            deployed = deploy(tx);
            return deployed.has_value();
        };
        job.done = [&committed](store::CommitStatus s) { committed.set_value(s); };
        store_->write(std::move(job));
        if (status.get() == store::CommitStatus::Failed && deployed) {
            return AwsError(500, "CannotDeploy", "The store refused the deployment.");
        }
        return deployed;
    }

    // Where handlers find AWS; a wildcard address is reached by loopback.
    std::string endpoint_host() const {
        const std::string& address = options_.server.address;
        return address == "0.0.0.0" || address == "::" ? "127.0.0.1" : address;
    }

    ApplicationOptions options_;
    stack::DeployReport deployed_;
    platform::RealClock real_clock_;
    pipeline::ControlledClock clock_{real_clock_};
    platform::OsRandom machine_random_;
    pipeline::SwitchableRandom random_{machine_random_};
    platform::StreamLog log_;
    platform::DeadlineThread deadlines_;
    platform::ThreadLanes lanes_{lanes_max()};
    functions::FunctionLogs logs_;
    std::unique_ptr<pipeline::LogDelivery> log_delivery_;
    functions::PluginRegistry plugins_;
    std::unique_ptr<functions::Executor> executor_ = functions::make_thread_executor();
    pipeline::HandlerBridge bridge_;
    DeadlineWakeUp wake_up_{deadlines_};
    fs::path directory_;
    std::unique_ptr<store::Store> store_;
    std::unique_ptr<store::Snapshots> snapshots_;
    fs::path functions_directory_;
    std::unique_ptr<functions::CodeDirectories> code_directories_;
    std::unique_ptr<functions::ProcessHost> process_host_;
    std::unique_ptr<functions::FunctionInvoker> invoker_;
    std::unique_ptr<functions::ConcurrencyLimit> limited_invoker_;
    std::unique_ptr<pipeline::RecordingInvoker> recording_invoker_;
    faults::FaultRules faults_;
    pipeline::Recorder recorder_;
    std::unique_ptr<faults::FaultyInvoker> faulty_invoker_;
    std::unique_ptr<pipeline::Services> services_;
    std::unique_ptr<pipeline::DeliveryReport> delivery_report_;
    std::unique_ptr<delivery::Dispatcher> dispatcher_;
    std::unique_ptr<pipeline::LifecycleClock> lifecycle_clock_;
    std::unique_ptr<net::Server> server_;
    bool running_ = false;
};

} // namespace

Result<std::unique_ptr<Application>> Application::open(const ApplicationOptions& options) {
    auto application = std::make_unique<ApplicationImpl>(options);
    if (auto opened = application->open(); !opened) {
        return opened.error();
    }
    return std::unique_ptr<Application>(std::move(application));
}

fs::path default_data_directory() {
    if (const char* state = std::getenv("XDG_STATE_HOME"); state != nullptr && *state == '/') {
        return fs::path(state) / "benchtop";
    }
    const char* home = std::getenv("HOME");
    return fs::path(home != nullptr ? home : ".") / ".local" / "state" / "benchtop";
}

} // namespace benchtop::cli
