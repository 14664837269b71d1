// Goal: whatever call to the disk fails, and wherever the process or the power ends, nothing
// acknowledged is lost, nothing half is seen, every committed upload's event runs, nothing is left
// over, and Benchtop goes on or says in one sentence why it does not start.
// Method: one scenario through the whole lab on a simulated disk; the N-th call is failed for N =
// 1, 2, 3... until a run meets no fault. In the suite N goes in strides; with
// BENCHTOP_EVERY_CALL=1 it takes every value (about a minute).
#include "tests/catch.hpp"
#include "tests/simulation/storage_world.hpp"

#include <cstdlib>
#include <iostream>

using namespace benchtop;
using namespace benchtop::harness;
using namespace benchtop::harness::test;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t kLarge = 257 * 1024;

struct Outcome {
    std::vector<std::string> wrong;
    std::string struck;
    std::size_t refusals = 0;
    std::size_t failed_requests = 0;
};

Outcome scenario(DiskPlan plan, store::Durability durability) {
    World world(plan.at, durability);
    world.disk().plan(plan);
    world.start();
    world.deploy();
    world.put("small", body_of(1, 100));
    world.put("large", body_of(2, kLarge));
    world.copy("large", "copied");
    world.put("large", body_of(3, kLarge + 5));
    world.put_version("v", body_of(4, 50));
    world.put_version("v", body_of(5, kLarge));
    world.put_in_parts("parts", body_of(9, kLarge));
    world.remove_version("v");
    world.upload("a", body_of(6, 200));
    world.upload("b", body_of(7, kLarge));
    world.remove("copied");
    world.pass(3min);
    world.stop();
    world.start();
    world.put("last", body_of(8, 10));
    Outcome outcome;
    outcome.struck = world.disk().struck();
    outcome.wrong = world.check_end();
    outcome.refusals = world.refusals().size();
    outcome.failed_requests = world.failed_requests();
    return outcome;
}

constexpr std::uint64_t kStride = 23;
constexpr std::uint64_t kSeeds = 100;

// The calls the fault can befall.
void loop(DiskFault fault, store::Durability durability) {
    const std::uint64_t stride = std::getenv("BENCHTOP_EVERY_CALL") != nullptr ? 1 : kStride;
    std::size_t runs = 0;
    std::size_t failed = 0;
    std::size_t refused = 0;
    for (std::uint64_t n = 1;; n += stride) {
        const Outcome outcome = scenario({fault, n}, durability);
        INFO(name_of(fault) << " at call " << n << ": " << outcome.struck);
        for (const std::string& wrong : outcome.wrong) {
            FAIL_CHECK(wrong);
        }
        ++runs;
        failed += outcome.failed_requests;
        refused += outcome.refusals;
        if (outcome.struck.empty()) {
            break;
        }
    }
    std::cout << name_of(fault) << ": " << runs << " runs, " << failed << " requests failed, "
              << refused << " starts refused\n";
    CHECK(runs > 3);
}

// Anything an engineer does, in any order, on a disk that fails again and again.
std::vector<std::string> history(std::uint64_t seed) {
    SeededRandom random(seed);
    const auto draw = [&](std::uint64_t below) {
        std::uint64_t value = 0;
        random.fill(RandomStream::Jitter, {reinterpret_cast<char*>(&value), sizeof value});
        return value % below;
    };
    const bool synced = draw(2) == 0;
    World world(seed, synced ? store::Durability::Fsync : store::Durability::KillSafe);
    world.start();
    world.deploy();
    const auto faults =
        static_cast<std::uint64_t>(synced ? DiskFault::PowerLoss : DiskFault::ProcessCrash);
    std::vector<std::string> wrong;
    for (std::uint64_t step = 1; step <= 20 && wrong.empty(); ++step) {
        if (draw(3) == 0) {
            world.disk().plan({static_cast<DiskFault>(1 + draw(faults)), 1 + draw(60)});
        }
        const std::string key(1, static_cast<char>('a' + draw(3)));
        const std::string body = body_of(step, draw(2) == 0 ? 50 : kLarge);
        switch (draw(10)) {
        case 0:
            world.remove(key);
            break;
        case 1:
            world.copy(key, "d");
            break;
        case 2:
            world.put_in_parts(key, body);
            break;
        case 3:
            world.put_version(key, body);
            break;
        case 4:
            world.remove_version(key);
            break;
        case 5:
        case 6:
            world.upload("u" + std::to_string(step), body);
            break;
        case 7:
            world.pass(seconds(draw(200)));
            break;
        case 8:
            world.stop();
            world.start();
            break;
        default:
            world.put(key, body);
        }
        if (draw(4) == 0) {
            world.disk().heal();
            wrong = world.check_answers();
        }
    }
    const auto at_end = world.check_end();
    wrong.insert(wrong.end(), at_end.begin(), at_end.end());
    return wrong;
}

} // namespace

TEST_CASE("any history on a disk that fails again and again", "[storage][seeds]") {
    const char* const asked = std::getenv("BENCHTOP_SEEDS");
    const std::uint64_t last = asked != nullptr ? std::stoull(asked) : kSeeds;
    const char* const one = std::getenv("BENCHTOP_SEED");
    for (std::uint64_t seed = one != nullptr ? std::stoull(one) : 1; seed <= last; ++seed) {
        INFO("seed " << seed << "; again with BENCHTOP_SEED=" << seed);
        for (const std::string& wrong : history(seed)) {
            FAIL_CHECK(wrong);
        }
    }
}

TEST_CASE("a call to the disk fails", "[storage]") {
    loop(DiskFault::Error, store::Durability::KillSafe);
}

TEST_CASE("a write is torn", "[storage]") {
    loop(DiskFault::Torn, store::Durability::KillSafe);
}

TEST_CASE("the disk is full", "[storage]") {
    loop(DiskFault::Full, store::Durability::KillSafe);
}

TEST_CASE("the process ends between two steps", "[storage]") {
    loop(DiskFault::ProcessCrash, store::Durability::KillSafe);
}

TEST_CASE("the power fails between two steps", "[storage]") {
    loop(DiskFault::PowerLoss, store::Durability::Fsync);
}

TEST_CASE("a call to the disk fails where every commit is synced", "[storage]") {
    loop(DiskFault::Error, store::Durability::Fsync);
}
