// A lab in tests with Catch2 (2.13 or 3): link Benchtop::catch2 and write
//
//     TEST_CASE("a URL expires after five minutes") {
//         Lab lab{seed};
//         lab.deploy(lab_stack());
//         auto url = lab.client("student").presign();
//         lab.clock().advance(301s);
//         CHECK(lab.put(url, "x") == refused("Request has expired"));
//     }
//
//     TEST_CASE("my worker survives every schedule") {
//         check_worker(worker("build/my_worker.so"), {.seeds = 1000});
//     }
//
// Answers are printed with status, code and message when a check fails. The only header of the
// harness that includes Catch2, so that the library itself needs none.
#pragma once

#include "emulator/functions/plugin.hpp"
#include "harness/check/search.hpp"
#include "harness/expect.hpp"
#include "harness/lab.hpp"

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif

#include <memory>
#include <string>
#include <string_view>

namespace benchtop::harness {

using Worker = std::shared_ptr<const functions::Plugin>;

// From the table a plugin linked into the test exports.
inline Worker worker(const benchtop_plugin* table) {
    auto plugin = functions::Plugin::adopt(table);
    if (!plugin) {
        FAIL(plugin.error().message());
    }
    return *std::move(plugin);
}

// From a plugin's file.
inline Worker worker(const std::string& path) {
    auto plugin = functions::Plugin::load(path);
    if (!plugin) {
        FAIL(plugin.error().message());
    }
    return *std::move(plugin);
}

// Fails with seed, smallest schedule and story when an invariant of the scenario breaks.
inline void
check_scenario(const check::Scenario& scenario, const check::SearchOptions& options = {}) {
    const check::SearchResult result = check::search(scenario, options);
    if (result.finding) {
        FAIL(check::render(*result.finding));
    }
    SUCCEED(std::to_string(result.runs) + " schedules");
}

// The lab's invariants for a worker of its kind.
inline void check_worker(const Worker& tested, const check::SearchOptions& options = {}) {
    check::Scenario scenario;
    scenario.worker = tested;
    check_scenario(scenario, options);
}

// Plays a saved schedule (`benchtop check --save`), a regression test. `text` is the file's.
inline void check_schedule(const Worker& tested, std::string_view text) {
    const auto saved = check::parse_schedule(text);
    if (!saved) {
        FAIL(saved.error().message());
    }
    check::Scenario scenario;
    scenario.worker = tested;
    const check::Run run = check::replay(scenario, saved->schedule);
    if (run.violation) {
        FAIL(check::render(run));
    }
    SUCCEED("the schedule breaks nothing");
}

} // namespace benchtop::harness
