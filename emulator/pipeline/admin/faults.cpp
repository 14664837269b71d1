// What goes wrong on purpose.
#include "emulator/faults/rules.hpp"
#include "emulator/pipeline/admin/advance.hpp"
#include "emulator/pipeline/admin/handlers.hpp"

#include <boost/json.hpp>

namespace benchtop::pipeline::admin {
namespace {

namespace json = boost::json;

using faults::FaultRule;
using faults::FaultRules;

constexpr std::string_view kHowTo =
    "Send {\"rules\": [{\"kind\": \"throttle\", \"operation\": \"CopyObject\"}], \"seed\": 7}: at "
    "most 100 rules.";

} // namespace

Action list_faults(AdminCall& call) {
    const FaultRules* const all = call.services.faults;
    if (all == nullptr) {
        return not_here(call);
    }
    json::array rules;
    for (const FaultRule& rule : all->rules()) {
        rules.push_back(faults::document_of(rule));
    }
    return answer(call, 200, {{"rules", std::move(rules)}, {"seed", all->seed()}});
}

Action set_faults(AdminCall& call) {
    if (call.services.faults == nullptr) {
        return not_here(call);
    }
    const auto document = body_object(call);
    const json::value* const listed = document ? document->if_contains("rules") : nullptr;
    const json::array* const items = listed != nullptr ? listed->if_array() : nullptr;
    if (items == nullptr || items->size() > FaultRules::kRulesMax) {
        return refuse(call, 400, kHowTo);
    }
    std::uint64_t seed = 0;
    if (const json::value* const given = document->if_contains("seed")) {
        boost::system::error_code ec;
        seed = given->to_number<std::uint64_t>(ec);
        if (ec) {
            return refuse(call, 400, kHowTo);
        }
    }
    std::vector<FaultRule> rules;
    for (const json::value& item : *items) {
        const json::object* const one = item.if_object();
        auto rule = one != nullptr ? faults::rule_of(*one)
                                   : AwsError(400, "InvalidFault", std::string(kHowTo));
        if (!rule) {
            return refuse(call, 400, rule.error().message());
        }
        rules.push_back(*std::move(rule));
    }
    call.services.faults->set(std::move(rules), seed);
    return list_faults(call);
}

Action add_fault(AdminCall& call) {
    if (call.services.faults == nullptr) {
        return not_here(call);
    }
    const auto document = body_object(call);
    if (!document) {
        return refuse(call, 400, "Send one rule: {\"kind\": \"throttle\"}.");
    }
    auto rule = faults::rule_of(*document);
    if (!rule) {
        return refuse(call, 400, rule.error().message());
    }
    if (!call.services.faults->add(*std::move(rule))) {
        return refuse(call, 400, "There are 100 rules already.");
    }
    return list_faults(call);
}

Action clear_faults(AdminCall& call) {
    if (call.services.faults == nullptr) {
        return not_here(call);
    }
    call.services.faults->set({}, 0);
    return list_faults(call);
}

} // namespace benchtop::pipeline::admin
