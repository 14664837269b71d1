// How far a student has come with the handout, and what is wrong with it: rules over the state of
// the lab, wherever it came from. Pure; pipeline/handout_state.hpp reads the state.
#pragma once

#include "emulator/apigateway/model.hpp"
#include "emulator/core/time.hpp"
#include "emulator/policy/evaluate.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace benchtop::tutor {

struct TriggerFacts {
    std::string function_arn; // "" for a queue or a topic
    std::vector<std::string> events;
    std::string prefix;
    std::string suffix;
};

struct BucketFacts {
    bool exists = false;
    std::string name; // the likely one, also when it does not exist
    bool has_uploads = false;
    bool has_processed = false;
    bool file_arrived = false; // something below processed/ that is no folder
    std::vector<TriggerFacts> triggers;
    std::string trigger_elsewhere; // another bucket whose events the worker hears of
    std::vector<std::string> others;
    std::string last_failure; // of the bucket's newest event, "" when it went well
};

struct RoleFacts {
    bool exists = false;
    std::string name;
    std::string arn;
    bool trusts_lambda = false;
    policy::Principal session; // a function's session of it
    policy::PolicySet policies;
    std::vector<std::string> inline_names;
};

struct FunctionFacts {
    bool exists = false;
    std::string name;
    std::string arn;
    std::string runtime;
    std::string handler;
    bool plugin = false; // Benchtop's C++ plugin: there is no archive to look into
    int timeout_s = 3;
    std::vector<std::pair<std::string, std::string>> environment;
    std::vector<std::string> files;    // of the archive
    std::optional<std::string> module; // text of the handler's module (Python)
    std::string last_error;            // line of the log of its last invocation; "" when good
    RoleFacts role;
    bool handout_role_exists = false; // the role the handout names, when the function has another
    std::vector<std::string> permitted_sources; // AWS:SourceArn of statements for the service
    bool permits = false;                       // the API, or the bucket, may invoke it

    std::optional<std::string_view> variable(std::string_view wanted) const;
};

struct ApiFacts {
    bool exists = false;
    std::string id;
    std::string name;
    apigateway::ApiModel model;
};

struct LabFacts {
    std::string account;
    std::string region;
    BucketFacts bucket;
    FunctionFacts web;
    FunctionFacts worker;
    ApiFacts api;
};

enum class StepState {
    Done,
    Missing,
    Wrong,
    Open, // the tests of part 6: nothing to set up
};

struct Finding {
    std::string rule; // short name, stable: "upload-prefix-slash"
    std::string what; // one sentence
    std::string fix;  // one command; "" when another step comes first
};

struct Step {
    int part = 0;     // of the handout
    std::string name; // stable: "web-role"
    std::string title;
    StepState state = StepState::Done;
    std::vector<Finding> findings;
};

struct HandoutReport {
    std::string bucket;
    std::vector<Step> steps;

    bool done() const; // nothing is missing or wrong
};

HandoutReport check_handout(const LabFacts& facts);

std::string_view state_name(StepState state); // "done", "missing"...
std::string render_text(const HandoutReport& report);

// The handout's names.
inline constexpr std::string_view kHandoutBucketPrefix = "student-upload-bucket";
inline constexpr std::string_view kHandoutWebFunction = "web-presign-lambda";
inline constexpr std::string_view kHandoutWorkerFunction = "worker-move-lambda";
inline constexpr std::string_view kHandoutWebRole = "lambda-web-presign-role";
inline constexpr std::string_view kHandoutWorkerRole = "lambda-worker-role";
inline constexpr std::string_view kHandoutApi = "presign-upload-api";
inline constexpr std::string_view kHandoutStage = "prod";
inline constexpr std::string_view kHandoutRoute = "POST /presign";

// "arn:aws:lambda:...:function:NAME" of an integration's URI, plain or wrapped, without qualifier;
// "" when it leads to no function.
std::string function_of_uri(std::string_view uri);

} // namespace benchtop::tutor
