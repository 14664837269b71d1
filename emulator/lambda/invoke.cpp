// Invoke in its three types (Lambda API reference, Invoke).
#include "emulator/core/encoding.hpp"
#include "emulator/lambda/configuration.hpp"
#include "emulator/lambda/constraints.hpp"
#include "emulator/lambda/errors.hpp"
#include "emulator/lambda/handlers.hpp"
#include "emulator/lambda/names.hpp"
#include "emulator/service/function_settings.hpp"
#include "emulator/service/lineage.hpp"

#include <boost/json.hpp>

namespace benchtop::lambda {
namespace {

constexpr std::size_t kClientContextMax = 3583;
// Beside the function's own timeout: the init phase, twice, and what the machine takes.
constexpr seconds kStartUp{40};
constexpr std::size_t kAsyncBytesMax = 1024 * 1024;

constexpr std::size_t kDepthMax = 1000; // Jackson's

std::optional<boost::json::value> parse(std::string_view text) {
    boost::json::parse_options options;
    options.max_depth = kDepthMax;
    boost::system::error_code ec;
    boost::json::value value = boost::json::parse(text, ec, {}, options);
    return ec ? std::nullopt : std::optional(std::move(value));
}

struct Target {
    FunctionName name;
    store::Function function;
    std::string payload;
    std::string client_context;
};

Result<void> check_headers(const service::Call& call) {
    Constraints constraints;
    if (const auto type = call.head.headers.get("x-amz-invocation-type"); !type.empty()) {
        constraints.one_of("invocationType", type, "Event, RequestResponse, DryRun");
    }
    if (const auto type = call.head.headers.get("x-amz-log-type"); !type.empty()) {
        constraints.one_of("logType", type, "None, Tail");
    }
    return constraints.check();
}

Result<Target> read_target(const store::ReadTx& tx, const service::Call& call) {
    auto name = named_function(call);
    if (!name) {
        return name.error();
    }
    if (auto known = check_headers(call); !known) {
        return known.error();
    }
    auto found = find(tx, *name);
    if (!found) {
        // The qualifier shows here even when none was given (recorded since 2025).
        return function_not_found(
            name->arn() + ":" + (name->qualifier.empty() ? "$LATEST" : name->qualifier)
        );
    }
    Target target{*std::move(name), std::move(found->function), std::string(call.body), ""};
    if (target.payload.empty()) {
        target.payload = "{}";
    } else if (!parse(target.payload)) {
        return payload_not_json(target.payload);
    }
    if (const std::string_view given = call.head.headers.get("x-amz-client-context");
        !given.empty()) {
        auto context = given.size() <= kClientContextMax ? from_base64(given) : std::nullopt;
        const auto value = context ? parse(*context) : std::nullopt;
        if (!value) {
            return AwsError(
                       400,
                       "InvalidRequestContentException",
                       "Client context must be a valid Base64-encoded JSON object."
            )
                .with("Type", "User");
        }
        // Without line breaks between its tokens: it goes into a header.
        target.client_context = boost::json::serialize(*value);
    }
    return target;
}

bool wants_log(const service::Call& call) {
    return call.head.headers.get("x-amz-log-type") == "Tail";
}

} // namespace

Access access_invoke(const store::ReadTx& tx, const service::Call& call) {
    return access_to_function(tx, call, "lambda:InvokeFunction");
}

Result<service::Invocation> invoke(const store::ReadTx& tx, service::Call& call) {
    auto target = read_target(tx, call);
    if (!target) {
        return target.error();
    }
    const std::string_view trace = call.head.headers.get("x-amzn-trace-id");
    const auto lineage = service::lineage_of_invocation(trace, target->function.arn());
    if (!lineage) {
        return recursive_invocation();
    }
    service::Invocation invocation;
    invocation.request.trace_root = service::trace_root_of(trace, *lineage);
    invocation.request.function_arn = target->function.arn();
    invocation.request.qualifier = target->name.qualifier;
    invocation.request.payload = std::move(target->payload);
    invocation.request.request_id = call.request_id;
    invocation.request.client_context = std::move(target->client_context);
    invocation.request.real_names =
        call.head.secure && call.head.host().find(".amazonaws.com") != std::string_view::npos;
    invocation.deadline = seconds{target->function.timeout_s} + kStartUp;
    return invocation;
}

Result<Response> answer_invoke(service::Call& call, std::optional<InvokeOutcome> outcome) {
    if (!outcome) {
        return AwsError(500, "ServiceException", "The function did not answer.")
            .with("Type", "Service");
    }
    switch (outcome->status) {
    case InvokeStatus::Ok:
    case InvokeStatus::FunctionError:
        break;
    case InvokeStatus::NotFound:
        return not_found(outcome->payload);
    case InvokeStatus::Throttled:
        return throttled(
            outcome->payload.starts_with("Reserved")
                ? "ReservedFunctionConcurrentInvocationLimitExceeded"
                : "ConcurrentInvocationLimitExceeded"
        );
    case InvokeStatus::NotPermitted:
    case InvokeStatus::ServiceError:
        return AwsError(500, "ServiceException", outcome->payload).with("Type", "Service");
    }
    Response response = json_answer(200, std::move(outcome->payload));
    response.headers.add("X-Amz-Executed-Version", outcome->executed_version);
    if (outcome->status == InvokeStatus::FunctionError) {
        response.headers.add("X-Amz-Function-Error", "Unhandled");
    }
    if (wants_log(call)) {
        response.headers.add("X-Amz-Log-Result", to_base64(as_bytes(outcome->log_tail)));
    }
    response.headers.add("x-amzn-Remapped-Content-Length", "0");
    return response;
}

Result<Response> invoke_event(store::WriteTx& tx, service::Call& call) {
    auto target = read_target(tx, call);
    if (!target) {
        return target.error();
    }
    if (target->payload.size() > kAsyncBytesMax) {
        return AwsError(
            413,
            "RequestEntityTooLargeException",
            std::to_string(target->payload.size()) +
                " byte payload is too large for the Event invocation type (limit 1048576 bytes)"
        );
    }
    tx.add_delivery(service::make_async_invocation(
        target->name.qualified_arn(),
        target->payload,
        call.request_id,
        call.account(),
        call.head.headers.get("x-amzn-trace-id"),
        call.context.now
    ));
    Response response = json_answer(202, "");
    response.headers.add("x-amzn-Remapped-Content-Length", "0");
    return response;
}

Result<Response> invoke_dry_run(const store::ReadTx& tx, service::Call& call) {
    auto target = read_target(tx, call);
    if (!target) {
        return target.error();
    }
    return no_content();
}

} // namespace benchtop::lambda
