// Functions whose code is an archive, on a process host of the test's own: what the invoker makes
// of a process that is ready, answers, fails to start, takes too long, or ends.
#include "emulator/core/digest.hpp"
#include "emulator/functions/code_directories.hpp"
#include "emulator/functions/process_host.hpp"
#include "tests/unit/functions/function_fixture.hpp"

#include <condition_variable>
#include <deque>

using namespace benchtop;
using namespace benchtop::functions;
using namespace benchtop::functions::test;

namespace {

// An archive of one stored file "a" with the text "b".
std::string one_file_zip() {
    const unsigned char bytes[] = {
        0x50, 0x4b, 3,  4, 10,   0,    0,  0, 0, 0, 0,   0,    33,   0,   0xf9, 0xef, 0xbe,
        0x71, 1,    0,  0, 0,    1,    0,  0, 0, 1, 0,   0,    0,    'a', 'b',  0x50, 0x4b,
        1,    2,    20, 3, 10,   0,    0,  0, 0, 0, 0,   0,    33,   0,   0xf9, 0xef, 0xbe,
        0x71, 1,    0,  0, 0,    1,    0,  0, 0, 1, 0,   0,    0,    0,   0,    0,    0,
        0,    0,    0,  0, 0xa4, 0x81, 0,  0, 0, 0, 'a', 0x50, 0x4b, 5,   6,    0,    0,
        0,    0,    1,  0, 1,    0,    47, 0, 0, 0, 32,  0,    0,    0,   0,    0};
    return {reinterpret_cast<const char*>(bytes), sizeof bytes};
}

// How many processes there are.
class Census {
public:
    void change(int by) {
        {
            const std::lock_guard lock(mutex_);
            alive_ += by;
        }
        changed_.notify_all();
    }

    bool becomes(int wanted) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, seconds(20), [&] { return alive_ == wanted; });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    int alive_ = 0;
};

class FakeProcess final : public FunctionProcess {
public:
    explicit FakeProcess(std::shared_ptr<Census> census)
        : census_(std::move(census)) {
        census_->change(1);
    }

    ~FakeProcess() override { census_->change(-1); }

    void submit(RuntimeEvent event) override {
        events.push_back(event);
        if (on_event) {
            on_event(*this, event);
        }
    }

    ProcessEvent wait() override {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return !happened_.empty(); });
        ProcessEvent event = happened_.front();
        if (!std::holds_alternative<ProcessEnd>(event)) {
            happened_.pop_front();
        }
        return event;
    }

    void kill() override { happen(ProcessEnd{"signal: killed", false}); }

    int memory_used_mb() const override { return 48; }

    void happen(ProcessEvent event) {
        {
            const std::lock_guard lock(mutex_);
            happened_.push_back(std::move(event));
        }
        changed_.notify_all();
    }

    std::function<void(FakeProcess&, const RuntimeEvent&)> on_event;
    std::vector<RuntimeEvent> events;

private:
    std::shared_ptr<Census> census_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<ProcessEvent> happened_;
};

class FakeHost final : public ProcessHost {
public:
    Result<std::unique_ptr<FunctionProcess>> start(ProcessSpec spec, Output output) override {
        specs.push_back(spec);
        auto process = std::make_unique<FakeProcess>(census);
        process->on_event = on_event;
        if (on_start) {
            on_start(*process, specs.size());
        }
        output("from the process\n");
        return std::unique_ptr<FunctionProcess>(std::move(process));
    }

    std::shared_ptr<Census> census = std::make_shared<Census>();
    std::function<void(FakeProcess&, std::size_t)> on_start;
    std::function<void(FakeProcess&, const RuntimeEvent&)> on_event;
    std::vector<ProcessSpec> specs;
};

void answers(FakeProcess& process, const RuntimeEvent& event) {
    RuntimeOutcome outcome;
    outcome.request_id = event.request_id;
    outcome.payload = "\"answer\"";
    process.happen(outcome);
}

void becomes_ready(FakeProcess& process, std::size_t) {
    process.happen(RuntimeReady{});
}

struct ProcessWorld : World {
    explicit ProcessWorld(InvokerOptions options = {})
        : World(make_thread_executor(), std::move(options))
        , directories(*store, directory / "code") {
        const std::string zip = one_file_zip();
        function.code_kind = "zip";
        function.code = sha256_hex(zip);
        function.runtime = "python3.11";
        write([&](store::WriteTx& tx) {
            tx.put_document(store::kFunctionCodeSpace, function.code, zip);
        });
        save();
        host.on_start = becomes_ready;
        host.on_event = answers;
        invoker->set_endpoint("http://127.0.0.1:4566");
        invoker->set_real_names({"http://127.0.0.1:4566", "/ca.pem"});
        invoker->set_processes(host, directories);
    }

    ~ProcessWorld() { invoker->stop(); }

    FakeHost host;
    CodeDirectories directories;
};

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

} // namespace

TEST_CASE("a process is started once and serves events one after the other", "[functions]") {
    ProcessWorld world;
    const auto first = world.invoke();
    CHECK(first.status == InvokeStatus::Ok);
    CHECK(first.payload == "\"answer\"");
    // The tail begins with the event (recorded); the log has it all.
    CHECK(first.log_tail.starts_with("START RequestId: "));
    CHECK(world.log_text().starts_with("INIT_START Runtime Version: python:3.11."));
    CHECK(contains(world.log_text(), "from the process\n"));
    CHECK(contains(first.log_tail, "Max Memory Used: 48 MB\tInit Duration: "));
    const auto second = world.invoke();
    CHECK(second.status == InvokeStatus::Ok);
    REQUIRE(world.host.specs.size() == 1);
    const auto& variables = world.host.specs[0].variables;
    CHECK(variables.at("AWS_ENDPOINT_URL") == "http://127.0.0.1:4566");
    CHECK_FALSE(variables.contains("HTTPS_PROXY"));
    CHECK(std::filesystem::exists(world.host.specs[0].code / "a"));
}

TEST_CASE("an update of the function starts another process", "[functions]") {
    ProcessWorld world;
    world.invoke();
    world.function.last_modified += seconds{1};
    world.save();
    world.invoke();
    CHECK(world.host.specs.size() == 2);
}

TEST_CASE("real names have environments of their own", "[functions]") {
    ProcessWorld world;
    world.invoke();
    std::promise<InvokeOutcome> done;
    InvokeRequest request;
    request.function_arn = kArn;
    request.payload = "{}";
    request.real_names = true;
    world.invoker->invoke(std::move(request), [&](InvokeOutcome o) {
        done.set_value(std::move(o));
    });
    CHECK(done.get_future().get().status == InvokeStatus::Ok);
    REQUIRE(world.host.specs.size() == 2);
    const auto& variables = world.host.specs[1].variables;
    CHECK_FALSE(variables.contains("AWS_ENDPOINT_URL"));
    CHECK(variables.at("HTTPS_PROXY") == "http://127.0.0.1:4566");
    CHECK(variables.at("AWS_CA_BUNDLE") == "/ca.pem");
}

TEST_CASE("a process that ends is told and replaced", "[functions]") {
    ProcessWorld world;
    world.host.on_event = [](FakeProcess& process, const RuntimeEvent&) {
        process.happen(ProcessEnd{"exit status 3", false});
    };
    const auto crashed = world.invoke();
    CHECK(crashed.status == InvokeStatus::FunctionError);
    CHECK(contains(crashed.payload, "Runtime exited with error: exit status 3"));
    CHECK(contains(crashed.log_tail, "Status: error\tError Type: Runtime.ExitError"));
    world.host.on_event = [](FakeProcess& process, const RuntimeEvent&) {
        process.happen(ProcessEnd{"signal: killed", true});
    };
    CHECK(contains(world.invoke().payload, "Runtime.OutOfMemory"));
    world.host.on_event = answers;
    CHECK(world.invoke().status == InvokeStatus::Ok);
    CHECK(world.host.specs.size() == 3);
}

TEST_CASE("an error of the start-up is the event's answer", "[functions]") {
    ProcessWorld world;
    world.host.on_start = [](FakeProcess& process, std::size_t) {
        RuntimeOutcome outcome;
        outcome.kind = RuntimeOutcome::Kind::InitError;
        outcome.payload = R"({"errorType":"Runtime.ImportModuleError"})";
        outcome.error_type = "Runtime.ImportModuleError";
        process.happen(outcome);
    };
    const auto failed = world.invoke();
    CHECK(failed.status == InvokeStatus::FunctionError);
    CHECK(failed.payload == R"({"errorType":"Runtime.ImportModuleError"})");
    CHECK(contains(
        world.log_text(), "Phase: init\tStatus: error\tError Type: Runtime.ImportModuleError"
    ));
    CHECK(contains(
        failed.log_tail, "Phase: invoke\tStatus: error\tError Type: Runtime.ImportModuleError"
    ));
    CHECK(world.host.specs.size() == 2); // the init was run once more for the event
}

TEST_CASE("a function that overruns its time is killed", "[functions]") {
    ProcessWorld world;
    std::promise<void> running;
    world.host.on_event = [&](FakeProcess&, const RuntimeEvent&) { running.set_value(); };
    auto outcome = world.start();
    running.get_future().wait();
    world.deadlines.fire_all();
    CHECK(contains(outcome.get().payload, "Task timed out after 3.00 seconds"));
    world.host.on_event = answers;
    CHECK(world.invoke().status == InvokeStatus::Ok);
    CHECK(world.host.specs.size() == 2);
}

TEST_CASE(
    "an init that overruns its limit is run again within the function's own time", "[functions]"
) {
    ProcessWorld world;
    std::promise<void> starting;
    world.host.on_start = [&](FakeProcess& process, std::size_t number) {
        if (number == 1) {
            starting.set_value();
        } else {
            becomes_ready(process, number);
        }
    };
    auto outcome = world.start();
    starting.get_future().wait();
    world.deadlines.fire_all();
    const auto ended = outcome.get();
    CHECK(ended.status == InvokeStatus::Ok);
    CHECK(contains(world.log_text(), "Phase: init\tStatus: timeout"));
}

TEST_CASE("idle processes end when their time is over or their function is gone", "[functions]") {
    ProcessWorld world;
    world.invoke();
    // Looked through, and kept: the next look is planned.
    world.deadlines.fire_all();
    CHECK(world.deadlines.becomes_armed());
    CHECK(world.host.census->becomes(1));

    SECTION("the function is gone") {
        world.write([&](store::WriteTx& tx) {
            tx.delete_function(world.function.account, world.function.region, world.function.name);
        });
    }
    SECTION("the function was updated") {
        world.function.last_modified += seconds{1};
        world.save();
    }
    SECTION("it was idle for long") {
        world.clock.pass(seconds{600});
    }
    world.deadlines.fire_all();
    CHECK(world.host.census->becomes(0));
    CHECK(world.deadlines.armed() == 0); // nothing is left to look at
}

TEST_CASE("of more idle processes than are allowed the oldest end", "[functions]") {
    InvokerOptions options;
    options.idle_processes_max = 2;
    ProcessWorld world(options);
    const auto invoke_version = [&](int version) {
        std::promise<InvokeOutcome> done;
        InvokeRequest request;
        request.function_arn = world.function.arn() + ":" + std::to_string(version);
        request.payload = "{}";
        world.invoker->invoke(std::move(request), [&](InvokeOutcome outcome) {
            done.set_value(std::move(outcome));
        });
        return done.get_future().get().status;
    };
    for (int version = 1; version <= 4; ++version) {
        world.function.version = std::to_string(version);
        world.save();
        world.clock.pass(seconds{1});
        CHECK(invoke_version(version) == InvokeStatus::Ok);
    }
    CHECK(world.host.census->becomes(2));
    CHECK(invoke_version(4) == InvokeStatus::Ok);
    CHECK(invoke_version(3) == InvokeStatus::Ok);
    CHECK(world.host.specs.size() == 4);
    CHECK(invoke_version(1) == InvokeStatus::Ok); // cold again
    CHECK(world.host.specs.size() == 5);
}
