// Reserved concurrency: what runs counts, what is over does not, versions count together.
#include "emulator/functions/concurrency_limit.hpp"
#include "tests/catch.hpp"

#include <deque>

using namespace benchtop;

namespace {

constexpr const char* kWorker = "arn:aws:lambda:us-east-2:111122223333:function:worker";
constexpr const char* kOther = "arn:aws:lambda:us-east-2:111122223333:function:other";

// Keeps invocations until the test ends them.
class PatientInvoker final : public Invoker {
public:
    void invoke(InvokeRequest, Completion done) override { running.push_back(std::move(done)); }

    void end_oldest() {
        Completion done = std::move(running.front());
        running.pop_front();
        InvokeOutcome outcome;
        outcome.status = InvokeStatus::Ok;
        done(std::move(outcome));
    }

    std::deque<Completion> running;
};

struct World {
    void reserve(const std::string& amount) {
        store->write(
            {[&](store::WriteTx& tx) {
                 tx.put_document(
                     "lambda/reserved-concurrency/111122223333/us-east-2", "worker", amount
                 );
                 return true;
             },
             [](store::CommitStatus) {}}
        );
    }

    void invoke(const char* arn, std::string qualifier = "") {
        InvokeRequest request;
        request.function_arn = arn;
        request.qualifier = std::move(qualifier);
        limit.invoke(std::move(request), [this](InvokeOutcome outcome) {
            (outcome.status == InvokeStatus::Throttled ? throttled : ended) += 1;
            reason = outcome.payload;
        });
    }

    std::unique_ptr<store::Store> store = store::open_memory_store();
    PatientInvoker next;
    functions::ConcurrencyLimit limit{*store, next};
    int throttled = 0;
    int ended = 0;
    std::string reason;
};

} // namespace

TEST_CASE("without a reservation nothing is held back", "[functions][concurrency]") {
    World world;
    for (int i = 0; i < 100; ++i) {
        world.invoke(kWorker);
    }
    CHECK(world.next.running.size() == 100);
    CHECK(world.throttled == 0);
}

TEST_CASE("no more run at a time than are reserved, of all versions", "[functions][concurrency]") {
    World world;
    world.reserve("2");
    world.invoke(kWorker);
    world.invoke(kWorker, "1");
    world.invoke(kWorker, "live");
    world.invoke(kOther);
    CHECK(world.next.running.size() == 3);
    CHECK(world.throttled == 1);
    CHECK(world.reason == "ReservedFunctionConcurrentInvocationLimitExceeded");
    world.next.end_oldest();
    CHECK(world.ended == 1);
    world.invoke(kWorker);
    CHECK(world.next.running.size() == 3);
    CHECK(world.throttled == 1);
}

TEST_CASE("a reservation of 0 turns the function off", "[functions][concurrency]") {
    World world;
    world.invoke(kWorker);
    world.reserve("0");
    world.invoke(kWorker);
    CHECK(world.next.running.size() == 1); // what runs runs on
    CHECK(world.throttled == 1);
    world.next.end_oldest();
    world.invoke(kWorker);
    CHECK(world.throttled == 2);
}
