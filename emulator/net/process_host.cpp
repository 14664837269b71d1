#include "emulator/net/process_host.hpp"

#include "emulator/net/interpreters.hpp"
#include "emulator/net/runtime_api_server.hpp"
#include "emulator/net/runtime_files.hpp"
#include "emulator/net/spawn.hpp"

#include <atomic>
#include <cctype>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <fstream>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <system_error>
#include <thread>
#include <unistd.h>

namespace benchtop::net {
namespace {

namespace fs = std::filesystem;
using functions::FunctionProcess;
using functions::ProcessEnd;
using functions::ProcessEvent;
using functions::ProcessSpec;

constexpr std::size_t kLineBytesMax = 64 * 1024;
constexpr int kMemoryCheckMs = 100;
constexpr rlim_t kOpenFilesMax = 1024;

// Private memory in bytes: what counts against a function's limit here. Code that is mapped from
// files is the machine's, not the function's.
std::size_t private_bytes(pid_t pid) {
    std::size_t total = 0;
    std::size_t resident = 0;
    std::size_t shared = 0;
    std::ifstream stream("/proc/" + std::to_string(pid) + "/statm");
    if (!(stream >> total >> resident >> shared) || shared > resident) {
        return 0;
    }
    return (resident - shared) * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

int peak_resident_mb(pid_t pid) {
    std::ifstream stream("/proc/" + std::to_string(pid) + "/status");
    std::string line;
    while (std::getline(stream, line)) {
        if (line.starts_with("VmHWM:")) {
            return std::atoi(line.c_str() + 6) / 1024;
        }
    }
    return 0;
}

// A limit that Linux keeps and obeys no more: what a process starts inherits it, also with an
// environment and a session of its own.
rlim_t mark_of(std::uint16_t port) {
    constexpr rlim_t base = 0x62740000;
    return base + port;
}

void mark_process(pid_t pid, std::uint16_t port) {
    const rlimit mark{mark_of(port), mark_of(port)};
    ::prlimit(pid, RLIMIT_LOCKS, &mark, nullptr);
}

bool is_marked(const fs::path& process, std::uint16_t port) {
    const std::string mark = " " + std::to_string(mark_of(port)) + " ";
    std::ifstream limits(process / "limits");
    for (std::string line; std::getline(limits, line);) {
        if (line.starts_with("Max file locks")) {
            return line.find(mark) != std::string::npos;
        }
    }
    return false;
}

// What a process started and put into a group of its own still carries the environment's mark, or
// its Runtime API address.
void kill_stragglers(std::uint16_t port) {
    const std::string address = "AWS_LAMBDA_RUNTIME_API=127.0.0.1:" + std::to_string(port);
    std::error_code ec;
    for (fs::directory_iterator it("/proc", ec), end; !ec && it != end; it.increment(ec)) {
        const std::string name = it->path().filename().string();
        if (name.find_first_not_of("0123456789") != std::string::npos) {
            continue;
        }
        const auto pid = static_cast<pid_t>(std::atoi(name.c_str()));
        if (is_marked(it->path(), port)) {
            ::kill(pid, SIGKILL);
            continue;
        }
        std::ifstream stream(it->path() / "environ", std::ios::binary);
        for (std::string variable; std::getline(stream, variable, '\0');) {
            if (variable == address) {
                ::kill(pid, SIGKILL);
                break;
            }
        }
    }
}

std::string end_text(int status) {
    if (WIFSIGNALED(status)) {
        switch (WTERMSIG(status)) {
        case SIGKILL:
            return "signal: killed";
        case SIGSEGV:
            return "signal: segmentation fault";
        case SIGABRT:
            return "signal: aborted";
        case SIGTERM:
            return "signal: terminated";
        default: {
            std::string name = ::strsignal(WTERMSIG(status)); // "Interrupt", which Go writes small
            name[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(name[0])));
            return "signal: " + name;
        }
        }
    }
    const int code = WEXITSTATUS(status);
    return code == 0 ? "" : "exit status " + std::to_string(code);
}

class ProcessImpl final : public FunctionProcess {
public:
    explicit ProcessImpl(functions::ProcessHost::Output output, std::size_t memory_bytes)
        : output_(std::move(output))
        , memory_bytes_(memory_bytes) {}

    ~ProcessImpl() override {
        kill();
        if (monitor_.joinable()) {
            monitor_.join();
        }
        server_.reset();
        std::error_code ignored;
        fs::remove_all(temporary_, ignored);
    }

    Result<void> open_runtime_api() {
        auto server = RuntimeApiServer::open(
            [this](functions::RuntimeOutcome outcome) {
                drain(true);
                push(std::move(outcome));
            },
            [this] {
                drain(true);
                push(functions::RuntimeReady{});
            },
            [this](bool idle) { freeze(idle); }
        );
        if (!server) {
            return server.error();
        }
        server_ = *std::move(server);
        return {};
    }

    std::uint16_t port() const { return server_->port(); }

    Result<void> start(const Program& program, fs::path temporary) {
        temporary_ = std::move(temporary);
        auto spawned = spawn(program);
        if (!spawned) {
            return spawned.error();
        }
        spawned_ = *std::move(spawned);
        mark_process(spawned_.pid, server_->port());
        const rlimit files{kOpenFilesMax, kOpenFilesMax};
        ::prlimit(spawned_.pid, RLIMIT_NOFILE, &files, nullptr); // as on Lambda
        monitor_ = std::thread([this] { watch(); });
        return {};
    }

    void submit(functions::RuntimeEvent event) override { server_->submit(std::move(event)); }

    ProcessEvent wait() override {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return !events_.empty(); });
        if (std::holds_alternative<ProcessEnd>(events_.front())) {
            return events_.front(); // for every later wait, too
        }
        ProcessEvent event = std::move(events_.front());
        events_.pop_front();
        return event;
    }

    void kill() override {
        const std::lock_guard lock(mutex_);
        if (spawned_.pid != 0 && !reaped_) {
            ::kill(-spawned_.pid, SIGKILL);
        }
    }

    int memory_used_mb() const override {
        const std::lock_guard lock(mutex_);
        return reaped_ || spawned_.pid == 0 ? peak_mb_ : peak_resident_mb(spawned_.pid);
    }

private:
    void push(ProcessEvent event) {
        {
            const std::lock_guard lock(mutex_);
            events_.push_back(std::move(event));
        }
        changed_.notify_all();
    }

    // Between events nothing of an environment runs, as on Lambda. Should the emulator die, the
    // kernel wakes a stopped group that loses its parent, with SIGHUP.
    void freeze(bool idle) {
        const std::lock_guard lock(mutex_);
        if (spawned_.pid != 0 && !reaped_ && frozen_ != idle) {
            frozen_ = idle;
            ::kill(-spawned_.pid, idle ? SIGSTOP : SIGCONT);
        }
    }

    // Hands on what the process has written so far; `whole`: an unfinished line, too. An outcome
    // waits for it, so that no line comes after the event it belongs to.
    void drain(bool whole) {
        const std::lock_guard lock(output_mutex_);
        char buffer[16 * 1024];
        for (;;) {
            const ssize_t n = ::read(spawned_.output.get(), buffer, sizeof buffer);
            if (n == 0) {
                output_ended_ = true;
            }
            if (n <= 0) {
                break;
            }
            line_.append(buffer, static_cast<std::size_t>(n));
            if (line_.size() > kLineBytesMax && line_.find('\n') == std::string::npos) {
                line_ += '\n';
            }
            if (const std::size_t end = line_.rfind('\n'); end != std::string::npos) {
                output_(std::string_view(line_).substr(0, end + 1));
                line_.erase(0, end + 1);
            }
        }
        if (whole && !line_.empty()) {
            output_(line_ + "\n");
            line_.clear();
        }
    }

    // Until the process ends: its output, its memory.
    void watch() {
        bool out_of_memory = false;
        for (;;) {
            pollfd fds[]{
                {spawned_.exit.get(), POLLIN, 0},
                {output_ended_ ? -1 : spawned_.output.get(), POLLIN, 0}};
            const int ready = ::poll(fds, 2, kMemoryCheckMs);
            if (ready < 0 && errno != EINTR) {
                break;
            }
            if (fds[1].revents != 0) {
                drain(false);
            }
            if (fds[0].revents != 0) {
                break;
            }
            if (!out_of_memory && private_bytes(spawned_.pid) > memory_bytes_) {
                out_of_memory = true;
                kill();
            }
        }
        int status = 0;
        rusage usage{};
        {
            // Under the lock: nobody may send a signal to a number that is free again.
            const std::lock_guard lock(mutex_);
            ::kill(-spawned_.pid, SIGKILL); // what it left behind in its group
            ::wait4(spawned_.pid, &status, 0, &usage);
            reaped_ = true;
            peak_mb_ = static_cast<int>(usage.ru_maxrss / 1024);
        }
        kill_stragglers(server_->port());
        drain(true);
        push(ProcessEnd{end_text(status), out_of_memory});
    }

    functions::ProcessHost::Output output_;
    std::size_t memory_bytes_;
    fs::path temporary_;
    std::unique_ptr<RuntimeApiServer> server_;
    Spawned spawned_;
    std::thread monitor_;

    std::mutex output_mutex_;
    std::string line_; // not yet ended
    std::atomic<bool> output_ended_ = false;

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<ProcessEvent> events_;
    bool reaped_ = false;
    bool frozen_ = false;
    int peak_mb_ = 0;
};

class HostImpl final : public functions::ProcessHost {
public:
    explicit HostImpl(ProcessHostOptions options)
        : directory_(std::move(options.directory))
        , interpreters_(std::move(options.python), std::move(options.node)) {}

    ~HostImpl() override {
        std::error_code ignored;
        fs::remove_all(directory_, ignored);
    }

    HostImpl(const HostImpl&) = delete;
    HostImpl& operator=(const HostImpl&) = delete;

    Result<std::unique_ptr<FunctionProcess>> start(ProcessSpec spec, Output output) override {
        std::call_once(prepared_, [this] { prepare(); });
        Program program;
        auto arguments = command_of(spec);
        if (!arguments) {
            return arguments.error();
        }
        program.arguments = *std::move(arguments);
        program.directory = spec.code;
        program.environment = std::move(spec.variables);
        auto process = std::make_unique<ProcessImpl>(std::move(output), spec.memory_bytes);
        if (auto opened = process->open_runtime_api(); !opened) {
            return opened.error();
        }
        const fs::path temporary = directory_ / ("tmp-" + std::to_string(++started_));
        std::error_code ec;
        fs::create_directories(temporary, ec);
        complete(program.environment, spec, process->port(), temporary);
        if (auto started = process->start(program, temporary); !started) {
            return started.error();
        }
        return std::unique_ptr<FunctionProcess>(std::move(process));
    }

private:
    void prepare() {
        std::error_code ignored;
        fs::remove_all(directory_, ignored);
        fs::create_directories(directory_ / "runtime", ignored);
        for (const RuntimeFile& file : runtime_files()) {
            std::ofstream(directory_ / "runtime" / file.name) << file.text;
        }
    }

    Result<std::vector<std::string>> command_of(const ProcessSpec& spec) {
        if (spec.runtime.starts_with("provided")) {
            const fs::path bootstrap = spec.code / "bootstrap";
            if (::access(bootstrap.c_str(), X_OK) != 0) {
                return AwsError(
                    500,
                    "Runtime.InvalidEntrypoint",
                    "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"
                );
            }
            return std::vector{bootstrap.string()};
        }
        const bool python = spec.runtime.starts_with("python");
        if (!python && !spec.runtime.starts_with("nodejs")) {
            return AwsError(
                500,
                "Runtime.NotSupported",
                "Benchtop runs python3.x, nodejs and provided.al2023 functions; the runtime " +
                    spec.runtime + " has no program here."
            );
        }
        const auto interpreter = interpreters_.find(spec.runtime);
        if (!interpreter) {
            return AwsError(
                500,
                "Runtime.NotInstalled",
                "This machine has no program that runs " + spec.runtime + ": install " +
                    (python ? "python3 (and python3-boto3)." : "nodejs.")
            );
        }
        const fs::path runtime = directory_ / "runtime";
        if (python) {
            return std::vector<std::string>{
                interpreter->path, "-B", (runtime / "bootstrap.py").string()};
        }
        return std::vector{interpreter->path, (runtime / "bootstrap.mjs").string()};
    }

    // What differs here from the real service: where things lie.
    void complete(
        functions::EnvironmentMap& variables,
        const ProcessSpec& spec,
        std::uint16_t port,
        const fs::path& temporary
    ) const {
        variables["AWS_LAMBDA_RUNTIME_API"] = "127.0.0.1:" + std::to_string(port);
        variables["LAMBDA_TASK_ROOT"] = spec.code.string();
        variables["LAMBDA_RUNTIME_DIR"] = (directory_ / "runtime").string();
        if (variables.contains("PWD")) {
            variables["PWD"] = spec.code.string();
        }
        variables["TMPDIR"] = temporary.string();
        // The machine's own user may have AWS settings; the function's user on Lambda has none.
        variables.try_emplace("AWS_CONFIG_FILE", "/dev/null");
        variables.try_emplace("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
    }

    fs::path directory_;
    Interpreters interpreters_;
    std::once_flag prepared_;
    std::atomic<unsigned> started_ = 0;
};

} // namespace

std::unique_ptr<functions::ProcessHost> open_process_host(ProcessHostOptions options) {
    return std::make_unique<HostImpl>(std::move(options));
}

} // namespace benchtop::net
