// What Lambda's control plane sets about a function and the delivery of events obeys: how
// asynchronous invocations are retried and where their results go, and reserved concurrency. Both
// are documents. Also the row of an asynchronous invocation.
#pragma once

#include "emulator/service/lineage.hpp"
#include "emulator/store/tx.hpp"

#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

namespace benchtop::service {

// arn:aws:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER], taken apart.
struct FunctionRef {
    std::string account;
    std::string region;
    std::string name;
    std::string qualifier; // "" when the ARN has none

    std::string arn() const { // unqualified
        return "arn:aws:lambda:" + region + ':' + account + ":function:" + name;
    }

    std::string_view qualifier_or_latest() const {
        return qualifier.empty() ? store::kLatestVersion : std::string_view(qualifier);
    }
};

inline std::optional<FunctionRef> parse_function_ref(std::string_view arn) {
    std::array<std::string_view, 8> fields;
    std::size_t count = 0;
    while (count < fields.size()) {
        const std::size_t colon = arn.find(':');
        fields[count++] = arn.substr(0, colon);
        if (colon == std::string_view::npos) {
            break;
        }
        arn.remove_prefix(colon + 1);
    }
    if (count < 7 || fields[0] != "arn" || fields[2] != "lambda" || fields[5] != "function" ||
        fields[6].empty()) {
        return std::nullopt;
    }
    return FunctionRef{
        std::string(fields[4]),
        std::string(fields[3]),
        std::string(fields[6]),
        std::string(fields[7])};
}

// Documents by qualifier ("$LATEST", a version, an alias): the EventInvokeConfig as AWS answers it,
// {"DestinationConfig":{"OnFailure":{"Destination":"arn:..."},"OnSuccess":{}},"FunctionArn":"...",
// "LastModified":1700000000.123,"MaximumRetryAttempts":0,"MaximumEventAgeInSeconds":60}.
inline std::string event_invoke_config_space(const FunctionRef& function) {
    return "lambda/event-invoke-config/" + function.account + '/' + function.region + '/' +
           function.name;
}

// Documents by function name: ReservedConcurrentExecutions as a decimal number.
inline std::string reserved_concurrency_space(std::string_view account, std::string_view region) {
    return "lambda/reserved-concurrency/" + std::string(account) + '/' + std::string(region);
}

inline std::optional<int>
reserved_concurrency(const store::ReadTx& tx, const FunctionRef& function) {
    const auto text = tx.find_document(
        reserved_concurrency_space(function.account, function.region), function.name
    );
    int value = 0;
    if (!text ||
        std::from_chars(text->data(), text->data() + text->size(), value).ec != std::errc()) {
        return std::nullopt;
    }
    return value;
}

// The row of Invoke with InvocationType Event: add_delivery() in the transaction that answers 202.
// The caller's permission has been asked for; nobody asks again. `function_arn` is qualified when
// the caller qualified it.
inline store::Delivery make_async_invocation(
    std::string_view function_arn,
    std::string_view payload,
    std::string_view request_id,
    std::string_view caller_account,
    std::string_view trace_header, // of the request, "" for none (service/lineage.hpp)
    UtcInstant now
) {
    store::Delivery row;
    row.source = "lambda";
    row.event_name = "Invoke";
    row.explanation = "Invoked asynchronously.";
    row.function_arn = function_arn;
    row.payload = payload.empty() ? std::string("{}") : std::string(payload);
    row.request_id = request_id;
    row.source_account = caller_account;
    row.details = bounded_trace_header(trace_header);
    row.created_at = now;
    return row;
}

} // namespace benchtop::service
