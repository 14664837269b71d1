#include "emulator/functions/process_code.hpp"

#include "emulator/core/digest.hpp"
#include "emulator/functions/error_payload.hpp"

#include <fmt/format.h>

#include <mutex>

namespace benchtop::functions {
namespace {

// Lines a process writes while no event is there to have them.
constexpr std::size_t kPendingBytesMax = 64 * 1024;

CodeAnswer exited(ProcessEnd end) {
    CodeAnswer answer;
    answer.kind = CodeAnswer::Kind::Exited;
    answer.error_type = end.out_of_memory ? "Runtime.OutOfMemory" : "Runtime.ExitError";
    answer.flaw = std::move(end.how);
    answer.out_of_memory = end.out_of_memory;
    return answer;
}

CodeAnswer answer_of(RuntimeOutcome outcome) {
    CodeAnswer answer;
    switch (outcome.kind) {
    case RuntimeOutcome::Kind::Response:
        break;
    case RuntimeOutcome::Kind::Error:
    case RuntimeOutcome::Kind::InitError:
        answer.kind = CodeAnswer::Kind::Error;
        break;
    case RuntimeOutcome::Kind::TooLarge:
        answer.kind = CodeAnswer::Kind::TooLarge;
        break;
    }
    answer.payload = std::move(outcome.payload);
    answer.error_type = std::move(outcome.error_type);
    return answer;
}

class ProcessCode final : public EnvironmentCode {
public:
    ProcessCode(
        ProcessHost& host,
        CodeDirectories& directories,
        const store::Function& function,
        std::shared_ptr<const EnvironmentMap> variables
    )
        : host_(host)
        , directories_(directories)
        , runtime_(function.runtime)
        , region_(function.region)
        , code_(function.code)
        , memory_mb_(function.memory_mb)
        , variables_(std::move(variables)) {}

    CodeAnswer init(HostCall& call) override {
        const Listening listening(*this, call);
        {
            const std::lock_guard lock(mutex_);
            abandoned_ = false;
        }
        auto directory = directories_.get(code_);
        if (!directory) {
            return not_started(call, directory.error());
        }
        ProcessSpec spec;
        spec.runtime = runtime_;
        spec.code = *std::move(directory);
        spec.variables = *variables_;
        spec.memory_bytes = static_cast<std::size_t>(memory_mb_) * 1024 * 1024;
        auto started =
            host_.start(std::move(spec), [this](std::string_view lines) { output(lines); });
        if (!started) {
            return not_started(call, started.error());
        }
        FunctionProcess* process = nullptr;
        {
            const std::lock_guard lock(mutex_);
            process_ = *std::move(started);
            process = process_.get();
            if (abandoned_) {
                process->kill();
            }
        }
        ProcessEvent event = process->wait();
        if (std::holds_alternative<RuntimeReady>(event)) {
            return {};
        }
        if (auto* outcome = std::get_if<RuntimeOutcome>(&event)) {
            return answer_of(std::move(*outcome));
        }
        return exited(std::get<ProcessEnd>(std::move(event)));
    }

    CodeAnswer handle(HostCall& call, const CodeEvent& event) override {
        const Listening listening(*this, call);
        RuntimeEvent sent;
        sent.request_id = event.request_id;
        sent.payload = event.payload;
        sent.invoked_function_arn = event.invoked_arn;
        sent.trace_id = event.trace_id;
        sent.client_context = event.client_context;
        sent.deadline = event.deadline;
        process_->submit(std::move(sent));
        for (;;) {
            ProcessEvent happened = process_->wait();
            if (auto* end = std::get_if<ProcessEnd>(&happened)) {
                return exited(std::move(*end));
            }
            if (auto* outcome = std::get_if<RuntimeOutcome>(&happened);
                outcome != nullptr && outcome->request_id == event.request_id) {
                return answer_of(std::move(*outcome));
            }
        }
    }

    bool abandon() override {
        const std::lock_guard lock(mutex_);
        abandoned_ = true;
        if (process_) {
            process_->kill();
        }
        return true;
    }

    std::optional<int> memory_used_mb() const override {
        const std::lock_guard lock(mutex_);
        return process_ ? std::optional(process_->memory_used_mb()) : std::nullopt;
    }

    bool keeps_credentials() const override { return true; }

    std::string init_start_line() const override {
        std::string name = runtime_;
        if (const std::size_t digit = name.find_first_of("0123456789");
            name.starts_with("python") && digit != std::string::npos) {
            name.insert(digit, ":");
        }
        return fmt::format(
            "INIT_START Runtime Version: {}.v1\tRuntime Version ARN: arn:aws:lambda:{}::runtime:{}"
            "\n",
            name,
            region_,
            sha256_hex("runtime " + runtime_)
        );
    }

private:
    // The call that has what the process writes.
    class Listening {
    public:
        Listening(ProcessCode& code, HostCall& call)
            : code_(code) {
            const std::lock_guard lock(code_.output_mutex_);
            code_.call_ = &call;
            if (!code_.pending_.empty()) {
                call.write(code_.pending_);
                code_.pending_.clear();
            }
        }

        ~Listening() {
            const std::lock_guard lock(code_.output_mutex_);
            code_.call_ = nullptr;
        }

        Listening(const Listening&) = delete;
        Listening& operator=(const Listening&) = delete;

    private:
        ProcessCode& code_;
    };

    void output(std::string_view lines) {
        const std::lock_guard lock(output_mutex_);
        if (call_ != nullptr) {
            call_->write(lines);
        } else if (pending_.size() + lines.size() <= kPendingBytesMax) {
            pending_ += lines;
        }
    }

    static CodeAnswer not_started(const HostCall& call, const AwsError& error) {
        CodeAnswer answer;
        answer.kind = CodeAnswer::Kind::Error;
        answer.error_type = error.code();
        answer.payload = fmt::format(
            R"({{"errorType":{},"errorMessage":{}}})",
            json_string(error.code()),
            json_string("RequestId: " + call.request_id() + " Error: " + error.message())
        );
        return answer;
    }

    ProcessHost& host_;
    CodeDirectories& directories_;
    std::string runtime_;
    std::string region_;
    std::string code_;
    int memory_mb_;
    std::shared_ptr<const EnvironmentMap> variables_;

    std::mutex output_mutex_; // outlives the process, whose output takes it
    HostCall* call_ = nullptr;
    std::string pending_;

    mutable std::mutex mutex_;
    std::unique_ptr<FunctionProcess> process_;
    bool abandoned_ = false; // also before there is a process to be killed
};

} // namespace

std::unique_ptr<EnvironmentCode> make_process_code(
    ProcessHost& host,
    CodeDirectories& directories,
    const store::Function& function,
    std::shared_ptr<const EnvironmentMap> variables
) {
    return std::make_unique<ProcessCode>(host, directories, function, std::move(variables));
}

} // namespace benchtop::functions
