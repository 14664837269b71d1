// Goal: a runtime process sees the Runtime API of Lambda. Method: requests one by one, every state.
#include "emulator/functions/runtime_api.hpp"
#include "tests/catch.hpp"

namespace benchtop::functions {
namespace {

RequestHead request(std::string_view method, std::string_view path) {
    RequestHead head;
    head.method = method;
    head.target = "/2018-06-01" + std::string(path);
    return head;
}

RuntimeEvent event(std::string_view id) {
    RuntimeEvent made;
    made.request_id = id;
    made.payload = "{\"n\": 1}";
    made.invoked_function_arn = "arn:aws:lambda:us-east-2:111122223333:function:f";
    made.trace_id = "Root=1-00000000-000000000000000000000000;Parent=0000000000000000;Sampled=0";
    made.deadline = from_epoch_ms(1'771'633'080'123);
    return made;
}

std::string text(const RuntimeReply& reply) {
    const auto* response = std::get_if<Response>(&reply.reply);
    return response == nullptr
               ? "parked"
               : std::to_string(response->status) + " " + std::get<std::string>(response->body);
}

struct Api {
    RuntimeReply call(std::string_view method, std::string_view path, std::string_view body = "") {
        return session.handle(request(method, path), body);
    }

    RuntimeApiSession session;
};

constexpr std::string_view kNext = "/runtime/invocation/next";
const std::string kAccepted = "202 {\"status\":\"OK\"}\n";
const std::string kBadId =
    R"(400 {"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"})";

std::string forbidden(std::string_view from, std::string_view to) {
    return R"(403 {"errorMessage":"State transition from )" + std::string(from) + " to " +
           std::string(to) +
           R"( failed for runtime. Error: State transition is not allowed","errorType":"InvalidStateTransition"})";
}

} // namespace

TEST_CASE("next waits for an event and carries its headers exactly", "[runtime-api]") {
    Api api;
    CHECK(text(api.call("GET", kNext)) == "parked");
    const auto response = api.session.submit(event("id-1"));
    REQUIRE(response.has_value());
    CHECK(std::get<std::string>(response->body) == "{\"n\": 1}");
    const auto& headers = response->headers;
    CHECK(headers.get("Content-Type") == "application/json");
    CHECK(headers.get("Lambda-Runtime-Aws-Request-Id") == "id-1");
    CHECK(headers.get("Lambda-Runtime-Deadline-Ms") == "1771633080123");
    CHECK(
        headers.get("Lambda-Runtime-Invoked-Function-Arn") ==
        "arn:aws:lambda:us-east-2:111122223333:function:f"
    );
    CHECK(headers.get("Lambda-Runtime-Trace-Id").starts_with("Root=1-"));
    CHECK_FALSE(headers.has("Lambda-Runtime-Client-Context"));
    CHECK(headers.entries().size() == 5);
}

TEST_CASE("events are answered one at a time, in order", "[runtime-api]") {
    Api api;
    CHECK_FALSE(api.session.submit(event("id-1")).has_value());
    CHECK_FALSE(api.session.submit(event("id-2")).has_value());
    CHECK(text(api.call("GET", kNext)) == "200 {\"n\": 1}");
    const auto done = api.call("POST", "/runtime/invocation/id-1/response", "\"yes\"");
    CHECK(text(done) == kAccepted);
    REQUIRE(done.outcome.has_value());
    CHECK(done.outcome->kind == RuntimeOutcome::Kind::Response);
    CHECK(done.outcome->request_id == "id-1");
    CHECK(done.outcome->payload == "\"yes\"");
    const auto second = api.call("GET", kNext);
    CHECK(std::get<Response>(second.reply).headers.get("Lambda-Runtime-Aws-Request-Id") == "id-2");
    api.call("POST", "/runtime/invocation/id-2/response");
    CHECK(api.session.is_free());
    CHECK(text(api.call("GET", kNext)) == "parked");
}

TEST_CASE("next during an open event delivers it again", "[runtime-api]") {
    Api api;
    api.session.submit(event("id-1"));
    api.call("GET", kNext);
    const auto again = api.call("GET", kNext);
    CHECK(std::get<Response>(again.reply).headers.get("Lambda-Runtime-Aws-Request-Id") == "id-1");
}

TEST_CASE("an error is forwarded verbatim with the type Lambda keeps", "[runtime-api]") {
    Api api;
    api.session.submit(event("id-1"));
    api.call("GET", kNext);
    RequestHead head = request("POST", "/runtime/invocation/id-1/error");
    head.headers.add("Lambda-Runtime-Function-Error-Type", "Function.MyError");
    const auto reply = api.session.handle(head, "not even json");
    CHECK(text(reply) == kAccepted);
    CHECK(reply.outcome->kind == RuntimeOutcome::Kind::Error);
    CHECK(reply.outcome->payload == "not even json");
    CHECK(reply.outcome->error_type == "Function.MyError");
    CHECK(kept_error_type("Runtime.ImportModuleError") == "Runtime.ImportModuleError");
    CHECK(kept_error_type("my Runtime.Xy") == "my Runtime.Xy");
    CHECK(kept_error_type("Function.oops") == "Function.Unknown");
    CHECK(kept_error_type("ValueError") == "Runtime.Unknown");
    CHECK(kept_error_type("") == "Runtime.Unknown");
}

TEST_CASE("transitions that Lambda does not allow are refused by name", "[runtime-api]") {
    Api api;
    const std::string response = "/runtime/invocation/id-1/response";
    const std::string error = "/runtime/invocation/id-1/error";
    SECTION("nothing invoked yet") {
        CHECK(text(api.call("POST", response)) == kBadId);
        CHECK(text(api.call("POST", "/runtime/invocation//response")) == kBadId);
    }
    SECTION("an answer before next") {
        api.session.submit(event("id-1"));
        CHECK(text(api.call("POST", response)) == forbidden("Started", "InvocationResponse"));
        CHECK(text(api.call("POST", error)) == forbidden("Started", "InvocationErrorResponse"));
    }
    SECTION("the wrong id") {
        api.session.submit(event("id-1"));
        api.call("GET", kNext);
        CHECK(text(api.call("POST", "/runtime/invocation/id-2/response")) == kBadId);
    }
    SECTION("a second answer") {
        api.session.submit(event("id-1"));
        api.call("GET", kNext);
        api.call("POST", response);
        CHECK(text(api.call("POST", response)) == forbidden("ResponseSent", "InvocationResponse"));
        CHECK(
            text(api.call("POST", error)) == forbidden("ResponseSent", "InvocationErrorResponse")
        );
    }
    SECTION("init/error after next") {
        api.call("GET", kNext);
        CHECK(text(api.call("POST", "/runtime/init/error")) == forbidden("Ready", "InitError"));
        api.session.submit(event("id-1"));
        CHECK(text(api.call("POST", "/runtime/init/error")) == forbidden("Running", "InitError"));
    }
    SECTION("anything after init/error") {
        const auto reply = api.call("POST", "/runtime/init/error", "{}");
        CHECK(text(reply) == kAccepted);
        CHECK(reply.outcome->kind == RuntimeOutcome::Kind::InitError);
        CHECK(text(api.call("GET", kNext)) == forbidden("InitError", "Ready"));
        CHECK(text(api.call("POST", "/runtime/init/error")) == forbidden("InitError", "InitError"));
    }
}

TEST_CASE("a body over the limit ends the event as too large", "[runtime-api]") {
    Api api;
    api.session.submit(event("id-1"));
    api.call("GET", kNext);
    const auto reply =
        api.call("POST", "/runtime/invocation/id-1/response", std::string(6'291'557, 'x'));
    CHECK(
        text(reply) ==
        R"(413 {"errorMessage":"Exceeded maximum allowed payload size (6291556 bytes).","errorType":"RequestEntityTooLarge"})"
    );
    CHECK(reply.outcome->kind == RuntimeOutcome::Kind::TooLarge);
    CHECK(reply.outcome->error_type == "Function.ResponseSizeTooLarge");
}

TEST_CASE(
    "an event submitted after the connection was lost waits for the next next", "[runtime-api]"
) {
    Api api;
    api.call("GET", kNext);
    api.session.connection_lost();
    CHECK_FALSE(api.session.submit(event("id-1")).has_value());
    CHECK(text(api.call("GET", kNext)) == "200 {\"n\": 1}");
}

TEST_CASE("ping answers, unknown paths and methods do not", "[runtime-api]") {
    Api api;
    CHECK(text(api.call("GET", "/ping")) == "200 pong");
    CHECK(text(api.call("GET", "/runtime/other")) == "404 404 page not found\n");
    CHECK(text(api.call("POST", kNext)) == "405 ");
    CHECK(text(api.call("GET", "/runtime/invocation/id-1/response")) == "405 ");
}

} // namespace benchtop::functions
