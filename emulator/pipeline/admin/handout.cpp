// How far the handout is done.
#include "emulator/pipeline/admin/handlers.hpp"
#include "emulator/pipeline/handout_state.hpp"
#include "emulator/stack/constants.hpp"

#include <boost/json.hpp>

namespace benchtop::pipeline::admin {

namespace json = boost::json;

// With ?format=text as people read it.
Action check_handout(AdminCall& call) {
    tutor::LabFacts facts;
    call.services.store.read([&](const store::ReadTx& tx) {
        facts = read_handout_state(
            tx, call.services.logs, stack::kLabAccount, stack::kLabRegion, call.query.get("bucket")
        );
    });
    const tutor::HandoutReport report = tutor::check_handout(facts);
    const std::string text = json_text(tutor::render_text(report));
    if (call.query.get("format") == "text") {
        return answer_text(call, 200, "text/plain; charset=utf-8", text);
    }
    json::array steps;
    for (const auto& step : report.steps) {
        json::array findings;
        for (const auto& finding : step.findings) {
            findings.push_back(
                {{"rule", finding.rule},
                 {"what", json_text(finding.what)},
                 {"fix", json_text(finding.fix)}}
            );
        }
        steps.push_back(
            {{"part", step.part},
             {"step", step.name},
             {"title", step.title},
             {"state", tutor::state_name(step.state)},
             {"findings", std::move(findings)}}
        );
    }
    return answer(
        call,
        200,
        {{"done", report.done()},
         {"bucket", json_text(report.bucket)},
         {"steps", std::move(steps)},
         {"text", text}}
    );
}

} // namespace benchtop::pipeline::admin
