// The Runtime API as a runtime's process meets it, on real sockets.
#include "emulator/net/runtime_api_server.hpp"
#include "tests/catch.hpp"
#include "tests/wire/wire.hpp"

#include <future>

using namespace benchtop;
using namespace benchtop::wire;

namespace {

const std::string kNext =
    "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";

std::string post(const std::string& path, const std::string& body, const std::string& more = "") {
    return "POST /2018-06-01/runtime/" + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" + more +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

functions::RuntimeEvent event(const std::string& id) {
    functions::RuntimeEvent made;
    made.request_id = id;
    made.payload = "{\"id\": \"" + id + "\"}";
    made.invoked_function_arn = "arn:aws:lambda:us-east-2:111122223333:function:f";
    made.trace_id = "Root=1-00000000-000000000000000000000000;Parent=0000000000000000;Sampled=0";
    made.deadline = from_epoch_ms(1'771'633'080'123);
    return made;
}

// A server whose outcomes can be waited for one by one.
struct Api {
    std::promise<functions::RuntimeOutcome> outcome;
    std::unique_ptr<net::RuntimeApiServer> server;

    Api() {
        auto opened = net::RuntimeApiServer::open([this](functions::RuntimeOutcome made) {
            outcome.set_value(std::move(made));
        });
        REQUIRE(opened.has_value());
        server = *std::move(opened);
    }

    functions::RuntimeOutcome next_outcome() {
        functions::RuntimeOutcome made = outcome.get_future().get();
        outcome = {};
        return made;
    }
};

} // namespace

TEST_CASE("one connection carries events out and results in", "[wire][runtime-api]") {
    Api api;
    Wire runtime(api.server->port());
    runtime.send("GET /2018-06-01/ping HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    CHECK(runtime.receive().body == "pong");
    for (const std::string id : {"id-1", "id-2"}) {
        runtime.send(kNext);
        api.server->submit(event(id));
        const Answer answer = runtime.receive();
        CHECK(answer.status() == 200);
        CHECK(answer.header("Content-Type") == "application/json");
        CHECK(answer.header("Lambda-Runtime-Aws-Request-Id") == id);
        CHECK(answer.header("Lambda-Runtime-Deadline-Ms") == "1771633080123");
        CHECK(answer.body == "{\"id\": \"" + id + "\"}");
        runtime.send(post("invocation/" + id + "/response", "\"done\""));
        const Answer taken = runtime.receive();
        CHECK(taken.status() == 202);
        CHECK(taken.body == "{\"status\":\"OK\"}\n");
        const auto outcome = api.next_outcome();
        CHECK(outcome.kind == functions::RuntimeOutcome::Kind::Response);
        CHECK(outcome.request_id == id);
        CHECK(outcome.payload == "\"done\"");
    }
}

TEST_CASE("an event goes to the connection that waits now", "[wire][runtime-api]") {
    Api api;
    {
        Wire gone(api.server->port());
        gone.send(kNext);
    }
    Wire older(api.server->port());
    older.send(kNext);
    Wire newer(api.server->port());
    newer.send(kNext);
    CHECK(older.closed()); // superseded
    api.server->submit(event("id-1"));
    CHECK(newer.receive().header("Lambda-Runtime-Aws-Request-Id") == "id-1");
}

TEST_CASE("a payload over the limit is refused, a large one is continued", "[wire][runtime-api]") {
    Api api;
    Wire runtime(api.server->port());
    api.server->submit(event("id-1"));
    runtime.send(kNext);
    CHECK(runtime.receive().status() == 200);
    runtime.send(post("invocation/id-1/response", std::string(6 * 1024 * 1024 + 101, 'x')));
    const Answer refused = runtime.receive();
    CHECK(refused.status() == 413);
    CHECK(
        refused.body.find("Exceeded maximum allowed payload size (6291556 bytes).") !=
        std::string::npos
    );
    CHECK(api.next_outcome().kind == functions::RuntimeOutcome::Kind::TooLarge);

    api.server->submit(event("id-2"));
    runtime.send(kNext);
    CHECK(runtime.receive().status() == 200);
    const std::string large(6 * 1024 * 1024 + 100, 'y');
    const std::string whole = post("invocation/id-2/response", large, "Expect: 100-continue\r\n");
    const std::string head = whole.substr(0, whole.find("\r\n\r\n") + 4);
    runtime.send(head);
    CHECK(runtime.receive().status() == 100);
    runtime.send(large);
    CHECK(runtime.receive().status() == 202);
    CHECK(api.next_outcome().payload == large);
}

TEST_CASE("what is no HTTP closes the connection and harms no other", "[wire][runtime-api]") {
    Api api;
    Wire runtime(api.server->port());
    runtime.send(kNext);
    for (const std::string& bad :
         {std::string("nonsense\r\n\r\n"),
          "GET / HTTP/1.1\r\nx: " + std::string(200'000, 'a'),
          post("invocation/x/response", "", "Transfer-Encoding: chunked\r\n")}) {
        Wire wire(api.server->port());
        wire.send(bad);
        CHECK_FALSE(wire.receive().complete);
    }
    api.server->submit(event("id-1"));
    CHECK(runtime.receive().header("Lambda-Runtime-Aws-Request-Id") == "id-1");
    runtime.send(post(
        "invocation/id-1/error",
        R"({"errorMessage":"m","errorType":"E"})",
        "Lambda-Runtime-Function-Error-Type: Runtime.Broken\r\n"
    ));
    CHECK(runtime.receive().status() == 202);
    const auto outcome = api.next_outcome();
    CHECK(outcome.kind == functions::RuntimeOutcome::Kind::Error);
    CHECK(outcome.error_type == "Runtime.Broken");
}
