// What became of each event.
#include "emulator/delivery/machine.hpp"
#include "emulator/pipeline/admin/handlers.hpp"

#include <boost/json.hpp>

namespace benchtop::pipeline::admin {
namespace {

namespace json = boost::json;

constexpr std::size_t kDeliveriesDefault = 100;
constexpr std::size_t kDeliveriesMax = 1000;

std::string_view state_name(store::DeliveryState state) {
    switch (state) {
    case store::DeliveryState::Unmatched:
        return "unmatched";
    case store::DeliveryState::Pending:
        return "pending";
    case store::DeliveryState::Done:
        return "done";
    case store::DeliveryState::Dead:
        return "dead";
    }
    return {};
}

json::object delivery_card(const store::Delivery& d, const TimeAxis& axis, UtcInstant now) {
    json::object card;
    card["id"] = d.id;
    card["state"] = state_name(d.state);
    card["source"] = d.source;
    card["bucket"] = d.bucket;
    card["key"] = json_text(d.key);
    card["event"] = d.event_name;
    card["rule"] = d.rule_id.empty() ? json::value(nullptr) : json::value(d.rule_id);
    card["explanation"] = json_text(d.explanation);
    card["function"] = d.function_arn.empty() ? json::value(nullptr) : json::value(d.function_arn);
    card["requestId"] = d.request_id.empty() ? json::value(nullptr) : json::value(d.request_id);
    card["createdAt"] = to_iso8601_ms(d.created_at);
    card["attempts"] = d.attempts;
    card["lastResult"] = json_text(d.last_result);
    if (d.state == store::DeliveryState::Pending) {
        const auto wait = delivery::until_due(d, axis, now);
        card["dueInMs"] =
            std::max<std::int64_t>(0, std::chrono::duration_cast<milliseconds>(wait).count());
    }
    return card;
}

// For an object that raised no delivery at all.
std::string why_no_delivery(const AdminCall& call) {
    std::string why;
    call.services.store.read([&](const store::ReadTx& tx) {
        const auto bucket = tx.find_bucket(call.query.get("bucket"));
        if (!bucket) {
            why = "There is no such bucket.";
        } else if (bucket->notification.empty()) {
            why = "The bucket has no notification configuration: nobody is told of new objects.";
        } else {
            why = "No object event has been raised here since the trigger exists (files put before "
                  "it are not replayed).";
        }
    });
    return why;
}

} // namespace

Action list_deliveries(AdminCall& call) {
    const std::size_t limit = limit_of(call, kDeliveriesDefault, kDeliveriesMax);
    std::vector<store::Delivery> rows;
    TimeAxis axis;
    call.services.store.read([&](const store::ReadTx& tx) {
        rows = tx.list_deliveries(call.query.get("bucket"), call.query.get("key"), limit);
        axis = tx.time_axis();
    });
    json::array cards;
    const UtcInstant now = call.services.clock.now();
    for (const auto& row : rows) {
        cards.push_back(delivery_card(row, axis, now));
    }
    json::object result{{"deliveries", std::move(cards)}};
    if (rows.empty() && call.query.has("bucket")) {
        result["explanation"] = why_no_delivery(call);
    }
    return answer(call, 200, std::move(result));
}

} // namespace benchtop::pipeline::admin
