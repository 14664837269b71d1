// API Gateway's data plane for one request, without I/O. The pipeline calls, in this order:
//
//     address  which API the Host header or the path names (api_address, path_address)
//     plan     Refusal (answer it) or Plan (read up to body_limit bytes of body)
//     make_invoke   the invocation, or a Response when the event grew too large
//     finish   the function's outcome as an answer
//
// Each client request leads to at most one synchronous invocation; nothing is ever retried.
#pragma once

#include "emulator/apigateway/errors.hpp"
#include "emulator/apigateway/routing.hpp"
#include "emulator/ports/invoker.hpp"
#include "emulator/ports/random.hpp"

#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace benchtop::apigateway {

struct ApiAddress {
    std::string api_id;                // lower case, not checked for existence
    std::optional<std::string> region; // named by the host
};

// ID.execute-api.REGION.amazonaws.com, ID.execute-api.REGION.localhost[:port] and
// ID.execute-api.localhost[:port]. nullopt: the host is not one of API Gateway's.
std::optional<ApiAddress> api_address(std::string_view host);

struct PathAddress {
    std::string_view api_id;
    std::string_view path; // what the API sees: "/STAGE/..."; both point into the argument
};

// "/_aws/execute-api/API_ID/STAGE/..."
std::optional<PathAddress> path_address(std::string_view path);

// 403 Forbidden: an API nobody has, or one of another region.
Response unknown_api(const RequestHead& head, UtcInstant now, Random& random);

// A request that will be given to a function.
struct Plan {
    std::shared_ptr<const Api> api; // keeps what `match` points to
    Match match;
    std::string path;       // raw, "/prod/presign"
    std::string method;     // as received
    std::string request_id; // Apigw-Requestid
    std::string origin;     // Origin header
    bool is_head = false;
    milliseconds timeout{};              // then finish(nullopt)
    std::uint64_t body_limit = kBodyMax; // more: answer too_large()
    std::string authorizer;              // requestContext.authorizer, JSON; "" for none
};

struct Refusal {
    Response response;
    std::optional<Miss> miss; // set on a 404
    std::string suggestion;   // see Routing
};

// `path` is head.path(), or PathAddress::path when the API was named by the path.
std::variant<Plan, Refusal> plan(
    std::shared_ptr<const Api> api,
    const RequestHead& head,
    std::string_view path,
    UtcInstant now,
    Random& random
);

// What became of the request, beside the answer: for log lines and hints, never for the client.
enum class Fault {
    None,
    TooLarge,
    BadIntegration, // target or URI does not lead to a function
    NotPermitted,   // the function's resource policy does not name this API
    FunctionMissing,
    FunctionFailed, // it threw, or its own timeout fired
    MalformedAnswer,
    Throttled,
    TimedOut, // the integration's timeout
    ServiceError,
    Unauthorized, // by the route's authorizer
};

struct Answer {
    Response response;
    Fault fault = Fault::None;
    std::string cause; // one sentence; "" without a fault
};

// Body over Plan::body_limit: 413.
Answer too_large(const Plan& plan, UtcInstant now);
// The route's limit is reached: 429. The route's authorizer refused: 401, 403; `www_authenticate`
// "" for none.
Answer throttled(const Plan& plan, UtcInstant now);
Answer unauthorized(
    const Plan& plan,
    int status,
    std::string_view www_authenticate,
    std::string cause,
    UtcInstant now
);

// InvokeRequest::request_id is left to the invoker.
std::variant<InvokeRequest, Answer> make_invoke(
    const Plan& plan, const RequestHead& head, std::string_view body, UtcInstant now, Random& random
);

// What the invocation is made with, for reports and hints. The function: nullopt when the
// integration leads to none. The source ARN is built on the ROUTE's path, not the request's.
std::optional<std::string> function_arn(const Plan& plan);
std::string source_arn(const Plan& plan);
// What a caller needs execute-api:Invoke on: .../API_ID/STAGE/METHOD/PATH, with the method and the
// decoded path of the request, without the stage (Developer Guide, "Control access for invoking an
// API"; the CDK's CallApiGatewayHttpApiEndpoint grants the path called, not the route's).
std::string request_arn(const Plan& plan);

// nullopt: the integration's timeout passed first.
Answer finish(const Plan& plan, std::optional<InvokeOutcome> outcome, UtcInstant now);

} // namespace benchtop::apigateway
