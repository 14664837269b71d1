// Goal: every event is delivered at least once and retried as Lambda retries. Method: the store in
// memory, an invoker that answers when told, a clock and a wake-up that do nothing by themselves.
#include "emulator/delivery/dispatcher.hpp"
#include "emulator/delivery/machine.hpp"
#include "emulator/service/function_settings.hpp"
#include "emulator/service/lineage.hpp"
#include "tests/catch.hpp"

#include <array>
#include <deque>
#include <random>

namespace benchtop::delivery {
namespace {

class ManualClock final : public Clock {
public:
    UtcInstant now() const override { return from_epoch_seconds(1'771'633'077) + passed; }

    MonotonicInstant monotonic() const override { return {passed}; }

    microseconds passed{};
};

class SeededRandom final : public Random {
public:
    void fill(RandomStream, std::span<char> bytes) override {
        for (char& c : bytes) {
            c = static_cast<char>(engine_());
        }
    }

private:
    std::mt19937_64 engine_{7};
};

class RecordingLog final : public Log {
public:
    bool enabled(LogLevel) const override { return true; }

    void write(LogLevel level, std::string_view line) override {
        levels.push_back(level);
        lines.emplace_back(line);
    }

    std::vector<LogLevel> levels;
    std::vector<std::string> lines;
};

class ManualWakeUp final : public WakeUp {
public:
    void after(microseconds delay) override { asked.push_back(delay); }

    std::vector<microseconds> asked;
};

// Keeps every invocation until the test answers it; with `reply` answers at once.
class ScriptedInvoker final : public Invoker {
public:
    void invoke(InvokeRequest request, Completion done) override {
        requests.push_back(request);
        if (reply) {
            done({*reply, payload, request.request_id, {}, {}});
        } else {
            waiting.push_back(std::move(done));
        }
    }

    void answer_oldest(InvokeStatus status, std::string text = "") {
        Completion done = std::move(waiting.front());
        waiting.pop_front();
        done({status, std::move(text), "", {}, {}});
    }

    std::optional<InvokeStatus> reply;
    std::string payload;
    std::vector<InvokeRequest> requests;
    std::deque<Completion> waiting;
};

// The store in memory, whose commits fail on demand.
class FaultyStore final : public store::Store {
public:
    void read(const std::function<void(const store::ReadTx&)>& read) override {
        inner_->read(read);
    }

    void write(store::WriteJob job) override {
        if (failures > 0) {
            --failures;
            job.done(store::CommitStatus::Failed);
        } else {
            inner_->write(std::move(job));
        }
    }

    std::unique_ptr<store::BodyStager> stage(std::optional<std::uint64_t> declared) override {
        return inner_->stage(declared);
    }

    std::uint64_t identity_epoch() const override { return inner_->identity_epoch(); }

    std::uint64_t configuration_epoch() const override { return inner_->configuration_epoch(); }

    void on_deliveries(DeliveryListener listener) override {
        inner_->on_deliveries(std::move(listener));
    }

    void stop() override { inner_->stop(); }

    int failures = 0;

private:
    std::unique_ptr<store::Store> inner_ = store::open_memory_store();
};

struct World {
    explicit World(Start start = Start::AtOnce) { run(start); }

    void run(Start start = Start::AtOnce) {
        dispatcher.emplace(store, invoker, clock, random, log, wake_up, start);
    }

    std::int64_t add(std::string key = "uploads/a.txt") {
        std::int64_t id = 0;
        write([&](store::WriteTx& tx) {
            store::Delivery row;
            row.bucket = "b";
            row.key = std::move(key);
            row.event_name = "ObjectCreated:Put";
            row.function_arn = "arn:aws:lambda:us-east-2:111122223333:function:worker";
            row.payload = "{\"Records\":[]}";
            row.request_id = "11111111-2222-4333-8444-555555555555";
            row.source_account = "111122223333";
            row.created_at = clock.now();
            id = tx.add_delivery(row);
        });
        return id;
    }

    void write(const std::function<void(store::WriteTx&)>& change) {
        store.write(
            {[&](store::WriteTx& tx) {
                 change(tx);
                 return true;
             },
             [](store::CommitStatus) {}}
        );
    }

    void advance(microseconds amount) {
        write([&](store::WriteTx& tx) { tx.add_advance({clock.now(), amount}); });
        clock.passed += microseconds(1);
        dispatcher->run_due();
    }

    void pass(microseconds amount) {
        clock.passed += amount;
        dispatcher->run_due();
    }

    store::Delivery row(std::int64_t id) {
        std::optional<store::Delivery> found;
        store.read([&](const store::ReadTx& tx) { found = tx.find_delivery(id); });
        REQUIRE(found.has_value());
        return *found;
    }

    std::size_t attempts() const { return invoker.requests.size(); }

    ManualClock clock;
    SeededRandom random;
    RecordingLog log;
    ManualWakeUp wake_up;
    ScriptedInvoker invoker;
    FaultyStore store;
    std::optional<Dispatcher> dispatcher;
};

using store::DeliveryState;

} // namespace

TEST_CASE("an event is invoked right after its commit, as S3 would", "[delivery]") {
    World world;
    const auto id = world.add();
    REQUIRE(world.attempts() == 1);
    const InvokeRequest& request = world.invoker.requests[0];
    CHECK(request.payload == "{\"Records\":[]}");
    CHECK(request.request_id == "11111111-2222-4333-8444-555555555555");
    CHECK(request.caller.service == "s3.amazonaws.com");
    CHECK(request.caller.source_arn == "arn:aws:s3:::b");
    CHECK(request.caller.source_account == "111122223333");
    CHECK_FALSE(world.dispatcher->idle());
    CHECK(world.row(id).state == DeliveryState::Pending);
    world.invoker.answer_oldest(InvokeStatus::Ok, "null");
    CHECK(world.dispatcher->idle());
    CHECK(world.row(id).state == DeliveryState::Done);
    CHECK(world.row(id).attempts == 1);
    CHECK(world.row(id).last_result == "ok");
    CHECK(world.log.lines.empty());
}

TEST_CASE(
    "a failing event is tried again after about one and two minutes, then dead", "[delivery][retry]"
) {
    World world;
    world.invoker.reply = InvokeStatus::FunctionError;
    world.invoker.payload = "{\"errorMessage\":\"no\"}";
    const auto id = world.add();
    CHECK(world.attempts() == 1);
    CHECK(world.row(id).attempts == 1);
    CHECK(world.row(id).last_result == "{\"errorMessage\":\"no\"}");
    REQUIRE(world.wake_up.asked.size() == 1);
    const microseconds first = world.wake_up.asked[0];
    CHECK(first >= seconds(55));
    CHECK(first <= seconds(65));
    world.pass(first - microseconds(1));
    CHECK(world.attempts() == 1);
    world.pass(microseconds(1));
    CHECK(world.attempts() == 2);
    const microseconds second = world.wake_up.asked.back();
    CHECK(second >= seconds(110));
    CHECK(second <= seconds(130));
    world.pass(second - microseconds(1));
    CHECK(world.attempts() == 2);
    world.pass(microseconds(1));
    CHECK(world.attempts() == 3);
    CHECK(world.row(id).state == DeliveryState::Dead);
    CHECK(world.row(id).attempts == 3);
    CHECK(world.dispatcher->idle());
    CHECK(world.invoker.requests[0].request_id == world.invoker.requests[2].request_id);
    REQUIRE(world.log.lines.size() == 3);
    CHECK(
        world.log.lines[0].find(
            "Event 1 ObjectCreated:Put of s3://b/uploads/a.txt for worker: attempt 1 failed, next "
            "in about "
        ) == 0
    );
    CHECK(
        world.log.lines[2] ==
        "Event 1 ObjectCreated:Put of s3://b/uploads/a.txt for worker: given up after attempt 3: "
        "{\"errorMessage\":\"no\"}"
    );
}

TEST_CASE("the observer hears of every attempt as it will be recorded", "[delivery][observer]") {
    World world;
    std::vector<std::pair<store::Delivery, InvokeStatus>> heard;
    world.dispatcher->observe([&](const store::Delivery& delivery, InvokeStatus status) {
        heard.emplace_back(delivery, status);
    });
    world.add("uploads/good.txt");
    world.add("uploads/bad.txt");
    world.invoker.answer_oldest(InvokeStatus::Ok, "null");
    world.invoker.answer_oldest(InvokeStatus::FunctionError, "{\"errorMessage\":\"no\"}");
    REQUIRE(heard.size() == 2);
    CHECK(heard[0].first.key == "uploads/good.txt");
    CHECK(heard[0].first.state == store::DeliveryState::Done);
    CHECK(heard[0].second == InvokeStatus::Ok);
    CHECK(heard[1].first.state == store::DeliveryState::Pending);
    CHECK(heard[1].first.attempts == 1);
    CHECK(heard[1].first.last_result == "{\"errorMessage\":\"no\"}");
    CHECK(heard[1].second == InvokeStatus::FunctionError);
}

TEST_CASE("an advance of the clock makes a retry due", "[delivery][retry][time]") {
    World world;
    world.invoker.reply = InvokeStatus::FunctionError;
    world.add();
    world.advance(seconds(54));
    CHECK(world.attempts() == 1);
    world.advance(seconds(66));
    CHECK(world.attempts() == 2);
    // What the second attempt waits for began after that advance.
    world.pass(microseconds(1));
    CHECK(world.attempts() == 2);
    world.advance(seconds(131));
    CHECK(world.attempts() == 3);
}

TEST_CASE("a lost acknowledgement delivers the event again", "[delivery][faults]") {
    World world;
    const auto id = world.add();
    world.store.failures = 1;
    world.invoker.answer_oldest(InvokeStatus::Ok);
    CHECK(world.row(id).state == DeliveryState::Pending);
    CHECK_FALSE(world.dispatcher->idle());
    CHECK(world.wake_up.asked.back() == seconds(1));
    world.pass(seconds(1));
    REQUIRE(world.attempts() == 2);
    world.invoker.answer_oldest(InvokeStatus::Ok);
    CHECK(world.row(id).state == DeliveryState::Done);
    CHECK(world.row(id).attempts == 1);
    CHECK(world.dispatcher->idle());
}

TEST_CASE("what an earlier run left pending is delivered after a restart", "[delivery][recover]") {
    World world;
    const auto id = world.add();
    const auto failed = world.add("uploads/b.txt");
    world.invoker.waiting.pop_front(); // the process dies with the first one running
    world.invoker.answer_oldest(InvokeStatus::FunctionError, "{}");
    world.dispatcher.reset();
    world.run();
    world.invoker.requests.clear();
    world.dispatcher->recover();
    REQUIRE(world.attempts() == 1);
    world.invoker.answer_oldest(InvokeStatus::Ok);
    CHECK(world.row(id).state == DeliveryState::Done);
    CHECK(world.row(failed).attempts == 1);
    world.pass(seconds(65));
    CHECK(world.attempts() == 2);
    world.dispatcher->recover();
    CHECK(world.attempts() == 2); // known already
}

TEST_CASE("a refused or missing function ends the event at once, with the reason", "[delivery]") {
    World world;
    SECTION("permission") {
        world.invoker.reply = InvokeStatus::NotPermitted;
        world.invoker.payload = "The resource policy says no.";
    }
    SECTION("deleted") {
        world.invoker.reply = InvokeStatus::NotFound;
        world.invoker.payload = "Function not found: x";
    }
    const auto id = world.add();
    CHECK(world.row(id).state == DeliveryState::Dead);
    CHECK(world.row(id).last_result == world.invoker.payload);
    CHECK(world.dispatcher->idle());
    CHECK(world.log.lines.size() == 1);
}

TEST_CASE("throttling backs off to five minutes and costs no retry", "[delivery][retry]") {
    World world;
    world.invoker.reply = GENERATE(InvokeStatus::Throttled, InvokeStatus::ServiceError);
    const auto id = world.add();
    std::vector<std::int64_t> waits;
    for (int i = 0; i < 11; ++i) {
        waits.push_back(std::chrono::duration_cast<seconds>(world.wake_up.asked.back()).count());
        world.pass(world.wake_up.asked.back());
    }
    CHECK(waits == std::vector<std::int64_t>{1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300});
    CHECK(world.row(id).attempts == 0);
    CHECK(world.row(id).state == DeliveryState::Pending);
    world.invoker.reply = InvokeStatus::Ok;
    world.pass(seconds(300));
    CHECK(world.row(id).state == DeliveryState::Done);
}

TEST_CASE(
    "a retry is not made six hours after the event, a first attempt always is", "[delivery][retry]"
) {
    World world;
    world.invoker.reply = InvokeStatus::Throttled;
    const auto id = world.add();
    world.advance(std::chrono::hours(6));
    CHECK(world.row(id).state == DeliveryState::Dead);
    CHECK(world.attempts() == 1);
    CHECK(world.dispatcher->idle());

    world.invoker.reply.reset();
    const auto never_tried = world.add();
    world.dispatcher.reset();
    world.clock.passed += std::chrono::hours(24);
    world.run();
    world.invoker.requests.clear();
    world.invoker.reply = InvokeStatus::Ok;
    world.dispatcher->recover();
    CHECK(world.row(never_tried).state == DeliveryState::Done);
}

TEST_CASE("at most 64 invocations are under way and the rest follow in order", "[delivery]") {
    World world;
    for (int i = 0; i < 200; ++i) {
        world.add("uploads/" + std::to_string(i));
    }
    CHECK(world.attempts() == Dispatcher::kInFlightMax);
    while (!world.invoker.waiting.empty()) {
        world.invoker.answer_oldest(InvokeStatus::Ok);
        CHECK(world.invoker.waiting.size() <= Dispatcher::kInFlightMax);
    }
    CHECK(world.attempts() == 200);
    CHECK(world.dispatcher->idle());
}

TEST_CASE("events beyond what is kept in memory are read again", "[delivery]") {
    World world;
    for (int i = 0; i < 1'200; ++i) {
        world.add();
    }
    while (!world.invoker.waiting.empty()) {
        world.invoker.answer_oldest(InvokeStatus::Ok);
    }
    REQUIRE(world.attempts() == 1'200);
    CHECK(world.invoker.requests.back().payload == "{\"Records\":[]}");
    CHECK(world.dispatcher->idle());
}

TEST_CASE("a single-threaded lab starts events by the wake-up only", "[delivery]") {
    World world(Start::ByWakeUp);
    world.invoker.reply = InvokeStatus::Ok;
    world.add();
    CHECK(world.attempts() == 0);
    CHECK(world.wake_up.asked == std::vector<microseconds>{microseconds(0)});
    world.dispatcher->run_due();
    CHECK(world.attempts() == 1);
    CHECK(world.dispatcher->idle());
}

TEST_CASE("an outcome that comes after stop changes nothing and harms nobody", "[delivery][stop]") {
    World world;
    const auto id = world.add();
    world.dispatcher->stop();
    world.invoker.answer_oldest(InvokeStatus::Ok);
    CHECK(world.row(id).state == DeliveryState::Pending);
    world.add();
    CHECK(world.attempts() == 1);
}

TEST_CASE("an early timer does not lose the wake-up", "[delivery][retry]") {
    World world;
    world.invoker.reply = InvokeStatus::FunctionError;
    world.add();
    const microseconds first = world.wake_up.asked[0];
    world.pass(first - microseconds(10));
    REQUIRE(world.wake_up.asked.size() == 2);
    CHECK(world.wake_up.asked[1] == microseconds(10));
}

namespace {

constexpr std::string_view kWorker = "arn:aws:lambda:us-east-2:111122223333:function:worker";
constexpr std::string_view kAudit = "arn:aws:lambda:us-east-2:111122223333:function:audit";

void configure(World& world, std::string_view config, std::string_view qualifier = "$LATEST") {
    world.write([&](store::WriteTx& tx) {
        tx.put_document(
            "lambda/event-invoke-config/111122223333/us-east-2/worker", qualifier, config
        );
    });
}

std::string destination(std::string_view kind) {
    return R"({"DestinationConfig":{")" + std::string(kind) + R"(":{"Destination":")" +
           std::string(kAudit) + R"("}}})";
}

void permit(World& world) {
    world.dispatcher->permit_destinations(
        [](const store::ReadTx&, std::string_view, std::string_view) { return std::nullopt; }
    );
}

std::int64_t add_invoke(World& world, std::string_view arn = kWorker) {
    std::int64_t id = 0;
    world.write([&](store::WriteTx& tx) {
        id = tx.add_delivery(service::make_async_invocation(
            arn,
            R"({"a":1})",
            "99999999-2222-4333-8444-555555555555",
            "111122223333",
            "",
            world.clock.now()
        ));
    });
    return id;
}

} // namespace

TEST_CASE("an asynchronous Invoke is delivered without a resource policy's say", "[delivery]") {
    World world;
    add_invoke(world, std::string(kWorker) + ":prod");
    REQUIRE(world.attempts() == 1);
    const InvokeRequest& request = world.invoker.requests[0];
    CHECK(request.function_arn == kWorker);
    CHECK(request.qualifier == "prod");
    CHECK(request.caller.service.empty());
    CHECK(request.payload == R"({"a":1})");
    world.invoker.answer_oldest(InvokeStatus::FunctionError, "{}");
    CHECK(
        world.log.lines.at(0).find(
            "Event 1 Invoke 99999999-2222-4333-8444-555555555555 for worker:prod: attempt 1 failed"
        ) == 0
    );
}

TEST_CASE("MaximumRetryAttempts counts for object events too", "[delivery][retry]") {
    World world;
    world.invoker.reply = InvokeStatus::FunctionError;
    world.invoker.payload = "{}";
    configure(world, R"({"MaximumRetryAttempts":0})");
    configure(world, R"({"MaximumRetryAttempts":1})", "prod");
    const auto id = world.add();
    CHECK(world.row(id).state == DeliveryState::Dead);
    CHECK(world.attempts() == 1);
    const auto other = add_invoke(world, std::string(kWorker) + ":prod");
    CHECK(world.row(other).state == DeliveryState::Pending);
    world.pass(seconds(65));
    CHECK(world.row(other).state == DeliveryState::Dead);
    CHECK(world.row(other).attempts == 2);
}

TEST_CASE("an event older than MaximumEventAgeInSeconds is not tried again", "[delivery][retry]") {
    World world;
    permit(world);
    world.invoker.reply = InvokeStatus::FunctionError;
    world.invoker.payload = R"({"errorMessage":"no"})";
    configure(
        world,
        R"({"MaximumEventAgeInSeconds":90,"DestinationConfig":{"OnFailure":{"Destination":")" +
            std::string(kAudit) + R"("}}})"
    );
    const auto id = world.add();
    world.pass(seconds(65)); // the second attempt
    CHECK(world.attempts() == 2);
    world.invoker.reply = InvokeStatus::Ok; // of the destination
    world.pass(seconds(130));
    CHECK(world.row(id).state == DeliveryState::Dead);
    REQUIRE(world.attempts() == 3);
    const std::string& record = world.invoker.requests[2].payload;
    CHECK(
        record.find(R"("condition":"EventAgeExceeded","approximateInvokeCount":2)") !=
        std::string::npos
    );
    CHECK(record.find(R"("responsePayload":{"errorMessage":"no"})") != std::string::npos);
}

TEST_CASE("a result goes to its destination as a delivery of its own", "[delivery][destination]") {
    World world;
    permit(world);
    configure(world, destination("OnSuccess"));
    const auto id = add_invoke(world);
    world.invoker.answer_oldest(InvokeStatus::Ok, R"({"ok":true})");
    CHECK(world.row(id).state == DeliveryState::Done);
    REQUIRE(world.attempts() == 2);
    const InvokeRequest& request = world.invoker.requests[1];
    CHECK(request.function_arn == kAudit);
    CHECK(request.request_id != "99999999-2222-4333-8444-555555555555");
    CHECK(
        request.payload ==
        R"({"version":"1.0","timestamp":"2026-02-21T00:17:57.000Z","requestContext":{)"
        R"("requestId":"99999999-2222-4333-8444-555555555555",)"
        R"("functionArn":"arn:aws:lambda:us-east-2:111122223333:function:worker:$LATEST",)"
        R"("condition":"Success","approximateInvokeCount":1},"requestPayload":{"a":1},)"
        R"("responseContext":{"statusCode":200,"executedVersion":"$LATEST"},)"
        R"("responsePayload":{"ok":true}})"
    );
    const auto row = world.row(id + 1);
    CHECK(row.source == "lambda");
    CHECK(row.event_name == "OnSuccess");
    CHECK(
        row.explanation ==
        "Destination of worker for 99999999-2222-4333-8444-555555555555 (Success)."
    );
    // The audit function has no destination of its own.
    world.invoker.answer_oldest(InvokeStatus::Ok, "null");
    CHECK(world.dispatcher->idle());
    CHECK(world.attempts() == 2);
}

TEST_CASE("exhausted retries tell the destination of failures, once", "[delivery][destination]") {
    World world;
    permit(world);
    configure(world, destination("OnFailure"));
    const auto id = world.add();
    world.invoker.answer_oldest(InvokeStatus::FunctionError, "1");
    world.pass(seconds(65));
    world.invoker.answer_oldest(InvokeStatus::FunctionError, "2");
    world.pass(seconds(130));
    CHECK(world.attempts() == 3); // nothing was sent on the way
    world.invoker.answer_oldest(InvokeStatus::FunctionError, R"({"errorType":"E"})");
    CHECK(world.row(id).state == DeliveryState::Dead);
    REQUIRE(world.attempts() == 4);
    const std::string& record = world.invoker.requests[3].payload;
    CHECK(
        record.find(R"("condition":"RetriesExhausted","approximateInvokeCount":3)") !=
        std::string::npos
    );
    CHECK(record.find(R"("requestPayload":{"Records":[]})") != std::string::npos);
    CHECK(
        record.find(R"("functionError":"Unhandled"},"responsePayload":{"errorType":"E"}})") !=
        std::string::npos
    );
}

TEST_CASE("a record the role may not send is dropped, and said", "[delivery][destination]") {
    World world;
    world.dispatcher->permit_destinations(
        [](const store::ReadTx&, std::string_view from, std::string_view to) {
            CHECK(from == kWorker);
            CHECK(to == kAudit);
            return std::optional<std::string>("The role may not.");
        }
    );
    configure(world, destination("OnSuccess"));
    const auto id = add_invoke(world);
    world.invoker.answer_oldest(InvokeStatus::Ok, "1");
    CHECK(world.row(id).state == DeliveryState::Done);
    CHECK(world.attempts() == 1);
    CHECK(world.dispatcher->idle());
    REQUIRE(world.log.lines.size() == 1);
    CHECK(world.log.lines[0].ends_with(": its result is not sent to audit. The role may not."));
    CHECK(world.log.levels[0] == LogLevel::Hint);
}

TEST_CASE("a reserved concurrency of 0 sends events away at once", "[delivery][destination]") {
    World world;
    permit(world);
    configure(world, destination("OnFailure"));
    world.write([](store::WriteTx& tx) {
        tx.put_document("lambda/reserved-concurrency/111122223333/us-east-2", "worker", "0");
    });
    const auto id = world.add();
    CHECK(world.row(id).state == DeliveryState::Dead);
    CHECK(world.row(id).attempts == 0);
    REQUIRE(world.attempts() == 1);
    CHECK(world.invoker.requests[0].function_arn == kAudit);
    const std::string& record = world.invoker.requests[0].payload;
    CHECK(
        record.find(R"("condition":"ZeroReservedConcurrency","approximateInvokeCount":0)") !=
        std::string::npos
    );
    CHECK(record.find("response") == std::string::npos);
}

TEST_CASE("throttling obeys the event's age and has no answer to tell", "[delivery][destination]") {
    World world;
    permit(world);
    configure(
        world,
        R"({"MaximumEventAgeInSeconds":60,"DestinationConfig":{"OnFailure":{"Destination":")" +
            std::string(kAudit) + R"("}}})"
    );
    const auto id = world.add();
    while (world.row(id).state == DeliveryState::Pending) {
        world.invoker.answer_oldest(InvokeStatus::Throttled, "Rate Exceeded.");
        world.pass(seconds(32));
    }
    CHECK(world.row(id).attempts == 0);
    const std::string& record = world.invoker.requests.back().payload;
    CHECK(
        record.find(R"("condition":"EventAgeExceeded","approximateInvokeCount":0)") !=
        std::string::npos
    );
    CHECK(record.find("response") == std::string::npos);
}

TEST_CASE("settings that cannot be read are those of a function without any", "[delivery]") {
    World world;
    world.invoker.reply = InvokeStatus::FunctionError;
    world.invoker.payload = "{}";
    for (const char* config :
         {"", "[]", "{", R"({"MaximumRetryAttempts":"0","DestinationConfig":7})"}) {
        configure(world, config);
        const auto id = world.add();
        CHECK(world.row(id).state == DeliveryState::Pending);
    }
    configure(world, R"({"MaximumRetryAttempts":99})");
    const auto id = world.add();
    world.pass(seconds(65));
    world.pass(seconds(130));
    CHECK(world.row(id).attempts == 3);
    CHECK(world.row(id).state == DeliveryState::Dead);
}

TEST_CASE(
    "a chain of requests that went through the function often enough is stopped", "[delivery]"
) {
    World world;
    permit(world);
    configure(world, destination("OnFailure"));
    const std::string hash = service::lineage_hash(kWorker);
    const auto add = [&](int rounds) {
        std::int64_t id = 0;
        world.write([&](store::WriteTx& tx) {
            id = tx.add_delivery(service::make_async_invocation(
                kWorker,
                "{}",
                "99999999-2222-4333-8444-555555555555",
                "111122223333",
                "Root=1-2-3;Parent=4;Lineage=1:" + hash + ':' + std::to_string(rounds),
                world.clock.now()
            ));
        });
        return id;
    };
    add(14);
    REQUIRE(world.attempts() == 1);
    CHECK(world.invoker.requests[0].trace_root == "Root=1-2-3;Lineage=1:" + hash + ":15");
    const auto stopped = add(15);
    CHECK(world.row(stopped).state == DeliveryState::Dead);
    CHECK(world.row(stopped).attempts == 0);
    CHECK(world.row(stopped).last_result.starts_with("RecursiveInvocationException"));
    // The destination hears of it, and knows the chain.
    REQUIRE(world.attempts() == 2);
    CHECK(world.invoker.requests[1].function_arn == kAudit);
    CHECK(world.log.lines.back().ends_with("was invoked 16 times in one chain of requests."));
}

} // namespace benchtop::delivery
