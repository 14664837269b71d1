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

} // namespace

Action explain_last(AdminCall& call) {
    const auto refusal = call.services.refusals->last();
    return refusal ? explained(call, *refusal)
                   : refuse(call, 404, "No request was refused since the start.");
}

Action explain_refusal(AdminCall& call) {
    const std::string& id = call.parameters.front();
    const auto refusal = call.services.refusals->find(id);
    return refusal ? explained(call, *refusal) : no_refusal(call, id);
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
