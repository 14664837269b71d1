// Why a request was refused, and what a presigned URL says.
#include "emulator/pipeline/admin/handlers.hpp"
#include "emulator/pipeline/admin/refusal_card.hpp"
#include "emulator/pipeline/explanations.hpp"

#include <boost/json.hpp>

namespace benchtop::pipeline::admin {
namespace {

namespace json = boost::json;

// The card, or its text alone (?format=text).
Respond told(const AdminCall& call, json::object card) {
    if (call.query.get("format") != "text") {
        return answer(call, 200, std::move(card));
    }
    const auto& text = card.at("text").as_string();
    return answer_text(call, 200, "text/plain; charset=utf-8", {text.data(), text.size()});
}

Respond explained(const AdminCall& call, const Refusal& refusal) {
    json::object card = refusal_card(refusal);
    add_explanation(card, call.services, refusal, call.head.host());
    return told(call, std::move(card));
}

// A refusal no conversation told about: a fault of the lab gave it, or the body never came.
Refusal refusal_of(const RequestRecord& record) {
    Refusal refusal;
    refusal.request_id = record.id;
    refusal.at = record.at;
    refusal.request = record.method + " " + record.host + record.path;
    refusal.status = record.status;
    refusal.code = record.code;
    if (!record.fault.empty()) {
        refusal.mistake = "fault-on-purpose";
        refusal.cause =
            "The lab's faults (" + record.fault + ") gave this answer in the service's place.";
        refusal.fix = "nothing is wrong with the request: a client repeats it after a pause that "
                      "grows; benchtop faults list shows the rules, faults clear ends them.";
    }
    return refusal;
}

std::optional<RequestRecord> record_of(const AdminCall& call, std::string_view request_id) {
    auto found = call.services.requests.newest(1, [&](const RequestRecord& record) {
        return record.id == request_id;
    });
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

} // namespace

Action explain_last(AdminCall& call) {
    auto refused = call.services.requests.newest(1, [](const RequestRecord& record) {
        return record.status >= 400 && !record.id.empty();
    });
    const auto last = call.services.refusals->last();
    if (!refused.empty() && (!last || refused.front().at > last->at)) {
        const auto told_about = call.services.refusals->find(refused.front().id);
        return explained(call, told_about ? *told_about : refusal_of(refused.front()));
    }
    return last ? explained(call, *last)
                : refuse(call, 404, "No request was refused since the start.");
}

Action explain_refusal(AdminCall& call) {
    const std::string& id = call.parameters.front();
    if (const auto refusal = call.services.refusals->find(id)) {
        return explained(call, *refusal);
    }
    const auto record = record_of(call, id);
    if (!record) {
        return no_refusal(call, id);
    }
    if (record->status < 400) {
        return refuse(
            call,
            404,
            "The request " + json_text(id) + " was not refused: its answer was " +
                std::to_string(record->status) + "."
        );
    }
    return explained(call, refusal_of(*record));
}

Action explain_url(AdminCall& call) {
    const auto document = body_object(call);
    const auto url = document ? string_member(*document, "url") : std::nullopt;
    if (!url) {
        return refuse(call, 400, "Send {\"url\": \"http://...\"}: the URL as it was pasted.");
    }
    return told(call, url_card(call.services, *url, call.head.host()));
}

} // namespace benchtop::pipeline::admin
