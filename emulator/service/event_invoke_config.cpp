#include "emulator/service/event_invoke_config.hpp"

#include <boost/json.hpp>

namespace benchtop::service {
namespace {

namespace json = boost::json;

std::optional<int> number(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    return value != nullptr ? std::optional(value->to_number<int>()) : std::nullopt;
}

} // namespace

std::string event_invoke_config_space(
    std::string_view account, std::string_view region, std::string_view function
) {
    std::string space = "lambda/event-invoke-config/";
    for (const std::string_view part : {account, region}) {
        space.append(part).append("/");
    }
    return space.append(function);
}

std::string to_text(const EventInvokeConfig& config) {
    json::object object;
    if (config.maximum_retry_attempts) {
        object["attempts"] = *config.maximum_retry_attempts;
    }
    if (config.maximum_event_age_in_seconds) {
        object["age"] = *config.maximum_event_age_in_seconds;
    }
    object["success"] = config.on_success;
    object["failure"] = config.on_failure;
    object["modified"] = config.last_modified.time_since_epoch().count();
    return json::serialize(object);
}

EventInvokeConfig parse_event_invoke_config(std::string_view text) {
    const json::value parsed = json::parse(text);
    const json::object& object = parsed.get_object();
    EventInvokeConfig config;
    config.maximum_retry_attempts = number(object, "attempts");
    config.maximum_event_age_in_seconds = number(object, "age");
    config.on_success = std::string(object.at("success").as_string());
    config.on_failure = std::string(object.at("failure").as_string());
    config.last_modified =
        UtcInstant{microseconds{object.at("modified").to_number<std::int64_t>()}};
    return config;
}

std::optional<EventInvokeConfig> find_event_invoke_config(
    const store::ReadTx& tx,
    std::string_view account,
    std::string_view region,
    std::string_view function,
    std::string_view qualifier
) {
    const auto text = tx.find_document(
        event_invoke_config_space(account, region, function),
        qualifier.empty() ? store::kLatestVersion : qualifier
    );
    return text ? std::optional(parse_event_invoke_config(*text)) : std::nullopt;
}

} // namespace benchtop::service
