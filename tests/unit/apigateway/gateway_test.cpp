#include "emulator/apigateway/gateway.hpp"
#include "tests/catch.hpp"
#include "tests/unit/apigateway/lab_api.hpp"

using namespace benchtop;
using namespace benchtop::apigateway;

namespace {

CountingRandom random_source;

std::variant<Plan, Refusal> planned(ApiModel model, const RequestHead& head) {
    return plan(api_of(std::move(model)), head, head.path(), kNow, random_source);
}

Plan lab_plan() {
    const RequestHead head = request("POST", "/prod/presign");
    auto result = planned(lab_model(), head);
    REQUIRE(std::holds_alternative<Plan>(result));
    return std::get<Plan>(std::move(result));
}

Refusal refused(ApiModel model, const RequestHead& head) {
    auto result = planned(std::move(model), head);
    REQUIRE(std::holds_alternative<Refusal>(result));
    return std::get<Refusal>(std::move(result));
}

std::string body_of(const Response& response) {
    return std::get<std::string>(response.body);
}

std::variant<InvokeRequest, Answer>
invoke(const Plan& plan, const RequestHead& head, std::string_view body) {
    return make_invoke(plan, head, body, kNow, random_source);
}

Answer finished(InvokeStatus status, std::string payload) {
    InvokeOutcome outcome;
    outcome.status = status;
    outcome.payload = std::move(payload);
    return finish(lab_plan(), outcome, kNow);
}

} // namespace

TEST_CASE("an API is named by AWS's host names and by the local ones", "[apigateway][address]") {
    CHECK(api_address("abc123def4.execute-api.us-east-2.amazonaws.com")->api_id == "abc123def4");
    CHECK(api_address("ABC123def4.execute-api.us-east-2.amazonaws.com:443")->region == "us-east-2");
    CHECK(api_address("abc123def4.execute-api.us-east-2.localhost:4566")->region == "us-east-2");
    const auto local = api_address("abc123def4.execute-api.localhost:4566");
    REQUIRE(local);
    CHECK(local->api_id == "abc123def4");
    CHECK_FALSE(local->region);
    CHECK_FALSE(api_address("localhost:4566"));
    CHECK_FALSE(api_address("bucket.s3.us-east-2.amazonaws.com"));
    CHECK_FALSE(api_address(".execute-api.localhost"));
    CHECK_FALSE(api_address("a.b.execute-api.localhost"));
    CHECK_FALSE(api_address("a.execute-api.us-east-2.amazonaws.com.example"));
    CHECK_FALSE(api_address("a.execute-api..amazonaws.com"));
}

TEST_CASE("an API is named by the path as well", "[apigateway][address]") {
    const auto address = path_address("/_aws/execute-api/abc123def4/prod/presign");
    REQUIRE(address);
    CHECK(address->api_id == "abc123def4");
    CHECK(address->path == "/prod/presign");
    CHECK(path_address("/_aws/execute-api/abc123def4")->path == "/");
    CHECK_FALSE(path_address("/prod/presign"));
}

TEST_CASE("an unknown API is Forbidden, not missing", "[apigateway]") {
    const Response response = unknown_api(request("POST", "/x"), kNow, random_source);
    CHECK(response.status == 403);
    CHECK(body_of(response) == R"({"message":"Forbidden"})");
    CHECK(response.headers.get("x-amzn-errortype") == "ForbiddenException");
    CHECK(response.headers.get("x-amzn-requestid").size() == 36);
}

TEST_CASE("a miss is 404 Not Found in 23 bytes, with the reason kept aside", "[apigateway]") {
    const Refusal refusal = refused(lab_model(), request("GET", "/prod/presign"));
    CHECK(refusal.response.status == 404);
    CHECK(body_of(refusal.response) == R"({"message":"Not Found"})");
    CHECK(body_of(refusal.response).size() == 23);
    CHECK(refusal.response.headers.get("content-type") == "application/json");
    CHECK(refusal.response.headers.get("apigw-requestid").size() == 16);
    CHECK(refusal.miss == Miss::MethodMismatch);
    CHECK(refusal.suggestion == "POST /prod/presign");
    const Refusal head = refused(lab_model(), request("HEAD", "/prod/presign"));
    CHECK(head.response.is_head);
    CHECK(head.response.head_length == 23u);
}

TEST_CASE("the limits of requests answer 413 and 431", "[apigateway]") {
    RequestHead large = request("POST", "/prod/presign");
    large.content_length = kBodyMax + 1;
    CHECK(refused(lab_model(), large).response.status == 413);
    CHECK(
        body_of(refused(lab_model(), large).response) == R"({"message":"Request Entity Too Large"})"
    );
    RequestHead wide = request("POST", "/prod/presign");
    wide.headers.add("x-wide", std::string(kHeaderBytesMax, 'x'));
    CHECK(refused(lab_model(), wide).response.status == 431);
    CHECK(too_large(lab_plan(), kNow).response.status == 413);
    // 5 MB fit into the body limit, but not as base64 into a function's event.
    const auto event =
        invoke(lab_plan(), request("POST", "/prod/presign"), std::string(5 * 1024 * 1024, 'x'));
    REQUIRE(std::holds_alternative<Answer>(event));
    CHECK(std::get<Answer>(event).response.status == 413);
}

TEST_CASE("the invocation names function, caller and the route's ARN", "[apigateway]") {
    const Plan plan = lab_plan();
    CHECK(plan.timeout == milliseconds(30000));
    auto result = invoke(plan, request("POST", "/prod/presign"), "");
    REQUIRE(std::holds_alternative<InvokeRequest>(result));
    const auto& sent = std::get<InvokeRequest>(result);
    CHECK(sent.function_arn == "arn:aws:lambda:us-east-2:111122223333:function:web-presign-lambda");
    CHECK(sent.caller.service == "apigateway.amazonaws.com");
    CHECK(
        sent.caller.source_arn ==
        "arn:aws:execute-api:us-east-2:111122223333:abc123def4/prod/POST/presign"
    );
    CHECK(sent.caller.source_account == "111122223333");
    CHECK(source_arn(plan) == sent.caller.source_arn);
    CHECK(function_arn(plan) == sent.function_arn);
    CHECK(sent.payload.find("\"requestId\":\"" + plan.request_id + "\"") != std::string::npos);
    CHECK(sent.trace_root.substr(0, 16) == "Root=1-67fd894d-");
    CHECK(sent.payload.find(sent.trace_root) != std::string::npos);
}

TEST_CASE("a variable's permission is asked for by the route's path", "[apigateway]") {
    const RequestHead head = request("GET", "/prod/pets/7");
    auto result = planned(model_with_routes({"ANY /pets/{id}"}), head);
    auto sent = invoke(std::get<Plan>(result), head, "");
    CHECK(
        std::get<InvokeRequest>(sent).caller.source_arn ==
        "arn:aws:execute-api:us-east-2:111122223333:abc123def4/prod/GET/pets/{id}"
    );
    auto fallback = planned(model_with_routes({"$default"}), head);
    sent = invoke(std::get<Plan>(fallback), head, "");
    CHECK(
        std::get<InvokeRequest>(sent).caller.source_arn ==
        "arn:aws:execute-api:us-east-2:111122223333:abc123def4/prod/$default"
    );
}

TEST_CASE("a caller is asked for the method and path it sent, not the route's", "[apigateway]") {
    const std::string api = "arn:aws:execute-api:us-east-2:111122223333:abc123def4/";
    const auto arn = [&](const std::string& method, const std::string& path, ApiModel model) {
        const RequestHead head = request(method, path);
        auto result = planned(std::move(model), head);
        REQUIRE(std::holds_alternative<Plan>(result));
        return request_arn(std::get<Plan>(result));
    };
    CHECK(
        arn("GET", "/prod/pets/a%20b", model_with_routes({"ANY /pets/{id}"})) ==
        api + "prod/GET/pets/a b"
    );
    CHECK(arn("PUT", "/prod/x/y", model_with_routes({"$default"})) == api + "prod/PUT/x/y");
    CHECK(arn("PUT", "/prod", model_with_routes({"$default"})) == api + "prod/PUT/");
    ApiModel open = model_with_routes({"ANY /{all+}"});
    open.stages[0].name = "$default";
    CHECK(arn("POST", "/prod/x", open) == api + "$default/POST/prod/x");
}

TEST_CASE("who comes by TLS under AWS's name gets AWS's names", "[apigateway]") {
    const auto real_names = [](bool secure, std::string_view host) {
        RequestHead head = request("POST", "/prod/presign");
        head.secure = secure;
        head.headers.set("Host", host);
        auto sent = invoke(lab_plan(), head, "");
        return std::get<InvokeRequest>(sent).real_names;
    };
    CHECK(real_names(true, "abc123def4.execute-api.us-east-2.amazonaws.com"));
    // The name alone only says which API is meant.
    CHECK_FALSE(real_names(false, "abc123def4.execute-api.us-east-2.amazonaws.com"));
    CHECK_FALSE(real_names(true, "abc123def4.execute-api.us-east-2.localhost:4566"));
}

TEST_CASE("the client's own trace is kept", "[apigateway]") {
    RequestHead head = request("POST", "/prod/presign");
    head.headers.add("X-Amzn-Trace-Id", "Root=1-67891233-abcdef012345678912345678;Sampled=1");
    auto sent = invoke(lab_plan(), head, "");
    CHECK(std::get<InvokeRequest>(sent).trace_root == "Root=1-67891233-abcdef012345678912345678");
}

TEST_CASE("an integration may be written as an invocation path or with variables", "[apigateway]") {
    const std::string arn = "arn:aws:lambda:us-east-2:111122223333:function:f";
    const std::pair<std::string, bool> cases[] = {
        {"arn:aws:apigateway:us-east-2:lambda:path/2015-03-31/functions/" + arn + "/invocations",
         true},
        {"arn:aws:lambda:us-east-2:111122223333:function:${stageVariables.fn}", true},
        {arn + ":$LATEST", true},
        {"arn:aws:lambda:us-east-2:111122223333:function:${stageVariables.other}", false},
        {arn + ":alias", true},
        {arn + ":alias:more", false},
        {"https://example.com/", false},
        {"arn:aws:apigateway:/functions/invocations", false},
        {"arn:aws:apigateway:us-east-2:lambda:path/2015-03-31/functions/invocations", false},
        {"arn:aws:apigateway:us-east-2:sqs:path/2015-03-31/functions/" + arn + "/invocations",
         false},
    };
    for (const auto& [uri, works] : cases) {
        ApiModel model = lab_model();
        model.current.integrations[0].uri = uri;
        model.stages[0].variables = {{"fn", "f"}};
        auto_deploy(model);
        const RequestHead head = request("POST", "/prod/presign");
        auto result = planned(model, head);
        auto sent = invoke(std::get<Plan>(result), head, "");
        REQUIRE(std::holds_alternative<InvokeRequest>(sent) == works);
        if (works) {
            // With its qualifier, which has a policy of its own.
            CHECK(std::get<InvokeRequest>(sent).function_arn.substr(0, arn.size()) == arn);
            CHECK(
                std::get<InvokeRequest>(sent).function_arn.ends_with(":alias") ==
                uri.ends_with(":alias")
            );
        } else {
            CHECK(std::get<Answer>(sent).response.status == 500);
            CHECK(std::get<Answer>(sent).fault == Fault::BadIntegration);
        }
    }
}

TEST_CASE("what goes wrong in the function is hidden behind a 500", "[apigateway]") {
    const std::pair<InvokeStatus, Fault> cases[] = {
        {InvokeStatus::FunctionError, Fault::FunctionFailed},
        {InvokeStatus::NotFound, Fault::FunctionMissing},
        {InvokeStatus::NotPermitted, Fault::NotPermitted},
        {InvokeStatus::Throttled, Fault::Throttled},
        {InvokeStatus::ServiceError, Fault::ServiceError},
    };
    for (const auto& [status, fault] : cases) {
        const Answer answer = finished(status, "secret");
        CHECK(answer.response.status == 500);
        CHECK(body_of(answer.response) == R"({"message":"Internal Server Error"})");
        CHECK(answer.fault == fault);
    }
    CHECK(finished(InvokeStatus::Ok, R"({"statusCode":0})").fault == Fault::MalformedAnswer);
    CHECK(finished(InvokeStatus::Ok, R"({"statusCode":201})").response.status == 201);
}

TEST_CASE("an integration that takes too long is Service Unavailable", "[apigateway]") {
    const Answer answer = finish(lab_plan(), std::nullopt, kNow);
    CHECK(answer.response.status == 503);
    CHECK(body_of(answer.response) == R"({"message":"Service Unavailable"})");
    CHECK(body_of(answer.response).size() == 33);
    CHECK(answer.fault == Fault::TimedOut);
}

TEST_CASE("the answer's Apigw-Requestid is the event's requestId", "[apigateway]") {
    const Plan plan = lab_plan();
    InvokeOutcome outcome;
    outcome.status = InvokeStatus::Ok;
    outcome.payload = "{}";
    CHECK(finish(plan, outcome, kNow).response.headers.get("apigw-requestid") == plan.request_id);
}

TEST_CASE(
    "configured CORS answers preflights and replaces the function's headers", "[apigateway][cors]"
) {
    ApiModel model = lab_model();
    model.cors =
        CorsConfiguration{true, {"content-type"}, {"POST", "GET"}, {"https://a.example"}, {}, 300};
    RequestHead preflight = request("OPTIONS", "/prod/nowhere");
    preflight.headers.add("Origin", "https://a.example");
    preflight.headers.add("Access-Control-Request-Method", "POST");
    const Response allowed = refused(model, preflight).response;
    CHECK(allowed.status == 204);
    CHECK(allowed.framing == Framing::None);
    CHECK(allowed.headers.get("access-control-allow-origin") == "https://a.example");
    CHECK(allowed.headers.get("access-control-allow-methods") == "POST,GET");
    CHECK(allowed.headers.get("access-control-max-age") == "300");
    preflight.headers.set("Origin", "https://b.example");
    const Response other = refused(model, preflight).response;
    CHECK(other.status == 204);
    CHECK_FALSE(other.headers.has("access-control-allow-origin"));

    RequestHead head = request("POST", "/prod/presign");
    head.headers.add("Origin", "https://a.example");
    auto result = planned(model, head);
    InvokeOutcome outcome;
    outcome.status = InvokeStatus::Ok;
    outcome.payload = R"({"statusCode":200,"headers":{"Access-Control-Allow-Origin":"*"}})";
    const Response response = finish(std::get<Plan>(result), outcome, kNow).response;
    CHECK(response.headers.joined("access-control-allow-origin") == "https://a.example");
    CHECK(response.headers.entries().back().first == "Apigw-Requestid");
}

TEST_CASE("without CORS configuration an OPTIONS request is like any other", "[apigateway][cors]") {
    RequestHead preflight = request("OPTIONS", "/prod/presign");
    preflight.headers.add("Origin", "https://a.example");
    preflight.headers.add("Access-Control-Request-Method", "POST");
    CHECK(refused(lab_model(), preflight).response.status == 404);
}
