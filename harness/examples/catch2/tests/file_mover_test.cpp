#include "harness/catch2.hpp"
#include "harness/check/search.hpp"

#include <algorithm>

using namespace benchtop;
using namespace benchtop::harness;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t kSeed = 7;
constexpr std::string_view kBucket = stack::kLabBucket;

// The lab with another worker. The worker's role may also list the bucket: without that S3 answers
// 403 for a key that is gone, as if a permission were missing.
void deploy(Lab& lab, const Worker& moves) {
    stack::Stack stack = check::Scenario::checked_stack();
    for (auto& function : stack.functions) {
        if (function.name == stack::kWorkerFunction) {
            function.code.plugin = moves->name();
        }
    }
    lab.plugins().add(moves);
    lab.deploy(stack);
}

std::string processed(std::string key) {
    return key.replace(0, std::string("uploads").size(), "processed");
}

bool has_dead_event(Lab& lab) {
    const auto deliveries = lab.deliveries();
    return std::any_of(deliveries.begin(), deliveries.end(), [](const store::Delivery& one) {
        return one.state == store::DeliveryState::Dead;
    });
}

} // namespace

TEST_CASE("a URL expires after five minutes") {
    Lab lab{kSeed};
    deploy(lab, worker(FILE_MOVER));
    const auto url = lab.client("student").presign();
    lab.clock().advance(301s);
    CHECK(lab.put(url, "x") == refused("Request has expired"));
}

TEST_CASE("an upload is moved, by the draft too") {
    for (const char* path : {FILE_MOVER, FILE_MOVER_DRAFT}) {
        Lab lab{kSeed};
        deploy(lab, worker(path));
        const auto url = lab.client("student").presign();
        CHECK(lab.put(url, "x") == answered(200));
        lab.settle();
        CHECK(lab.has_object(kBucket, processed(url.s3_key)));
        CHECK_FALSE(lab.has_object(kBucket, url.s3_key));
    }
}

TEST_CASE("an event that comes twice is dead with the draft, and nothing with the worker") {
    for (const bool draft : {true, false}) {
        Lab lab{kSeed};
        deploy(lab, worker(draft ? FILE_MOVER_DRAFT : FILE_MOVER));
        const auto url = lab.client("student").presign();
        CHECK(lab.put(url, "x") == answered(200));
        lab.settle();
        lab.deliver_again(url.s3_key);
        lab.clock().pass(1h); // both retries of Lambda's
        CHECK(has_dead_event(lab) == draft);
        CHECK(lab.has_object(kBucket, processed(url.s3_key)));
    }
}

TEST_CASE("a search finds what is wrong with the draft, and shows it in few steps") {
    const check::Scenario scenario{.worker = worker(FILE_MOVER_DRAFT)};
    const auto result = check::search(scenario, {.seeds = 2000});
    REQUIRE(result.finding);
    INFO(check::render(*result.finding));
    const check::Schedule& smallest = result.finding->smallest.schedule;
    CHECK(smallest.size() <= 3);
    // The same schedule is no harm to the worker: a regression test without a search.
    CHECK_FALSE(check::replay({.worker = worker(FILE_MOVER)}, smallest).violation);
}

TEST_CASE("the worker survives two thousand schedules") {
    check_worker(worker(FILE_MOVER), {.seeds = 2000});
}
