#include "emulator/tutor/handout_check.hpp"

#include "emulator/tutor/handout_rules.hpp"

#include <algorithm>

namespace benchtop::tutor {
namespace {

std::optional<Verdict> bucket_there(const LabFacts& facts) {
    if (facts.bucket.exists) {
        return std::nullopt;
    }
    return missing(
        "bucket-missing",
        "There is no bucket " + facts.bucket.name + ".",
        "aws s3 mb s3://" + facts.bucket.name + " --region " + facts.region
    );
}

// After the first upload a folder may be gone (the worker moves it like any file), and its files
// show that it was there.
std::optional<Verdict> folders_there(const LabFacts& facts) {
    if (!facts.bucket.exists) {
        return waits_for("the bucket");
    }
    if (facts.bucket.file_arrived || (facts.bucket.has_uploads && facts.bucket.has_processed)) {
        return std::nullopt;
    }
    const std::string_view folder = facts.bucket.has_uploads ? "processed/" : "uploads/";
    return missing(
        "folder-missing",
        "The bucket has no folder " + std::string(folder) + ".",
        "aws s3api put-object --bucket " + facts.bucket.name + " --key " + std::string(folder)
    );
}

std::string post_command(const LabFacts& facts) {
    return "curl -s -X POST https://" + facts.api.id + ".execute-api." + facts.region +
           ".amazonaws.com/prod/presign";
}

std::optional<Verdict> file_moved(const LabFacts& facts) {
    if (facts.bucket.file_arrived) {
        return std::nullopt;
    }
    const std::string failure = facts.bucket.last_failure.empty()
                                    ? ""
                                    : " The last event failed: " + facts.bucket.last_failure;
    return Verdict{
        StepState::Open,
        {"not-tried",
         "No file has arrived in processed/ yet." + failure,
         facts.api.exists ? post_command(facts) : std::string()}};
}

constexpr Rule kBucket[] = {bucket_there};
constexpr Rule kFolders[] = {folders_there};
constexpr Rule kTest[] = {file_moved};

struct StepRow {
    int part;
    std::string_view name;
    std::string_view title;
    std::span<const Rule> (*rules)();
};

constexpr StepRow kSteps[] = {
    {1, "bucket", "the bucket", [] { return std::span<const Rule>(kBucket); }},
    {1,
     "folders",
     "the folders uploads/ and processed/",
     [] { return std::span<const Rule>(kFolders); }},
    {2, "web-role", "the web function's role", web_role_rules},
    {2, "web-function", "the web function", web_function_rules},
    {2, "web-environment", "the web function's environment variables", web_environment_rules},
    {3, "api", "the HTTP API", api_rules},
    {3, "integration", "the integration with the web function", integration_rules},
    {3, "route", "the route POST /presign", route_rules},
    {3, "stage", "the stage prod", stage_rules},
    {3, "api-permission", "the API's permission to invoke the web function", api_permission_rules},
    {4, "worker-role", "the worker's role", worker_role_rules},
    {4, "worker-function", "the worker function", worker_function_rules},
    {4, "worker-environment", "the worker's environment variables", worker_environment_rules},
    {5, "s3-permission", "the bucket's permission to invoke the worker", s3_permission_rules},
    {5, "trigger", "the trigger", trigger_rules},
    {6, "test", "a file uploaded and moved", [] { return std::span<const Rule>(kTest); }},
};

Step run_step(const StepRow& row, const LabFacts& facts) {
    Step step{row.part, std::string(row.name), std::string(row.title), StepState::Done, {}};
    for (const Rule rule : row.rules()) {
        if (auto verdict = rule(facts)) {
            step.state = verdict->state;
            step.findings.push_back(std::move(verdict->finding));
            break; // later rules build on earlier ones
        }
    }
    return step;
}

} // namespace

std::optional<std::string_view> FunctionFacts::variable(std::string_view wanted) const {
    for (const auto& [variable, value] : environment) {
        if (variable == wanted) {
            return value;
        }
    }
    return std::nullopt;
}

bool is_placeholder(std::string_view bucket) {
    return bucket == "BUCKET" || bucket == "BUCKET_NAME" || bucket == "YOUR_BUCKET" ||
           bucket.find('<') != std::string_view::npos;
}

std::string upload_prefix(const LabFacts& facts) {
    return std::string(facts.web.variable("UPLOAD_PREFIX").value_or("uploads/"));
}

std::string processed_prefix(const LabFacts& facts) {
    const std::string_view value = facts.worker.variable("PROCESSED_PREFIX").value_or("processed/");
    // One that is wrong in itself is the environment's step to tell.
    return value.ends_with('/') && !value.starts_with("uploads/") ? std::string(value)
                                                                  : std::string("processed/");
}

bool HandoutReport::done() const {
    return std::all_of(steps.begin(), steps.end(), [](const Step& step) {
        return step.state == StepState::Done || step.state == StepState::Open;
    });
}

HandoutReport check_handout(const LabFacts& facts) {
    HandoutReport report;
    report.bucket = facts.bucket.name;
    for (const StepRow& row : kSteps) {
        report.steps.push_back(run_step(row, facts));
    }
    return report;
}

std::string_view state_name(StepState state) {
    switch (state) {
    case StepState::Done:
        return "done";
    case StepState::Missing:
        return "missing";
    case StepState::Wrong:
        return "wrong";
    case StepState::Open:
        break;
    }
    return "open";
}

std::string render_text(const HandoutReport& report) {
    std::string out;
    int part = 0;
    for (const Step& step : report.steps) {
        if (step.part != part) {
            part = step.part;
            out += "Part " + std::to_string(part) + "\n";
        }
        std::string state(state_name(step.state));
        state.resize(9, ' ');
        out += "  " + state + step.title + "\n";
        for (const Finding& finding : step.findings) {
            out += "           " + finding.what + " [" + finding.rule + "]\n";
            if (!finding.fix.empty()) {
                out += "           fix: " + finding.fix + "\n";
            }
        }
    }
    return out + (report.done() ? "Everything of the handout is set up.\n"
                                : "Not finished: start with the first step that is not done.\n");
}

} // namespace benchtop::tutor
