// Looks for a schedule under which a worker breaks an invariant, and makes the one it finds small.
#pragma once

#include "harness/check/simulation.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace benchtop::harness::check {

struct SearchOptions {
    std::uint64_t first_seed = 1;
    std::uint64_t seeds = 1000;
    bool shrinks = true;
    // Called before each run of a seed, replays for shrinking too; false ends the search.
    std::function<bool(std::uint64_t seed)> goes_on = {};
};

struct Finding {
    std::uint64_t seed = 0; // that showed it first
    Run found;              // as drawn
    Run smallest; // breaks the same invariant; the same run when nothing could be left out
    std::size_t replays = 0; // that shrinking took
};

struct SearchResult {
    std::uint64_t runs = 0;
    microseconds lab_time{}; // simulated in all runs
    std::optional<Finding> finding;
};

// Stops at the first violation.
SearchResult search(const Scenario& scenario, const SearchOptions& options);

// Leaves out uploads and faults, shortens delays and names, as long as `violated` stays broken.
// What is left out renumbers the points after it, so each is tried both ways. Delta debugging
// (Zeller and Hildebrandt, 2002), on lists that are short to begin with.
Run shrink(
    const Scenario& scenario,
    const Run& run,
    const std::string& violated,
    std::size_t* replays = nullptr,
    const std::function<void()>& before_replay = {}
);

// For people: seed, schedule, story, violation.
std::string render(const Finding& finding);
std::string render(const Run& run);

} // namespace benchtop::harness::check
