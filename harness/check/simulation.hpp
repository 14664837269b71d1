// Runs a worker on a lab under a schedule and holds the result against invariants.
#pragma once

#include "harness/check/schedule.hpp"
#include "harness/lab.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace benchtop::harness::check {

// What is left when everything has settled.
struct Outcome {
    std::map<std::string, std::string> objects;  // of the lab's bucket: key -> bytes
    std::map<std::string, std::string> uploaded; // key -> the bytes put there last
    std::vector<store::Delivery> deliveries;     // of events that a trigger matched
    bool settled = false;                        // within Scenario::patience
};

struct Invariant {
    std::string name; // stable: a saved schedule names it
    // nullopt when it holds, else a sentence that says what is wrong.
    std::function<std::optional<std::string>(const Outcome&)> check;
};

// What the lab's worker owes: settles, moved, nowhere-else, no-dead-event, no-loop.
std::vector<Invariant> lab_invariants();

struct Scenario {
    std::shared_ptr<const functions::Plugin> worker;
    std::vector<Invariant> invariants = lab_invariants();
    // Lambda keeps an event for at most six hours.
    microseconds patience = std::chrono::hours(7);
    // The lab; its worker's role may do everything in the bucket. What a role may not is for other
    // tests; and without s3:ListBucket S3 answers 403 for a key that is gone, so that no worker
    // could tell a repeated event from a missing permission.
    stack::Stack stack = checked_stack();

    static const stack::Stack& checked_stack();
};

struct Violation {
    std::string invariant;
    std::string what;
};

struct Run {
    Schedule schedule;               // with the faults that came to pass
    std::vector<PlannedFault> unmet; // of a replay: those that did not, since no such point was met
    std::optional<Violation> violation;
    std::vector<std::string> story; // one line a step, told in lab time
    // SHA-256 over every step, every message of clients and of the handler, and Benchtop's log.
    std::string trace_hash;
    microseconds lab_time{};
};

// Draws everything from `seed`.
Run run_seed(const Scenario& scenario, std::uint64_t seed);
Run replay(const Scenario& scenario, const Schedule& schedule);

} // namespace benchtop::harness::check
