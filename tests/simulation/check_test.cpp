// The search for schedules that a worker does not survive, and its replays.
#include "emulator/functions/plugin.hpp"
#include "handlers/hosts/plugins.hpp"
#include "harness/catch2.hpp"
#include "harness/check/search.hpp"
#include "harness/gallery/gallery.hpp"

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <thread>

namespace check = benchtop::harness::check;
namespace gallery = benchtop::harness::gallery;
using namespace std::chrono_literals;
using benchtop::faults::FaultKind;

namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr std::uint64_t kSeeds = 60;
#else
constexpr std::uint64_t kSeeds = 400;
#endif

std::shared_ptr<const benchtop::functions::Plugin> plugin(const benchtop_plugin* table) {
    return *benchtop::functions::Plugin::adopt(table);
}

check::Scenario scenario(const benchtop_plugin* table) {
    check::Scenario made;
    made.worker = plugin(table);
    return made;
}

std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string with_fault(std::string_view members) {
    return R"({"form":"benchtop-schedule/1","seed":1,"uploads":[],"faults":[{)" +
           std::string(members) + "}]}";
}

} // namespace

TEST_CASE("the lab's worker survives every schedule") {
    const auto result = check::search(scenario(benchtop_plugin_worker_move()), {.seeds = kSeeds});
    INFO((result.finding ? check::render(*result.finding) : std::string()));
    CHECK_FALSE(result.finding.has_value());
    CHECK(result.runs == kSeeds);
}

TEST_CASE("every wrong worker is caught by a schedule of a handful of steps, kept as a file") {
    const bool rewrites = std::getenv("BENCHTOP_REWRITE_FIXTURES") != nullptr;
    for (const auto& wrong : gallery::wrong_workers()) {
        const auto result = check::search(scenario(wrong.plugin), {.seeds = 500});
        INFO(wrong.name);
        REQUIRE(result.finding.has_value());
        const check::Run& smallest = result.finding->smallest;
        INFO(check::render(*result.finding));
        CHECK(smallest.violation->invariant == wrong.broken);
        CHECK(smallest.schedule.size() <= 2); // as found by hand
        CHECK(smallest.unmet.empty());
        std::cout << wrong.name << ": seed " << result.finding->seed << ", "
                  << smallest.schedule.uploads.size() << " uploads, "
                  << smallest.schedule.faults.size() << " faults\n";
        // The trace is the same in every build type.
        const std::string path =
            std::string(BENCHTOP_FIXTURES) + "/schedules/" + std::string(wrong.name) + ".json";
        const std::string saved = check::to_json(
            {smallest.schedule,
             std::string(wrong.name),
             smallest.violation->invariant,
             smallest.trace_hash}
        );
        if (rewrites) {
            std::ofstream(path, std::ios::binary) << saved;
        }
        CHECK(saved == read_file(path));
    }
}

TEST_CASE("a saved schedule breaks the same again, and the lab's worker survives it") {
    for (const auto& wrong : gallery::wrong_workers()) {
        INFO(wrong.name);
        const auto saved = check::parse_schedule(read_file(
            std::string(BENCHTOP_FIXTURES) + "/schedules/" + std::string(wrong.name) + ".json"
        ));
        REQUIRE(saved.has_value());
        const check::Run again = check::replay(scenario(wrong.plugin), saved->schedule);
        REQUIRE(again.violation.has_value());
        CHECK(again.violation->invariant == saved->violated);
        CHECK(again.trace_hash == saved->trace);
        const check::Run right =
            check::replay(scenario(benchtop_plugin_worker_move()), saved->schedule);
        INFO(check::render(right));
        CHECK_FALSE(right.violation.has_value());
    }
}

TEST_CASE("a seed is the same run ten times, drawn or replayed") {
    const check::Scenario worker = scenario(benchtop_plugin_worker_move());
    for (const std::uint64_t seed : {2u, 7u, 19u}) {
        const check::Run first = check::run_seed(worker, seed);
        for (int i = 0; i < 5; ++i) {
            const check::Run drawn = check::run_seed(worker, seed);
            CHECK(drawn.trace_hash == first.trace_hash);
            CHECK(drawn.schedule == first.schedule);
            CHECK(check::replay(worker, first.schedule).trace_hash == first.trace_hash);
        }
    }
    CHECK(check::run_seed(worker, 2).trace_hash != check::run_seed(worker, 7).trace_hash);
}

TEST_CASE("labs on several threads share nothing: each run is what it is alone") {
    const check::Scenario worker = scenario(benchtop_plugin_worker_move());
    const auto traces = [&] {
        std::vector<std::string> hashes;
        for (std::uint64_t seed = 1; seed <= 12; ++seed) {
            hashes.push_back(check::run_seed(worker, seed).trace_hash);
        }
        return hashes;
    };
    const auto alone = traces();
    std::vector<std::vector<std::string>> beside(4);
    {
        std::vector<std::jthread> threads;
        for (auto& hashes : beside) {
            threads.emplace_back([&hashes, &traces] { hashes = traces(); });
        }
    }
    for (const auto& hashes : beside) {
        CHECK(hashes == alone);
    }
}

TEST_CASE("the schedules drawn use every fault") {
    std::map<FaultKind, int> used;
    const check::Scenario worker = scenario(benchtop_plugin_worker_move());
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
        for (const auto& planned : check::run_seed(worker, seed).schedule.faults) {
            ++used[planned.fault.kind];
        }
    }
    for (const auto kind :
         {FaultKind::Delay,
          FaultKind::Error,
          FaultKind::Throttle,
          FaultKind::Timeout,
          FaultKind::LostAnswer,
          FaultKind::ExpiredCredentials,
          FaultKind::Duplicate,
          FaultKind::Crash,
          FaultKind::CrashAfter}) {
        INFO(benchtop::faults::name_of(kind));
        CHECK(used[kind] > 0);
    }
}

TEST_CASE("an answer lost after the delete is no failure of the lab's worker") {
    check::Schedule schedule;
    schedule.uploads = {{0us, "uploads/a b.txt", "x"}};
    schedule.faults = {
        {"uploads/a b.txt #1: DeleteObject 1", {FaultKind::LostAnswer, {}, ""}},
        {"uploads/a b.txt #1: delivery 2", {FaultKind::Duplicate, 30s, ""}}};
    const check::Run run = check::replay(scenario(benchtop_plugin_worker_move()), schedule);
    INFO(check::render(run));
    CHECK_FALSE(run.violation.has_value());
    CHECK(run.schedule == schedule); // both came to pass
}

TEST_CASE("a crash between a commit and the delivery of its event loses nothing") {
    check::Schedule schedule;
    schedule.uploads = {{0us, "uploads/a.txt", "x"}};
    schedule.faults = {
        {"uploads/a.txt #1: delivery 1", {FaultKind::Crash, {}, ""}},
        {"uploads/a.txt #1: delivery 2", {FaultKind::Crash, {}, ""}}};
    const check::Run run = check::replay(scenario(benchtop_plugin_worker_move()), schedule);
    INFO(check::render(run));
    CHECK_FALSE(run.violation);
    CHECK(run.schedule == schedule); // both came to pass
}

TEST_CASE("a planned fault whose point is never met is told") {
    check::Schedule schedule;
    schedule.uploads = {{0us, "uploads/a.txt", "x"}};
    schedule.faults = {{"uploads/a.txt #1: CopyObjekt 1", {FaultKind::Throttle, {}, ""}}};
    const check::Run run = check::replay(scenario(benchtop_plugin_worker_move()), schedule);
    CHECK(run.schedule.faults.empty());
    CHECK(run.unmet == schedule.faults);
    CHECK(
        check::render(run).find("did not come to pass: throttle at uploads/a.txt #1: CopyObjekt 1"
        ) != std::string::npos
    );
}

TEST_CASE("uploads that no trigger matches are nobody's business") {
    check::Schedule schedule;
    schedule.uploads = {{0us, "x", "1"}, {0us, "uploads/folder/", ""}, {0us, "uploads/a.txt", "2"}};
    const check::Run run = check::replay(scenario(benchtop_plugin_worker_move()), schedule);
    INFO(check::render(run));
    CHECK_FALSE(run.violation);
}

TEST_CASE("an engineer's own invariant is searched and shrunk like the built-in ones") {
    check::Scenario worker = scenario(benchtop_plugin_worker_move());
    worker.invariants = {
        {"no-two-attempts", [](const check::Outcome& outcome) -> std::optional<std::string> {
             for (const auto& delivery : outcome.deliveries) {
                 if (delivery.attempts > 1) {
                     return delivery.key + " took two attempts";
                 }
             }
             return std::nullopt;
         }}};
    const auto result = check::search(worker, {.seeds = 200});
    REQUIRE(result.finding.has_value());
    CHECK(result.finding->smallest.schedule.size() == 2); // an upload and a failure
}

TEST_CASE("schedules are read back as they were written, and bad ones refused in a sentence") {
    const check::SavedSchedule saved{
        {7,
         {{1500us, "uploads/\xC3\xA4 \"q\".txt", "body\n"}},
         {{"uploads/x #1: CopyObject 1", {FaultKind::Error, 0us, "InternalError"}},
          {"uploads/x #1: delivery 1", {FaultKind::Delay, 2ms, ""}}}},
        "mine",
        "moved",
        "abc"};
    const auto back = check::parse_schedule(check::to_json(saved));
    REQUIRE(back.has_value());
    CHECK(back->schedule == saved.schedule);
    CHECK(back->handler == "mine");
    CHECK(back->violated == "moved");
    CHECK(back->trace == "abc");
    for (const std::string& bad : std::vector<std::string>{
             "",
             "[]",
             "{}",
             R"({"form":"benchtop-schedule/1"})",
             R"({"form":"benchtop-schedule/1","seed":-1.5,"uploads":[],"faults":[]})",
             R"({"form":"benchtop-schedule/1","seed":1,"uploads":[{"atUs":-1,"key":"k"}],"faults":[]})",
             R"({"form":"benchtop-schedule/1","seed":1,"uploads":[{"atUs":0}],"faults":[]})",
             R"({"form":"benchtop-schedule/1","seed":1,"uploads":[],"faults":[{"at":"x","fault":"flood"}]})",
             R"({"form":"benchtop-schedule/1","seed":1,"uploads":[{"atUs":9000000000000000000,"key":"k"}],"faults":[]})",
             R"({"form":"benchtop-schedule/1","seed":1,"uploads":[{"atUs":0,"key":"k","bodyy":""}],"faults":[]})",
             with_fault(R"("at":"uploads/a","fault":"delay","delayUs":1)"),
             with_fault(R"("at":"uploads/a #1: delivery x","fault":"delay","delayUs":1)"),
             with_fault(R"("at":"uploads/a #1: delivery 1","fault":"crash-after")"),
             with_fault(R"("at":"uploads/a #1: delivery 1","fault":"expired-credentials")"),
             with_fault(R"("at":"uploads/a #1: CopyObject 1","fault":"duplicate")"),
             with_fault(R"("at":"uploads/a #1: CopyObject 1","fault":"error","code":"NoSuchKey")"),
             with_fault(R"("at":"uploads/a #1: CopyObject 1","fault":"delay","delayMs":1)"),
             with_fault(
                 R"("at":"uploads/a #1: delivery 1","fault":"delay","delayUs":9000000000000000000)"
             ),
             with_fault(R"("at":"a #1: C 1","fault":"error"},{"at":"a #1: C 1","fault":"throttle")"
             ),
             R"({"form":"benchtop-schedule/1","seed":1,"uploads":[],"faults":[7]})"}) {
        INFO(bad);
        CHECK_FALSE(check::parse_schedule(bad).has_value());
    }
}

TEST_CASE("a worker is checked in one line of a test") {
    const auto good = benchtop::harness::worker(benchtop_plugin_worker_move());
    benchtop::harness::check_worker(good, {.seeds = 20});
    for (const auto& wrong : gallery::wrong_workers()) {
        benchtop::harness::check_schedule(
            good,
            read_file(
                std::string(BENCHTOP_FIXTURES) + "/schedules/" + std::string(wrong.name) + ".json"
            )
        );
    }
}
