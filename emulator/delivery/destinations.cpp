#include "emulator/delivery/destinations.hpp"

#include "emulator/protocol/json_writer.hpp"
#include "emulator/service/lineage.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace benchtop::delivery {

namespace {

namespace json = boost::json;

// Deeper than any document a function may answer with.
constexpr std::size_t kDepthMax = 1024;

std::optional<std::int64_t>
bounded(const json::object& config, std::string_view name, std::int64_t low, std::int64_t high) {
    const auto* value = config.if_contains(json::string_view(name.data(), name.size()));
    if (value == nullptr || !value->is_int64()) {
        return std::nullopt;
    }
    return std::clamp(value->get_int64(), low, high);
}

std::string destination_in(const json::object& config, std::string_view kind) {
    const json::value* at = config.if_contains("DestinationConfig");
    for (const std::string_view name : {kind, std::string_view("Destination")}) {
        if (at == nullptr || !at->is_object()) {
            return {};
        }
        at = at->get_object().if_contains(json::string_view(name.data(), name.size()));
    }
    return at != nullptr && at->is_string() ? std::string(at->get_string()) : std::string();
}

// A document goes into the record as it is; anything else as a string.
std::string json_of(std::string_view text) {
    json::parse_options options;
    options.max_depth = kDepthMax;
    json::stream_parser parser({}, options);
    boost::system::error_code ec;
    parser.write(text.data(), text.size(), ec);
    if (!ec) {
        parser.finish(ec);
    }
    return ec ? protocol::json_quote(text) : std::string(text);
}

} // namespace

Settings settings_of(const store::ReadTx& tx, std::string_view function_arn) {
    Settings settings;
    const auto function = service::parse_function_ref(function_arn);
    if (!function) {
        return settings;
    }
    settings.reserved_concurrency = service::reserved_concurrency(tx, *function);
    const auto text = tx.find_document(
        service::event_invoke_config_space(*function), function->qualifier_or_latest()
    );
    boost::system::error_code ec;
    const json::value value = text ? json::parse(*text, ec) : json::value();
    if (ec || !value.is_object()) {
        return settings;
    }
    const json::object& config = value.get_object();
    if (const auto retries = bounded(config, "MaximumRetryAttempts", 0, kAttemptsMax - 1)) {
        settings.limits.attempts_max = static_cast<int>(*retries) + 1;
    }
    constexpr std::int64_t age_max = seconds(kEventAgeMax).count();
    if (const auto age = bounded(config, "MaximumEventAgeInSeconds", 60, age_max)) {
        settings.limits.age_max = seconds(*age);
    }
    settings.on_success = destination_in(config, "OnSuccess");
    settings.on_failure = destination_in(config, "OnFailure");
    return settings;
}

std::string destination_record(
    const store::Delivery& delivery,
    Condition condition,
    const FunctionAnswer* answer,
    UtcInstant now
) {
    const auto function = service::parse_function_ref(delivery.function_arn);
    protocol::JsonWriter out;
    out.begin_object()
        .member("version", "1.0")
        .member("timestamp", to_iso8601_ms(now))
        .key("requestContext")
        .begin_object()
        .member("requestId", delivery.request_id)
        .member(
            "functionArn",
            function ? function->arn() + ':' + std::string(function->qualifier_or_latest())
                     : delivery.function_arn
        )
        .member("condition", to_text(condition))
        .member("approximateInvokeCount", delivery.attempts)
        .end_object()
        .key("requestPayload")
        .raw(json_of(delivery.payload));
    if (answer != nullptr) {
        out.key("responseContext")
            .begin_object()
            .member("statusCode", 200)
            .member("executedVersion", answer->executed_version);
        if (answer->is_error) {
            out.member("functionError", "Unhandled");
        }
        out.end_object().key("responsePayload").raw(json_of(answer->payload));
    }
    out.end_object();
    return std::move(out).take();
}

store::Delivery destination_delivery(
    const store::Delivery& from,
    Condition condition,
    std::string_view destination,
    std::string record,
    std::string request_id,
    UtcInstant now
) {
    const auto source = service::parse_function_ref(from.function_arn);
    const std::string name = source ? source->name : from.function_arn;
    const auto lineage =
        service::lineage_of_invocation(from.details, source ? source->arn() : from.function_arn);
    store::Delivery row = service::make_async_invocation(
        destination,
        record,
        request_id,
        source ? source->account : from.source_account,
        service::trace_root_of(from.details, lineage.value_or("")),
        now
    );
    row.event_name = condition == Condition::Success ? "OnSuccess" : "OnFailure";
    row.explanation = "Destination of " + name + " for " + from.request_id + " (" +
                      std::string(to_text(condition)) + ").";
    return row;
}

} // namespace benchtop::delivery
