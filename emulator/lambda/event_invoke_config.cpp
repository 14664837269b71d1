// Put-, Update-, Get-, Delete- and ListFunctionEventInvokeConfig.
#include "emulator/lambda/configuration.hpp"
#include "emulator/lambda/constraints.hpp"
#include "emulator/lambda/errors.hpp"
#include "emulator/lambda/handlers.hpp"
#include "emulator/lambda/names.hpp"
#include "emulator/lambda/tags.hpp"
#include "emulator/protocol/json_input.hpp"
#include "emulator/protocol/json_writer.hpp"
#include "emulator/service/function_settings.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>

namespace benchtop::lambda {
namespace {

constexpr std::size_t kPageMax = 50;

struct EventInvokeConfig {
    std::optional<int> maximum_retry_attempts;
    std::optional<int> maximum_event_age_in_seconds;
    std::string on_success; // destination ARN, "" for none
    std::string on_failure;
    UtcInstant last_modified{};
};

std::string space_of(const FunctionName& name) {
    return service::event_invoke_config_space({name.account, name.region, name.name, ""});
}

std::string_view qualifier_of(const FunctionName& name) {
    return name.qualifier.empty() ? store::kLatestVersion : std::string_view(name.qualifier);
}

std::string arn_of(const FunctionName& name, std::string_view qualifier) {
    return name.arn() + ":" + std::string(qualifier);
}

void write_destination(
    protocol::JsonWriter& json, std::string_view name, const std::string& destination
) {
    json.key(name).begin_object();
    if (!destination.empty()) {
        json.member("Destination", destination);
    }
    json.end_object();
}

// Answered and kept in one form: delivery reads it (service/function_settings.hpp).
std::string config_text(const EventInvokeConfig& config, std::string_view arn) {
    protocol::JsonWriter json;
    json.begin_object().key("DestinationConfig").begin_object();
    write_destination(json, "OnFailure", config.on_failure);
    write_destination(json, "OnSuccess", config.on_success);
    json.end_object();
    json.member("FunctionArn", arn);
    const std::int64_t modified_ms = to_epoch_ms(config.last_modified);
    json.key("LastModified").raw(fmt::format("{}.{:03}", modified_ms / 1000, modified_ms % 1000));
    if (config.maximum_event_age_in_seconds) {
        json.member("MaximumEventAgeInSeconds", std::int64_t{*config.maximum_event_age_in_seconds});
    }
    if (config.maximum_retry_attempts) {
        json.member("MaximumRetryAttempts", std::int64_t{*config.maximum_retry_attempts});
    }
    json.end_object();
    return std::move(json).take();
}

EventInvokeConfig parse_config(std::string_view text) {
    const boost::json::value parsed = boost::json::parse(text);
    const boost::json::object& object = parsed.get_object();
    const auto number = [&object](std::string_view name) -> std::optional<int> {
        const auto* value = object.if_contains(name);
        return value != nullptr ? std::optional(value->to_number<int>()) : std::nullopt;
    };
    const auto destination = [&object](std::string_view side) -> std::string {
        const auto* value =
            object.at("DestinationConfig").at(side).get_object().if_contains("Destination");
        return value != nullptr ? std::string(value->get_string()) : std::string();
    };
    EventInvokeConfig config;
    config.maximum_retry_attempts = number("MaximumRetryAttempts");
    config.maximum_event_age_in_seconds = number("MaximumEventAgeInSeconds");
    config.on_success = destination("OnSuccess");
    config.on_failure = destination("OnFailure");
    return config;
}

constexpr std::string_view kDestinationPattern =
    R"($|kafka://([^.]([a-zA-Z0-9\-_.]{0,248}))|arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1})?:(\d{12})?:(.*))";

std::string service_of(std::string_view arn) {
    arn.remove_prefix(std::min(arn.find(':', 4), arn.size() - 1) + 1);
    return std::string(arn.substr(0, arn.find(':')));
}

// AWS prints its own object (recorded).
std::string invalid_destination(std::string_view side, const std::string& destination) {
    const std::string given = "(destination=" + destination + ")";
    return "The provided destination config DestinationConfig(onSuccess=" +
           (side == "onSuccess" ? "OnSuccess" + given : "null") +
           ", onFailure=" + (side == "onFailure" ? "OnFailure" + given : "null") + ") is invalid.";
}

// Destinations are functions: nothing else that AWS allows exists here.
Result<void> check_destination(
    const store::ReadTx& tx,
    const service::Call& call,
    const FunctionName& itself,
    std::string_view side,
    const std::string& destination
) {
    if (destination.empty()) {
        return {};
    }
    const std::string service = service_of(destination);
    if (service == "sqs" || service == "sns" || service == "events" || service == "s3") {
        return invalid_parameter(
            "Benchtop sends records of asynchronous invocations to functions only: " + destination
        );
    }
    if (service != "lambda") {
        return invalid_parameter(invalid_destination(side, destination));
    }
    const auto name = parse_function_name(call, destination, "", NameUse::Other);
    if (!name || !find(tx, *name)) {
        return invalid_parameter("The destination ARN " + destination + " is invalid.");
    }
    if (name->arn() == itself.arn()) {
        return invalid_parameter("You can't specify the function as a destination for itself.");
    }
    return {};
}

Result<void> read_config(
    const store::ReadTx& tx,
    const service::Call& call,
    const FunctionName& itself,
    EventInvokeConfig& config
) {
    const protocol::JsonInput json(call.json);
    const auto attempts = json.integer("MaximumRetryAttempts");
    const auto age = json.integer("MaximumEventAgeInSeconds");
    const auto destinations = json.object("DestinationConfig");
    if (!attempts) {
        return attempts.error();
    }
    if (!age) {
        return age.error();
    }
    if (!destinations) {
        return destinations.error();
    }
    Constraints constraints;
    if (*attempts) {
        constraints.range("maximumRetryAttempts", **attempts, 0, 2);
        config.maximum_retry_attempts = static_cast<int>(**attempts);
    }
    if (*age) {
        constraints.range("maximumEventAgeInSeconds", **age, 60, 21600);
        config.maximum_event_age_in_seconds = static_cast<int>(**age);
    }
    if (auto kept = constraints.check(); !kept) {
        return kept.error();
    }
    if (*destinations == nullptr) {
        return {};
    }
    const protocol::JsonInput both(**destinations);
    for (const auto& [member, shown, target] :
         {std::tuple("OnSuccess", "onSuccess", &config.on_success),
          std::tuple("OnFailure", "onFailure", &config.on_failure)}) {
        const auto side = both.object(member);
        if (!side) {
            return side.error();
        }
        if (*side == nullptr) {
            continue;
        }
        const auto destination = protocol::JsonInput(**side).string("Destination");
        if (!destination) {
            return destination.error();
        }
        *target = destination->value_or("");
        if (!target->empty() && !is_arn(*target)) {
            Constraints pattern;
            pattern.pattern(
                std::string("destinationConfig.") + shown + ".destination",
                *target,
                false,
                kDestinationPattern
            );
            return pattern.check().error();
        }
        if (auto known = check_destination(tx, call, itself, shown, *target); !known) {
            return known.error();
        }
    }
    return {};
}

Result<Response> store_config(store::WriteTx& tx, service::Call& call, bool merges) {
    const auto name = named_function(call);
    if (!name) {
        return name.error();
    }
    const protocol::JsonInput given(call.json);
    if (!given.has("MaximumRetryAttempts") && !given.has("MaximumEventAgeInSeconds") &&
        !given.has("DestinationConfig")) {
        return invalid_parameter(
            "You must specify at least one of error handling or destination setting."
        );
    }
    if (!find(tx, *name)) {
        return not_found("The function doesn't exist.");
    }
    EventInvokeConfig config;
    const auto existing = tx.find_document(space_of(*name), qualifier_of(*name));
    if (merges) {
        if (!existing) {
            return not_found(
                "The function " + arn_of(*name, qualifier_of(*name)) +
                " doesn't have an EventInvokeConfig"
            );
        }
        config = parse_config(*existing);
    }
    if (auto read = read_config(tx, call, *name, config); !read) {
        return read.error();
    }
    config.last_modified = call.context.now;
    const std::string answer = config_text(config, arn_of(*name, qualifier_of(*name)));
    tx.put_document(space_of(*name), qualifier_of(*name), answer);
    return json_answer(200, answer);
}

} // namespace

void drop_event_invoke_config(
    store::WriteTx& tx, const FunctionName& name, std::string_view qualifier
) {
    tx.delete_document(space_of(name), qualifier);
}

void drop_event_invoke_configs(store::WriteTx& tx, const FunctionName& name) {
    std::vector<std::string> qualifiers;
    tx.scan_documents(space_of(name), "", [&](std::string_view key, std::string_view) {
        qualifiers.emplace_back(key);
        return true;
    });
    for (const std::string& qualifier : qualifiers) {
        tx.delete_document(space_of(name), qualifier);
    }
}

Result<Response> put_event_invoke_config(store::WriteTx& tx, service::Call& call) {
    return store_config(tx, call, false);
}

Result<Response> update_event_invoke_config(store::WriteTx& tx, service::Call& call) {
    return store_config(tx, call, true);
}

Result<Response> get_event_invoke_config(const store::ReadTx& tx, service::Call& call) {
    const auto name = named_function(call);
    if (!name) {
        return name.error();
    }
    const auto text = tx.find_document(space_of(*name), qualifier_of(*name));
    if (!text) {
        return not_found(
            "The function " + arn_of(*name, qualifier_of(*name)) +
            " doesn't have an EventInvokeConfig"
        );
    }
    return json_answer(200, *text);
}

Result<Response> delete_event_invoke_config(store::WriteTx& tx, service::Call& call) {
    const auto name = named_function(call);
    if (!name) {
        return name.error();
    }
    if (!tx.find_document(space_of(*name), qualifier_of(*name))) {
        return not_found(
            "The function " + arn_of(*name, qualifier_of(*name)) +
            " doesn't have an EventInvokeConfig"
        );
    }
    tx.delete_document(space_of(*name), qualifier_of(*name));
    return no_content();
}

Result<Response> list_event_invoke_configs(const store::ReadTx& tx, service::Call& call) {
    const auto name = named_function(call);
    if (!name) {
        return name.error();
    }
    if (!find(tx, *name)) {
        return not_found("The function doesn't exist.");
    }
    const auto page = read_page(Query::parse(call.head.query()), kPageMax, kPageMax);
    if (!page) {
        return page.error();
    }
    std::vector<std::string> configs;
    tx.scan_documents(space_of(*name), "", [&](std::string_view, std::string_view text) {
        configs.emplace_back(text);
        return true;
    });
    protocol::JsonWriter json;
    json.begin_object().key("FunctionEventInvokeConfigs").begin_array();
    const std::size_t end = std::min(configs.size(), page->first + page->count);
    for (std::size_t i = std::min(page->first, end); i < end; ++i) {
        json.raw(configs[i]);
    }
    json.end_array();
    write_next_marker(json, end, configs.size());
    json.end_object();
    return json_answer(200, std::move(json).take());
}

} // namespace benchtop::lambda
