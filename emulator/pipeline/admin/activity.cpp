// What went on lately.
#include "emulator/pipeline/activity.hpp"

#include "emulator/pipeline/admin/handlers.hpp"

#include <boost/json.hpp>

namespace benchtop::pipeline::admin {
namespace {

namespace json = boost::json;

constexpr std::size_t kListedDefault = 100;

// "" in the query is no condition.
bool is(std::string_view asked, std::string_view value) {
    return asked.empty() || asked == value;
}

std::string_view function_name(std::string_view arn) {
    return arn.substr(arn.rfind(':') + 1);
}

json::object card_of(const RequestRecord& r) {
    return {
        {"requestId", json_text(r.id)},
        {"at", to_iso8601_ms(r.at)},
        {"method", json_text(r.method)},
        {"host", json_text(r.host)},
        {"path", json_text(r.path)},
        {"service", json_text(r.service)},
        {"operation", json_text(r.operation)},
        {"caller", json_text(r.caller)},
        {"status", r.status},
        {"code", json_text(r.code)},
        {"fault", r.fault},
        {"durationMs", static_cast<double>(r.duration.count()) / 1e3}};
}

json::object card_of(const InvocationRecord& r) {
    return {
        {"function", json_text(function_name(r.function_arn))},
        {"functionArn", json_text(r.function_arn)},
        {"requestId", json_text(r.request_id)},
        {"version", json_text(r.version)},
        {"source", json_text(r.source)},
        {"at", to_iso8601_ms(r.at)},
        {"status", name_of(r.status)},
        {"durationMs", static_cast<double>(r.duration.count()) / 1e3},
        {"payload", json_text(r.payload)},
        {"answer", json_text(r.answer)},
        {"logTail", json_text(r.log_tail)}};
}

} // namespace

Action list_requests(AdminCall& call) {
    const Query& query = call.query;
    const auto status = parse_u64(query.get("status"));
    if (query.has("status") && !status) {
        return refuse(call, 400, "status is a number, such as 403.");
    }
    const auto found = call.services.requests.newest(
        limit_of(call, kListedDefault, Recent<RequestRecord>::kKept),
        [&](const RequestRecord& r) {
            return is(query.get("method"), r.method) && is(query.get("service"), r.service) &&
                   is(query.get("operation"), r.operation) && is(query.get("requestId"), r.id) &&
                   is(query.get("code"), r.code) &&
                   (!status || static_cast<std::uint64_t>(r.status) == *status);
        }
    );
    json::array cards;
    for (const RequestRecord& record : found) {
        cards.push_back(card_of(record));
    }
    return answer(
        call,
        200,
        {{"requests", std::move(cards)}, {"kept", std::uint64_t{Recent<RequestRecord>::kKept}}}
    );
}

Action list_invocations(AdminCall& call) {
    json::array cards;
    if (call.services.invocations != nullptr) {
        const Query& query = call.query;
        const auto found = call.services.invocations->newest(
            limit_of(call, kListedDefault, Recent<InvocationRecord>::kKept),
            [&](const InvocationRecord& r) {
                return is(query.get("function"), function_name(r.function_arn)) &&
                       is(query.get("requestId"), r.request_id) &&
                       is(query.get("status"), name_of(r.status));
            }
        );
        for (const InvocationRecord& record : found) {
            cards.push_back(card_of(record));
        }
    }
    return answer(
        call,
        200,
        {{"invocations", std::move(cards)},
         {"kept", std::uint64_t{Recent<InvocationRecord>::kKept}}}
    );
}

} // namespace benchtop::pipeline::admin
