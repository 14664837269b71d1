// What was refused lately, and why.
#include "emulator/pipeline/refusals.hpp"

#include "emulator/pipeline/admin/handlers.hpp"
#include "emulator/pipeline/admin/refusal_card.hpp"

#include <boost/json.hpp>

namespace benchtop::pipeline::admin {
namespace {

namespace json = boost::json;

constexpr std::size_t kRefusalsDefault = 20;

} // namespace

json::object refusal_card(const Refusal& r) {
    json::object card{
        {"requestId", json_text(r.request_id)},
        {"at", to_iso8601_ms(r.at)},
        {"request", json_text(r.request)}};
    if (r.status != 0) {
        card["status"] = r.status;
    }
    const std::pair<const char*, const std::string&> members[] = {
        {"code", r.code},
        {"message", r.message},
        {"principal", r.principal},
        {"action", r.action},
        {"resource", r.resource},
        {"decision", r.decision},
        {"reason", r.reason},
        {"missingStatement", r.statement},
        {"addTo", r.add_to},
        {"command", r.command},
        {"cause", r.cause},
        {"fix", r.fix}};
    for (const auto& [name, text] : members) {
        if (!text.empty()) {
            card[name] = json_text(text);
        }
    }
    return card;
}

Respond no_refusal(const AdminCall& call, std::string_view request_id) {
    return refuse(
        call,
        404,
        "No refused request has the id " + json_text(request_id) + ". The last " +
            std::to_string(Refusals::kKept) +
            " refusals since the start are known; a request that was let through is not among them."
    );
}

Action list_refusals(AdminCall& call) {
    const std::size_t limit = limit_of(call, kRefusalsDefault, Refusals::kKept);
    json::array items;
    for (const auto& refusal : call.services.refusals->newest(limit)) {
        items.push_back(refusal_card(refusal));
    }
    return answer(call, 200, {{"refusals", std::move(items)}, {"kept", Refusals::kKept}});
}

Action get_refusal(AdminCall& call) {
    const std::string& id = call.parameters.front();
    const auto refusal = call.services.refusals->find(id);
    if (!refusal) {
        return no_refusal(call, id);
    }
    return answer(call, 200, refusal_card(*refusal));
}

} // namespace benchtop::pipeline::admin
