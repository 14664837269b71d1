// A function, its role and a plugin whose code is the test's own lambda.
#pragma once

#include "emulator/functions/function_invoker.hpp"
#include "tests/catch.hpp"

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <future>
#include <random>
#include <stdlib.h>

namespace benchtop::functions::test {

inline constexpr std::string_view kArn =
    "arn:aws:lambda:us-east-2:111122223333:function:worker-move-lambda";
inline constexpr std::string_view kRequestId = "11111111-2222-4333-8444-555555555555";

class ManualClock final : public Clock {
public:
    UtcInstant now() const override {
        return from_epoch_seconds(1'771'633'077) + microseconds(passed_us_.load());
    }

    MonotonicInstant monotonic() const override { return {microseconds(passed_us_.load())}; }

    void pass(microseconds amount) { passed_us_ += amount.count(); }

private:
    std::atomic<std::int64_t> passed_us_ = 0;
};

class SeededRandom final : public Random {
public:
    void fill(RandomStream, std::span<char> bytes) override {
        const std::lock_guard lock(mutex_);
        for (char& c : bytes) {
            c = static_cast<char>(engine_());
        }
    }

private:
    std::mutex mutex_;
    std::mt19937_64 engine_{7};
};

class RecordingLog final : public Log {
public:
    bool enabled(LogLevel) const override { return true; }

    void write(LogLevel, std::string_view line) override {
        const std::lock_guard lock(mutex_);
        text_ += std::string(line) + "\n";
    }

    std::string text() const {
        const std::lock_guard lock(mutex_);
        return text_;
    }

private:
    mutable std::mutex mutex_;
    std::string text_;
};

// Deadlines that pass when the test says so.
class ManualDeadlines final : public Deadlines {
public:
    Ticket after(microseconds delay, std::move_only_function<void()> callback) override {
        const std::lock_guard lock(mutex_);
        delays.push_back(delay);
        callbacks_.emplace(++last_, std::move(callback));
        changed_.notify_all();
        return last_;
    }

    void cancel(Ticket ticket) override {
        std::move_only_function<void()> forgotten;
        const std::lock_guard lock(mutex_);
        if (const auto found = callbacks_.find(ticket); found != callbacks_.end()) {
            forgotten = std::move(found->second);
            callbacks_.erase(found);
        }
    }

    void fire_all() {
        std::map<Ticket, std::move_only_function<void()>> callbacks;
        {
            const std::lock_guard lock(mutex_);
            callbacks.swap(callbacks_);
        }
        for (auto& [ticket, callback] : callbacks) {
            callback();
        }
    }

    std::size_t armed() const {
        const std::lock_guard lock(mutex_);
        return callbacks_.size();
    }

    bool becomes_armed() {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, seconds(20), [&] { return !callbacks_.empty(); });
    }

    std::vector<microseconds> delays;

private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::map<Ticket, std::move_only_function<void()>> callbacks_;
    Ticket last_ = 0;
};

class RecordingTransport final : public HandlerTransport {
public:
    Response send(RequestHead head, std::string body, const HandlerSource& source) override {
        const std::lock_guard lock(mutex_);
        heads.push_back(std::move(head));
        bodies.push_back(std::move(body));
        sources.push_back(source);
        return answer;
    }

    std::mutex mutex_;
    std::vector<RequestHead> heads;
    std::vector<std::string> bodies;
    std::vector<HandlerSource> sources;
    Response answer;
};

// What the plugin "test" does; set before the event, from the test's own thread.
using HandleCode =
    std::function<void(const benchtop_host&, const benchtop_invocation&, benchtop_result&)>;
using InitCode = std::function<void(const benchtop_host&, benchtop_result&)>;
inline HandleCode handle_code;
inline InitCode init_code;

inline const benchtop_plugin& test_plugin() {
    static const benchtop_plugin plugin{
        BENCHTOP_PLUGIN_ABI_VERSION,
        sizeof(benchtop_plugin),
        "test",
        [](const benchtop_host* host, const benchtop_invocation* invocation, benchtop_result* result
        ) { handle_code(*host, *invocation, *result); },
        [](const benchtop_host* host, benchtop_result* result) {
            if (init_code) {
                init_code(*host, *result);
            }
        },
    };
    return plugin;
}

inline std::string_view view(const benchtop_bytes& bytes) {
    return {bytes.data, bytes.size};
}

// A result with text that lives as long as the program.
inline void answer(benchtop_result& result, std::string_view payload) {
    result.payload = {payload.data(), payload.size()};
}

inline void
fail(benchtop_result& result, std::string_view payload, std::string_view type = "Runtime.Oops") {
    result.is_error = 1;
    result.payload = {payload.data(), payload.size()};
    result.error_type = {type.data(), type.size()};
}

struct World {
    explicit World(std::unique_ptr<Executor> with, InvokerOptions options = {})
        : executor(std::move(with)) {
        handle_code = [](const auto&, const auto&, benchtop_result& result) {
            answer(result, "{}");
        };
        init_code = nullptr;
        if (executor->blocks_caller()) {
            store = store::open_memory_store();
        } else {
            std::string name =
                (std::filesystem::temp_directory_path() / "benchtop-XXXXXX").string();
            REQUIRE(mkdtemp(name.data()) != nullptr);
            directory = name;
            auto opened = store::open_file_store({directory, {}}, random);
            REQUIRE(opened.has_value());
            store = *std::move(opened);
        }
        role.account = "111122223333";
        role.name = "worker-role";
        role.trust_policy =
            R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]})";
        function.account = "111122223333";
        function.region = "us-east-2";
        function.name = "worker-move-lambda";
        function.role_arn = "arn:aws:iam::111122223333:role/worker-role";
        function.runtime = "provided.al2023";
        function.handler = "bootstrap";
        function.code_kind = "plugin";
        function.code = "test";
        save();
        plugins.add(*Plugin::adopt(&test_plugin()));
        options.memory_used_mb = [] { return 36; };
        options.stop_grace = milliseconds(0);
        invoker = std::make_unique<FunctionInvoker>(
            *store, clock, random, log, logs, plugins, *executor, deadlines, transport, options
        );
    }

    ~World() {
        invoker->stop();
        store->stop();
        store.reset();
        if (!directory.empty()) {
            std::error_code error;
            std::filesystem::remove_all(directory, error);
        }
    }

    World(const World&) = delete;
    World& operator=(const World&) = delete;

    void write(std::function<void(store::WriteTx&)> change) {
        std::promise<store::CommitStatus> status;
        store->write(
            {[&](store::WriteTx& tx) {
                 change(tx);
                 return true;
             },
             [&](store::CommitStatus done) { status.set_value(done); }}
        );
        REQUIRE(status.get_future().get() == store::CommitStatus::Committed);
    }

    void save() {
        write([&](store::WriteTx& tx) {
            tx.put_role(role);
            tx.put_function(function);
        });
    }

    std::future<InvokeOutcome> start(std::string payload = "{}", InvokeCaller caller = {}) {
        auto promise = std::make_shared<std::promise<InvokeOutcome>>();
        auto future = promise->get_future();
        InvokeRequest request;
        request.function_arn = kArn;
        request.payload = std::move(payload);
        request.request_id = kRequestId;
        request.caller = std::move(caller);
        invoker->invoke(std::move(request), [promise](InvokeOutcome outcome) {
            promise->set_value(std::move(outcome));
        });
        return future;
    }

    InvokeOutcome invoke(std::string payload = "{}", InvokeCaller caller = {}) {
        return start(std::move(payload), std::move(caller)).get();
    }

    std::string log_text() const {
        std::string text;
        for (const LogLine& line : logs.read("worker-move-lambda", 0, 1000)) {
            text += line.text + "\n";
        }
        return text;
    }

    ManualClock clock;
    SeededRandom random;
    RecordingLog log;
    FunctionLogs logs;
    ManualDeadlines deadlines;
    RecordingTransport transport;
    PluginRegistry plugins;
    std::unique_ptr<Executor> executor;
    std::filesystem::path directory;
    std::unique_ptr<store::Store> store;
    store::Role role;
    store::Function function;
    std::unique_ptr<FunctionInvoker> invoker;
};

} // namespace benchtop::functions::test
