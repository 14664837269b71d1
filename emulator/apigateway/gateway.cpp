#include "emulator/apigateway/gateway.hpp"

#include "emulator/apigateway/cors.hpp"
#include "emulator/apigateway/integration_uri.hpp"
#include "emulator/apigateway/payload_v1.hpp"
#include "emulator/apigateway/payload_v2.hpp"
#include "emulator/apigateway/response_mapping.hpp"
#include "emulator/core/encoding.hpp"
#include "emulator/core/ids.hpp"

#include <algorithm>

namespace benchtop::apigateway {
namespace {

constexpr std::string_view kExecuteApi = ".execute-api.";
constexpr std::string_view kPathPrefix = "/_aws/execute-api/";
constexpr int kTimeoutMsMax = 30000;

bool starts_with(std::string_view text, std::string_view prefix) {
    return text.substr(0, prefix.size()) == prefix;
}

bool ends_with(std::string_view text, std::string_view suffix) {
    return text.size() >= suffix.size() && text.substr(text.size() - suffix.size()) == suffix;
}

AnswerContext context_of(const Plan& plan, UtcInstant now) {
    return {now, plan.request_id, plan.is_head};
}

Answer failure(const Plan& plan, int status, Fault fault, std::string cause, UtcInstant now) {
    Answer answer{error_response(status, context_of(plan, now)), fault, std::move(cause)};
    if (plan.api->model.cors) {
        apply_cors(answer.response, *plan.api->model.cors, plan.origin);
    }
    return answer;
}

std::uint64_t header_bytes(const RequestHead& head) {
    std::uint64_t bytes = head.method.size() + head.target.size() + 10;
    for (const auto& [name, value] : head.headers.entries()) {
        bytes += value.size();
    }
    return bytes;
}

// Root of the client's own trace when it sent one.
std::string trace_header(const RequestHead& head, UtcInstant now, Random& random) {
    const std::string_view given = head.headers.get("x-amzn-trace-id");
    if (given.find("Root=") != std::string_view::npos) {
        return std::string(given);
    }
    std::string root = make_trace_root(random, to_epoch_seconds(now));
    return given.empty() ? root : root + ';' + std::string(given);
}

std::string root_of(std::string_view trace) {
    const std::string_view root = trace.substr(trace.find("Root="));
    return std::string(root.substr(0, root.find(';')));
}

std::string stage_arn(const Plan& plan) {
    return "arn:aws:execute-api:" + plan.api->row.region + ":" + plan.api->row.account + ":" +
           plan.api->row.api_id + "/" + plan.match.stage->name + "/";
}

} // namespace

std::optional<ApiAddress> api_address(std::string_view host) {
    const std::string lower = to_lower(host.substr(0, host.find(':')));
    const std::string_view name = lower;
    const auto dot = name.find(kExecuteApi);
    if (dot == std::string_view::npos || dot == 0 || name.find('.') != dot) {
        return std::nullopt;
    }
    ApiAddress address;
    address.api_id = name.substr(0, dot);
    std::string_view rest = name.substr(dot + kExecuteApi.size());
    if (rest == "localhost") {
        return address;
    }
    for (const std::string_view domain : {".amazonaws.com", ".localhost"}) {
        if (ends_with(rest, domain)) {
            rest.remove_suffix(domain.size());
            if (rest.empty() || rest.find('.') != std::string_view::npos) {
                return std::nullopt;
            }
            address.region = std::string(rest);
            return address;
        }
    }
    return std::nullopt;
}

std::optional<PathAddress> path_address(std::string_view path) {
    if (!starts_with(path, kPathPrefix)) {
        return std::nullopt;
    }
    path.remove_prefix(kPathPrefix.size());
    const auto slash = path.find('/');
    const std::string_view id = path.substr(0, slash);
    return PathAddress{
        id, slash == std::string_view::npos ? std::string_view("/") : path.substr(slash)};
}

Response unknown_api(const RequestHead& head, UtcInstant now, Random& random) {
    return unknown_api_response(now, make_uuid(random), head.method == "HEAD");
}

std::variant<Plan, Refusal> plan(
    std::shared_ptr<const Api> api,
    const RequestHead& head,
    std::string_view path,
    UtcInstant now,
    Random& random
) {
    const AnswerContext context{now, make_apigw_request_id(random), head.method == "HEAD"};
    const auto& cors = api->model.cors;
    const auto refuse = [&](int status, std::optional<Miss> miss, std::string suggestion) {
        Refusal refusal{error_response(status, context), miss, std::move(suggestion)};
        if (cors) {
            apply_cors(refusal.response, *cors, head.headers.get("origin"));
        }
        return refusal;
    };
    if (header_bytes(head) > kHeaderBytesMax) {
        return refuse(431, std::nullopt, {});
    }
    if (path.empty() || path.front() != '/') {
        return refuse(400, std::nullopt, {});
    }
    if (api->model.disable_execute_api_endpoint) {
        return refuse(404, Miss::EndpointDisabled, {});
    }
    Routing routing = route(api->model, head.method, path);
    if (cors && routing.stage != nullptr && is_preflight(head)) {
        return Refusal{
            preflight_response(*cors, head.headers.get("origin"), context), std::nullopt, {}};
    }
    if (!routing.match) {
        return refuse(404, routing.miss, std::move(routing.suggestion));
    }
    if (head.content_length.value_or(0) > kBodyMax) {
        return refuse(413, std::nullopt, {});
    }
    Plan out;
    out.match = *std::move(routing.match);
    out.api = std::move(api);
    out.path = path;
    out.method = head.method;
    out.request_id = context.request_id;
    out.origin = head.headers.get("origin");
    out.is_head = context.is_head;
    const int timeout =
        out.match.integration == nullptr ? kTimeoutMsMax : out.match.integration->timeout_in_millis;
    out.timeout = milliseconds(std::clamp(timeout, 50, kTimeoutMsMax));
    return out;
}

Answer too_large(const Plan& plan, UtcInstant now) {
    return failure(plan, 413, Fault::TooLarge, "the body is larger than 10 MB", now);
}

Answer throttled(const Plan& plan, UtcInstant now) {
    return failure(plan, 429, Fault::Throttled, "the route's throttling limit is reached", now);
}

Answer unauthorized(
    const Plan& plan,
    int status,
    std::string_view www_authenticate,
    std::string cause,
    UtcInstant now
) {
    Answer answer = failure(plan, status, Fault::Unauthorized, std::move(cause), now);
    if (!www_authenticate.empty()) {
        answer.response.headers.add("www-authenticate", www_authenticate);
    }
    return answer;
}

std::variant<InvokeRequest, Answer> make_invoke(
    const Plan& plan, const RequestHead& head, std::string_view body, UtcInstant now, Random& random
) {
    if (body.size() > plan.body_limit) {
        return too_large(plan, now);
    }
    const Integration* const integration = plan.match.integration;
    auto function = function_arn(plan);
    if (integration == nullptr || !function) {
        return failure(
            plan, 500, Fault::BadIntegration, "the route's integration leads to no function", now
        );
    }
    const std::string trace = trace_header(head, now, random);
    const EventInput input{
        *plan.api, plan.match, head, plan.path, body, plan.request_id, trace, now, plan.authorizer};
    InvokeRequest request;
    request.payload =
        integration->payload_format_version == "1.0" ? make_event_v1(input) : make_event_v2(input);
    if (request.payload.size() > kEventMax) {
        return failure(
            plan, 413, Fault::TooLarge, "the event for the function is larger than 6 MB", now
        );
    }
    request.function_arn = *std::move(function);
    request.trace_root = root_of(trace);
    // Who came in under AWS's own name gets presigned URLs with AWS's own names, too. AWS has no
    // listener without TLS: such a request only borrows the name to address the API.
    request.real_names = head.secure && ends_with(head.host(), ".amazonaws.com");
    request.caller = {"apigateway.amazonaws.com", source_arn(plan), plan.api->row.account};
    return request;
}

std::optional<std::string> function_arn(const Plan& plan) {
    const Integration* const integration = plan.match.integration;
    if (integration == nullptr || integration->type != "AWS_PROXY") {
        return std::nullopt;
    }
    const auto uri = resolve_variables(integration->uri, *plan.match.stage);
    return uri ? function_of(*uri) : std::nullopt;
}

std::string source_arn(const Plan& plan) {
    const std::string& key = plan.match.route->key;
    const auto space = key.find(' ');
    return stage_arn(plan) +
           (space == std::string::npos ? key : plan.method + key.substr(space + 1));
}

std::string request_arn(const Plan& plan) {
    std::string_view path = plan.path;
    if (const std::string& stage = plan.match.stage->name; stage != "$default") {
        path.remove_prefix(std::min(stage.size() + 1, path.size()));
    }
    const auto decoded = percent_decode(path, PlusRule::Literal);
    return stage_arn(plan) + plan.method +
           (path.empty() ? "/" : decoded.value_or(std::string(path)));
}

Answer finish(const Plan& plan, std::optional<InvokeOutcome> outcome, UtcInstant now) {
    const auto fail = [&](int status, Fault fault, std::string cause) {
        return failure(plan, status, fault, std::move(cause), now);
    };
    if (!outcome) {
        return fail(503, Fault::TimedOut, "the integration did not answer within its timeout");
    }
    switch (outcome->status) {
    case InvokeStatus::Ok:
        break;
    case InvokeStatus::FunctionError:
        return fail(
            500,
            Fault::FunctionFailed,
            "The Lambda function returned the following error: " + outcome->payload
        );
    case InvokeStatus::NotFound:
        return fail(500, Fault::FunctionMissing, "the integration's function does not exist");
    case InvokeStatus::NotPermitted:
        return fail(
            500,
            Fault::NotPermitted,
            "The IAM role configured on the integration or API Gateway doesn't have permissions to "
            "call the integration. Check the permissions and try again."
        );
    case InvokeStatus::Throttled:
        return fail(500, Fault::Throttled, "Lambda throttled the invocation");
    case InvokeStatus::ServiceError:
        return fail(500, Fault::ServiceError, outcome->payload);
    }
    const bool is_v1 = plan.match.integration != nullptr &&
                       plan.match.integration->payload_format_version == "1.0";
    MappedAnswer mapped = map_answer(
        outcome->payload, is_v1 ? PayloadFormat::V1 : PayloadFormat::V2, context_of(plan, now)
    );
    if (!mapped.malformed.empty()) {
        return fail(500, Fault::MalformedAnswer, std::move(mapped.malformed));
    }
    if (plan.api->model.cors) {
        apply_cors(mapped.response, *plan.api->model.cors, plan.origin);
    }
    return {std::move(mapped.response), Fault::None, {}};
}

} // namespace benchtop::apigateway
