// Inside the tutor: what the tables of rules share. A rule looks at the facts and gives a finding,
// or nothing; the first finding of a kind ends the step's rules, for what follows from it would be
// found too.
#pragma once

#include "emulator/tutor/handout_check.hpp"

#include <span>

namespace benchtop::tutor {

struct Verdict {
    StepState state = StepState::Wrong;
    Finding finding;
};

using Rule = std::optional<Verdict> (*)(const LabFacts&);

std::span<const Rule> web_role_rules();
std::span<const Rule> worker_role_rules();
std::span<const Rule> web_function_rules();
std::span<const Rule> worker_function_rules();
std::span<const Rule> web_environment_rules();
std::span<const Rule> worker_environment_rules();
std::span<const Rule> integration_rules();
std::span<const Rule> api_rules();
std::span<const Rule> route_rules();
std::span<const Rule> stage_rules();
std::span<const Rule> api_permission_rules();
std::span<const Rule> s3_permission_rules();
std::span<const Rule> trigger_rules();

inline Verdict missing(std::string rule, std::string what, std::string fix) {
    return {StepState::Missing, {std::move(rule), std::move(what), std::move(fix)}};
}

inline Verdict wrong(std::string rule, std::string what, std::string fix) {
    return {StepState::Wrong, {std::move(rule), std::move(what), std::move(fix)}};
}

// The step cannot be judged before another one is done.
inline Verdict waits_for(std::string_view step) {
    return missing("waits", "Comes after " + std::string(step) + ".", "");
}

// "'BUCKET'" never a real name: what the handout prints for the reader to replace.
bool is_placeholder(std::string_view bucket);

// The prefix uploads go to: the web function's, or the handout's.
std::string upload_prefix(const LabFacts& facts);
std::string processed_prefix(const LabFacts& facts);

} // namespace benchtop::tutor
