#include "emulator/functions/runtime_api.hpp"

#include "emulator/core/assert.hpp"
#include "emulator/functions/error_payload.hpp"

#include <fmt/format.h>

namespace benchtop::functions {

namespace {

constexpr std::string_view kRuntimePrefix = "/2018-06-01/runtime/";
constexpr std::string_view kInvocationPrefix = "invocation/";

Response json(int status, std::string body) {
    Response response;
    response.status = status;
    response.headers.add("Content-Type", "application/json");
    response.body = std::move(body);
    return response;
}

Response text(int status, std::string_view body) {
    Response response;
    response.status = status;
    response.headers.add("Content-Type", "text/plain; charset=utf-8");
    response.body = std::string(body);
    return response;
}

Response accepted() {
    return json(202, "{\"status\":\"OK\"}\n");
}

Response not_found() {
    return text(404, "404 page not found\n");
}

Response method_not_allowed() {
    Response response;
    response.status = 405;
    return response;
}

bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}

bool is_letter(char c) {
    return is_upper(c) || (c >= 'a' && c <= 'z');
}

} // namespace

std::string kept_error_type(std::string_view sent) {
    for (const std::string_view family : {"Runtime.", "Function."}) {
        for (std::size_t at = sent.find(family); at != std::string_view::npos;
             at = sent.find(family, at + 1)) {
            const std::string_view rest = sent.substr(at + family.size());
            if (rest.size() >= 2 && is_upper(rest[0]) && is_letter(rest[1])) {
                return std::string(sent);
            }
        }
    }
    return sent.starts_with("Function.") ? "Function.Unknown" : "Runtime.Unknown";
}

RuntimeReply RuntimeApiSession::handle(const RequestHead& head, std::string_view body) {
    std::string_view path = head.path();
    const bool is_get = head.method == "GET";
    const bool is_post = head.method == "POST";
    if (path == "/2018-06-01/ping") {
        return {is_get ? text(200, "pong") : method_not_allowed(), {}};
    }
    if (path.starts_with("/2020-01-01/extension/")) {
        return {
            json(403, error_document("Benchtop runs no extensions.", "Extension.NotSupported")),
            {}};
    }
    if (path.starts_with("/2022-07-01/telemetry") || path.starts_with("/2020-08-15/logs")) {
        // As the runtime interface emulator says it; runtimes go on without.
        return {
            json(202, error_document("Telemetry API is not supported", "Telemetry.NotSupported")),
            {}};
    }
    if (!path.starts_with(kRuntimePrefix)) {
        return {not_found(), {}};
    }
    path.remove_prefix(kRuntimePrefix.size());
    if (path == "invocation/next") {
        return is_get ? next() : RuntimeReply{method_not_allowed(), {}};
    }
    if (path == "init/error") {
        return is_post ? init_error(head, body) : RuntimeReply{method_not_allowed(), {}};
    }
    if (path.starts_with(kInvocationPrefix)) {
        path.remove_prefix(kInvocationPrefix.size());
        const std::size_t slash = path.find('/');
        const std::string_view verb =
            slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
        if (verb == "response" || verb == "error") {
            return is_post ? result(path.substr(0, slash), verb, head, body)
                           : RuntimeReply{method_not_allowed(), {}};
        }
    }
    return {not_found(), {}};
}

std::optional<Response> RuntimeApiSession::submit(RuntimeEvent event) {
    queue_.push_back(std::move(event));
    if (!parked_) {
        return std::nullopt;
    }
    return deliver();
}

Response RuntimeApiSession::deliver() {
    BT_ASSERT(!queue_.empty());
    parked_ = false;
    state_ = State::Running;
    const RuntimeEvent& event = queue_.front();
    Response response;
    auto& headers = response.headers;
    // Python's runtime hands raw bytes to the handler when this is any other text.
    headers.add("Content-Type", "application/json");
    headers.add("Lambda-Runtime-Aws-Request-Id", event.request_id);
    headers.add("Lambda-Runtime-Deadline-Ms", std::to_string(to_epoch_ms(event.deadline)));
    headers.add("Lambda-Runtime-Invoked-Function-Arn", event.invoked_function_arn);
    headers.add("Lambda-Runtime-Trace-Id", event.trace_id);
    if (!event.client_context.empty()) {
        headers.add("Lambda-Runtime-Client-Context", event.client_context);
    }
    if (!event.cognito_identity.empty()) {
        headers.add("Lambda-Runtime-Cognito-Identity", event.cognito_identity);
    }
    response.body = event.payload;
    return response;
}

RuntimeReply RuntimeApiSession::next() {
    switch (state_) {
    case State::InitError:
        return {forbidden("Ready"), {}};
    case State::Running:
        return {deliver(), {}}; // the open event again
    case State::Started:
    case State::Ready:
    case State::ResponseSent:
        break;
    }
    if (!queue_.empty()) {
        return {deliver(), {}};
    }
    state_ = State::Ready;
    parked_ = true;
    return {Park{}, {}};
}

RuntimeReply RuntimeApiSession::result(
    std::string_view request_id,
    std::string_view verb,
    const RequestHead& head,
    std::string_view body
) {
    const std::string_view current = queue_.empty() || state_ == State::ResponseSent
                                         ? last_request_id_
                                         : queue_.front().request_id;
    if (request_id.empty() || request_id != current) {
        return {json(400, error_document("Invalid request ID", "InvalidRequestID")), {}};
    }
    const bool is_error = verb == "error";
    if (state_ != State::Running) {
        return {forbidden(is_error ? "InvocationErrorResponse" : "InvocationResponse"), {}};
    }
    RuntimeOutcome outcome;
    outcome.request_id = request_id;
    Response reply = accepted();
    if (body.size() > kPayloadBytesMax) {
        outcome.kind = RuntimeOutcome::Kind::TooLarge;
        const ErrorPayload error = response_too_large();
        outcome.payload = error.json;
        outcome.error_type = error.type;
        reply = json(
            413,
            error_document(
                fmt::format("Exceeded maximum allowed payload size ({} bytes).", kPayloadBytesMax),
                "RequestEntityTooLarge"
            )
        );
    } else {
        outcome.payload = body;
        if (is_error) {
            outcome.kind = RuntimeOutcome::Kind::Error;
            outcome.error_type =
                kept_error_type(head.headers.get("Lambda-Runtime-Function-Error-Type"));
        }
    }
    last_request_id_ = request_id;
    queue_.pop_front();
    state_ = State::ResponseSent;
    return {std::move(reply), std::move(outcome)};
}

RuntimeReply RuntimeApiSession::init_error(const RequestHead& head, std::string_view body) {
    if (state_ != State::Started) {
        return {forbidden("InitError"), {}};
    }
    state_ = State::InitError;
    RuntimeOutcome outcome;
    outcome.kind = RuntimeOutcome::Kind::InitError;
    outcome.payload = body.substr(0, kPayloadBytesMax);
    outcome.error_type = kept_error_type(head.headers.get("Lambda-Runtime-Function-Error-Type"));
    return {accepted(), std::move(outcome)};
}

Response RuntimeApiSession::forbidden(std::string_view to) const {
    std::string_view from;
    switch (state_) {
    case State::Started:
        from = "Started";
        break;
    case State::InitError:
        from = "InitError";
        break;
    case State::Ready:
        from = "Ready";
        break;
    case State::Running:
        from = "Running";
        break;
    case State::ResponseSent:
        from = "ResponseSent";
        break;
    }
    return json(
        403,
        error_document(
            fmt::format(
                "State transition from {} to {} failed for runtime. Error: State transition is "
                "not allowed",
                from,
                to
            ),
            "InvalidStateTransition"
        )
    );
}

} // namespace benchtop::functions
