// Goal: an event meets the rules of Lambda whatever the plugin does. Method: plugins whose code is
// the test's lambda, a clock and deadlines that move when told, latches instead of waiting.
#include "tests/unit/functions/function_fixture.hpp"

#include <latch>
#include <set>

namespace benchtop::functions::test {
namespace {

constexpr std::string_view kStart =
    "START RequestId: 11111111-2222-4333-8444-555555555555 Version: $LATEST\n";
constexpr std::string_view kEnd = "END RequestId: 11111111-2222-4333-8444-555555555555\n";
constexpr std::string_view kReport = "REPORT RequestId: 11111111-2222-4333-8444-555555555555\t";

InvokeCaller s3_caller() {
    return {"s3.amazonaws.com", "arn:aws:s3:::student-upload-bucket", "111122223333"};
}

std::string trigger_policy(std::string_view source_arn) {
    return R"({"Version":"2012-10-17","Id":"default","Statement":[{"Sid":"s3","Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"lambda:InvokeFunction","Resource":")" +
           std::string(kArn) +
           R"(","Condition":{"StringEquals":{"AWS:SourceAccount":"111122223333"},"ArnLike":{"AWS:SourceArn":")" +
           std::string(source_arn) + R"("}}}]})";
}

benchtop_http_response
send(const benchtop_host& host, std::string_view method, std::string_view url) {
    benchtop_http_request request{};
    request.struct_size = sizeof request;
    request.method = {method.data(), method.size()};
    request.url = {url.data(), url.size()};
    benchtop_http_response response{};
    response.struct_size = sizeof response;
    host.http_send(host.self, &request, &response);
    return response;
}

} // namespace

TEST_CASE("an event reaches the handler byte for byte and its answer comes back", "[functions]") {
    World world(make_inline_executor());
    std::string seen;
    handle_code = [&](const auto&, const benchtop_invocation& invocation, benchtop_result& result) {
        seen = view(invocation.event);
        CHECK(view(invocation.request_id) == kRequestId);
        CHECK(view(invocation.function_name) == "worker-move-lambda");
        CHECK(view(invocation.invoked_function_arn) == kArn);
        CHECK(view(invocation.log_group_name) == "/aws/lambda/worker-move-lambda");
        CHECK(view(invocation.log_stream_name).substr(0, 20) == "2026/02/21/[$LATEST]");
        CHECK(view(invocation.trace_id).substr(0, 7) == "Root=1-");
        CHECK(invocation.memory_limit_mb == 128);
        CHECK(invocation.deadline_ms == 1'771'633'080'000);
        answer(result, "{\"ok\": true}");
    };
    const auto outcome = world.invoke("{ \"a\" :1}");
    CHECK(outcome.status == InvokeStatus::Ok);
    CHECK(outcome.payload == "{\"ok\": true}");
    CHECK(outcome.request_id == kRequestId);
    CHECK(seen == "{ \"a\" :1}");
}

TEST_CASE("the log has Lambda's lines, the first event's with its init", "[functions][log]") {
    World world(make_inline_executor());
    init_code = [&](const auto&, benchtop_result&) { world.clock.pass(microseconds(110'100)); };
    handle_code = [&](const benchtop_host& host, const auto&, benchtop_result& result) {
        host.log(host.self, "Moving: a -> b\n", 15);
        world.clock.pass(microseconds(3'010));
        answer(result, "null");
    };
    const auto first = world.invoke();
    const std::string cold = std::string(kStart) + "Moving: a -> b\n" + std::string(kEnd) +
                             std::string(kReport) +
                             "Duration: 3.01 ms\tBilled Duration: 114 ms\tMemory Size: 128 MB\t"
                             "Max Memory Used: 36 MB\tInit Duration: 110.10 ms\t\n";
    CHECK(world.log_text() == cold);
    CHECK(first.log_tail == cold);
    CHECK(first.duration == microseconds(3'010));
    const auto second = world.invoke();
    CHECK(
        second.log_tail == std::string(kStart) + "Moving: a -> b\n" + std::string(kEnd) +
                               std::string(kReport) +
                               "Duration: 3.01 ms\tBilled Duration: 4 ms\tMemory Size: 128 MB\t"
                               "Max Memory Used: 36 MB\t\n"
    );
}

TEST_CASE("a handler's error is passed on verbatim and its environment lives on", "[functions]") {
    World world(make_inline_executor());
    int inits = 0;
    init_code = [&](const auto&, benchtop_result&) { ++inits; };
    handle_code = [](const auto&, const auto&, benchtop_result& result) {
        fail(result, "{\"errorMessage\": \"no\", \"errorType\": \"E\"}", "E");
    };
    const auto outcome = world.invoke();
    CHECK(outcome.status == InvokeStatus::FunctionError);
    CHECK(outcome.payload == "{\"errorMessage\": \"no\", \"errorType\": \"E\"}");
    world.invoke();
    CHECK(inits == 1);
}

TEST_CASE("an init error is answered and the next event starts cold again", "[functions]") {
    World world(make_inline_executor());
    int inits = 0;
    init_code = [&](const auto&, benchtop_result& result) {
        ++inits;
        fail(result, "{\"errorMessage\":\"BUCKET_NAME is not set\"}", "Runtime.InitError");
    };
    const auto outcome = world.invoke();
    CHECK(outcome.status == InvokeStatus::FunctionError);
    CHECK(outcome.payload == "{\"errorMessage\":\"BUCKET_NAME is not set\"}");
    CHECK(
        world.log_text().find(
            "INIT_REPORT Init Duration: 0.00 ms\tPhase: init\tStatus: error\tError Type: "
            "Runtime.InitError\n"
            "INIT_REPORT Init Duration: 0.00 ms\tPhase: invoke\tStatus: error\tError Type: "
            "Runtime.InitError\nSTART RequestId: "
        ) == 0
    );
    CHECK(inits == 2); // in its phase, and once more for the event
    world.invoke();
    CHECK(inits == 4);
}

TEST_CASE("an init that succeeds the second time serves the event", "[functions]") {
    World world(make_inline_executor());
    int inits = 0;
    init_code = [&](const auto&, benchtop_result& result) {
        if (++inits == 1) {
            fail(result, "{}", "Runtime.InitError");
        }
    };
    const auto outcome = world.invoke();
    CHECK(outcome.status == InvokeStatus::Ok);
    CHECK(inits == 2);
    CHECK(outcome.log_tail.starts_with("START RequestId: "));
    world.invoke();
    CHECK(inits == 2);
}

TEST_CASE("plugins that break the seam become Runtime.ExitError", "[functions][hostile]") {
    World world(make_inline_executor());
    const int kind = GENERATE(0, 1, 2, 3);
    handle_code = [kind](const auto&, const auto&, benchtop_result& result) {
        switch (kind) {
        case 0:
            result.payload = {nullptr, 100};
            break;
        case 1:
            result.is_error = 1; // without a document
            break;
        case 2:
            result.struct_size = 3;
            break;
        default:
            throw std::runtime_error("across the seam");
        }
    };
    const auto outcome = world.invoke();
    CHECK(outcome.status == InvokeStatus::FunctionError);
    const std::string reason = kind == 3 ? "Runtime exited with error: signal: aborted"
                                         : "Runtime exited without providing a reason";
    CHECK(
        outcome.payload ==
        R"({"errorType":"Runtime.ExitError","errorMessage":"RequestId: 11111111-2222-4333-8444-555555555555 Error: )" +
            reason + "\"}"
    );
    CHECK(
        outcome.log_tail.find("\tStatus: error\tError Type: Runtime.ExitError\n") !=
        std::string::npos
    );
    CHECK(world.log.text().find("plugin test gave no usable answer") != std::string::npos);
    handle_code = [](const auto&, const auto&, benchtop_result& result) { answer(result, "1"); };
    CHECK(world.invoke().status == InvokeStatus::Ok);
}

TEST_CASE("an answer over 6 MB is refused, one byte less is not", "[functions][hostile]") {
    World world(make_inline_executor());
    const std::string big(6'291'557, 'x');
    std::size_t size = big.size();
    handle_code = [&](const auto&, const auto&, benchtop_result& result) {
        result.payload = {big.data(), size};
    };
    const auto refused = world.invoke();
    CHECK(refused.status == InvokeStatus::FunctionError);
    CHECK(
        refused.payload ==
        R"({"errorMessage":"Response payload size exceeded maximum allowed payload size (6291556 bytes).","errorType":"Function.ResponseSizeTooLarge"})"
    );
    --size;
    CHECK(world.invoke().payload.size() == size);
}

TEST_CASE("a plugin's result is released exactly once", "[functions]") {
    World world(make_inline_executor());
    static int released = 0;
    released = 0;
    handle_code = [](const auto&, const auto&, benchtop_result& result) {
        answer(result, "{}");
        result.release = [](benchtop_result*) { ++released; };
    };
    world.invoke();
    CHECK(released == 1);
}

TEST_CASE("the caller of a timed-out handler is answered while it still runs", "[functions]") {
    World world(make_thread_executor());
    std::latch running(1);
    std::promise<void> go_on;
    auto may_go_on = go_on.get_future().share();
    std::promise<std::string> late;
    handle_code = [&](const benchtop_host& host, const auto&, benchtop_result& result) {
        running.count_down();
        may_go_on.wait();
        host.log(host.self, "too late\n", 9);
        auto response = send(host, "GET", "http://localhost/x");
        late.set_value(std::to_string(response.status) + " " + std::string(view(response.error)));
        response.release(&response);
        answer(result, "{}");
    };
    auto future = world.start();
    running.wait();
    world.clock.pass(seconds(3));
    world.deadlines.fire_all();
    const auto outcome = future.get();
    CHECK(outcome.status == InvokeStatus::FunctionError);
    CHECK(
        outcome.payload ==
        R"({"errorType":"Sandbox.Timedout","errorMessage":"RequestId: 11111111-2222-4333-8444-555555555555 Error: Task timed out after 3.00 seconds"})"
    );
    go_on.set_value();
    CHECK(late.get_future().get() == "0 the event is over: Task timed out after 3.00 seconds");
    CHECK(world.transport.heads.empty());
    CHECK(
        world.log_text() ==
        std::string(kStart) + std::string(kEnd) +
            "2026-02-21T00:18:00.000Z 11111111-2222-4333-8444-555555555555 Task timed out after "
            "3.00 seconds\n\n" +
            std::string(kReport) +
            "Duration: 3000.00 ms\tBilled Duration: 3000 ms\tMemory Size: 128 MB\tMax Memory Used: "
            "36 MB\tInit Duration: 0.00 ms\tStatus: timeout\n"
    );
    handle_code = [](const auto&, const auto&, benchtop_result& result) { answer(result, "1"); };
    CHECK(world.invoke().log_tail.find("Init Duration") != std::string::npos);
}

TEST_CASE("without a timer an overrun is noticed when the handler returns", "[functions]") {
    World world(make_inline_executor());
    handle_code = [&](const auto&, const auto&, benchtop_result& result) {
        world.clock.pass(seconds(3));
        answer(result, "{}");
    };
    CHECK(world.invoke().payload.find("Sandbox.Timedout") != std::string::npos);
    handle_code = [&](const auto&, const auto&, benchtop_result& result) {
        world.clock.pass(seconds(3) - microseconds(1));
        answer(result, "{}");
    };
    CHECK(world.invoke().status == InvokeStatus::Ok);
}

TEST_CASE("an answered event leaves no deadline armed", "[functions]") {
    World world(make_thread_executor());
    world.invoke();
    CHECK(world.deadlines.armed() == 0);
    CHECK(world.deadlines.delays.back() == seconds(3));
}

TEST_CASE("events at the same time get an environment each, later ones reuse them", "[functions]") {
    World world(make_thread_executor());
    std::latch all_running(3);
    std::mutex mutex;
    std::set<std::string> streams;
    int inits = 0;
    init_code = [&](const auto&, benchtop_result&) {
        const std::lock_guard lock(mutex);
        ++inits;
    };
    handle_code = [&](const auto&, const benchtop_invocation& invocation, benchtop_result& result) {
        {
            const std::lock_guard lock(mutex);
            streams.insert(std::string(view(invocation.log_stream_name)));
        }
        all_running.arrive_and_wait();
        answer(result, "{}");
    };
    auto a = world.start();
    auto b = world.start();
    auto c = world.start();
    CHECK(a.get().status == InvokeStatus::Ok);
    CHECK(b.get().status == InvokeStatus::Ok);
    CHECK(c.get().status == InvokeStatus::Ok);
    CHECK(streams.size() == 3);
    handle_code = [&](const auto&, const auto&, benchtop_result& result) { answer(result, "{}"); };
    for (int i = 0; i < 5; ++i) {
        world.invoke();
    }
    CHECK(inits == 3);
}

TEST_CASE(
    "events beyond the environments wait, beyond the queue they are throttled", "[functions]"
) {
    InvokerOptions options;
    options.environments_max = 1;
    options.queue_max = 1;
    World world(make_thread_executor(), options);
    std::latch running(1);
    std::promise<void> go_on;
    auto may_go_on = go_on.get_future().share();
    handle_code = [&](const auto&, const benchtop_invocation& invocation, benchtop_result& result) {
        if (view(invocation.event) == "first") {
            running.count_down();
            may_go_on.wait();
        }
        answer(result, "{}");
    };
    auto first = world.start("first");
    running.wait();
    auto second = world.start();
    CHECK(world.invoke().status == InvokeStatus::Throttled);
    go_on.set_value();
    CHECK(first.get().status == InvokeStatus::Ok);
    CHECK(second.get().status == InvokeStatus::Ok);
}

TEST_CASE("a changed configuration starts cold with the new variables", "[functions]") {
    World world(make_inline_executor());
    std::vector<std::string> seen;
    int inits = 0;
    init_code = [&](const auto&, benchtop_result&) { ++inits; };
    handle_code = [&](const benchtop_host& host, const auto&, benchtop_result& result) {
        const char* value = host.getenv(host.self, "BUCKET_NAME");
        seen.emplace_back(value == nullptr ? "none" : value);
        answer(result, "{}");
    };
    world.invoke();
    world.function.environment = {{"BUCKET_NAME", "b"}};
    world.save();
    world.invoke();
    CHECK(seen == std::vector<std::string>{"none", "b"});
    CHECK(inits == 2);
}

TEST_CASE(
    "environments run with stored credentials of their role, renewed at half life", "[functions]"
) {
    World world(make_inline_executor());
    std::vector<std::string> ids;
    handle_code = [&](const benchtop_host& host, const auto&, benchtop_result& result) {
        ids.emplace_back(host.getenv(host.self, "AWS_ACCESS_KEY_ID"));
        answer(result, "{}");
    };
    world.invoke();
    std::optional<store::AccessKey> key;
    world.store->read([&](const store::ReadTx& tx) { key = tx.find_access_key(ids.at(0)); });
    REQUIRE(key.has_value());
    CHECK(key->access_key_id.substr(0, 4) == "ASIA");
    CHECK(key->kind == store::PrincipalKind::Role);
    CHECK(key->principal_name == "worker-role");
    CHECK(key->session_name == "worker-move-lambda");
    CHECK(key->lifetime == microseconds(std::chrono::hours(6)));
    world.clock.pass(std::chrono::hours(3));
    world.invoke();
    CHECK(ids.at(1) == ids.at(0));
    world.write([&](store::WriteTx& tx) { tx.add_advance({world.clock.now(), seconds(1)}); });
    world.clock.pass(microseconds(1));
    world.invoke();
    CHECK(ids.at(2) != ids.at(0));
}

TEST_CASE("a service must be let in by the function's policy", "[functions][policy]") {
    World world(make_inline_executor());
    CHECK(world.invoke("{}", s3_caller()).status == InvokeStatus::NotPermitted);
    world.function.policy = trigger_policy("arn:aws:s3:::student-upload-bucket");
    world.save();
    CHECK(world.invoke("{}", s3_caller()).status == InvokeStatus::Ok);
    SECTION("another bucket") {
        InvokeCaller other = s3_caller();
        other.source_arn = "arn:aws:s3:::other";
        CHECK(world.invoke("{}", other).status == InvokeStatus::NotPermitted);
    }
    SECTION("another account") {
        InvokeCaller other = s3_caller();
        other.source_account = "444455556666";
        CHECK(world.invoke("{}", other).status == InvokeStatus::NotPermitted);
    }
    SECTION("another service") {
        InvokeCaller other = s3_caller();
        other.service = "apigateway.amazonaws.com";
        CHECK(world.invoke("{}", other).status == InvokeStatus::NotPermitted);
    }
    SECTION("a source ARN with /* is the classic mistake") {
        world.function.policy = trigger_policy("arn:aws:s3:::student-upload-bucket/*");
        world.save();
        CHECK(world.invoke("{}", s3_caller()).status == InvokeStatus::NotPermitted);
    }
}

TEST_CASE("what cannot run says why", "[functions]") {
    World world(make_inline_executor());
    SECTION("another function") {
        InvokeRequest request;
        request.function_arn = "arn:aws:lambda:us-east-2:111122223333:function:none";
        std::optional<InvokeOutcome> outcome;
        world.invoker->invoke(std::move(request), [&](InvokeOutcome o) { outcome = std::move(o); });
        REQUIRE(outcome.has_value());
        CHECK(outcome->status == InvokeStatus::NotFound);
        CHECK(outcome->request_id.size() == 36);
    }
    SECTION("a runtime that is not built") {
        world.function.code_kind = "zip";
        world.function.runtime = "python3.11";
        world.save();
        const auto outcome = world.invoke();
        CHECK(outcome.status == InvokeStatus::ServiceError);
        CHECK(outcome.payload.find("its runtime is python3.11") != std::string::npos);
    }
    SECTION("a plugin that is not loaded") {
        world.function.code = "absent";
        world.save();
        CHECK(world.invoke().payload.find("no plugin named absent") != std::string::npos);
    }
    SECTION("a role that does not trust Lambda") {
        world.role.trust_policy =
            R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]})";
        world.save();
        CHECK(
            world.invoke().payload ==
            "The role defined for the function cannot be assumed by Lambda."
        );
    }
}

TEST_CASE("a handler's requests reach the pipeline and nothing else", "[functions][http]") {
    World world(make_inline_executor());
    world.transport.answer.status = 404;
    world.transport.answer.headers.add("x-amz-request-id", "R");
    world.transport.answer.body = std::string("<Error/>");
    std::string refused;
    handle_code = [&](const benchtop_host& host, const auto&, benchtop_result& result) {
        auto response =
            send(host, "GET", "https://b.s3.us-east-2.amazonaws.com/uploads/a%20b?versions");
        CHECK(response.status == 404);
        CHECK(view(response.body) == "<Error/>");
        CHECK(response.header_count == 2);
        response.release(&response);
        auto away = send(host, "GET", "https://example.com/");
        CHECK(away.status == 0);
        refused = view(away.error);
        away.release(&away);
        answer(result, "{}");
    };
    world.invoke();
    CHECK(refused == "example.com is not served by Benchtop, and nothing leaves it");
    REQUIRE(world.transport.heads.size() == 1);
    const RequestHead& head = world.transport.heads[0];
    CHECK(head.target == "/uploads/a%20b?versions");
    CHECK(head.host() == "b.s3.us-east-2.amazonaws.com");
    CHECK(head.secure);
    CHECK(world.transport.sources[0].request_id == kRequestId);
}

TEST_CASE("stop answers everybody and lets no handler reach a port", "[functions][stop]") {
    World world(make_thread_executor());
    std::latch running(1);
    std::promise<void> go_on;
    auto may_go_on = go_on.get_future().share();
    std::promise<std::string> late;
    handle_code = [&](const benchtop_host& host, const auto&, benchtop_result&) {
        running.count_down();
        may_go_on.wait();
        auto response = send(host, "GET", "http://localhost/x");
        late.set_value(std::string(view(response.error)));
        response.release(&response);
    };
    auto future = world.start();
    running.wait();
    world.invoker->stop();
    CHECK(future.get().status == InvokeStatus::ServiceError);
    go_on.set_value();
    CHECK(late.get_future().get() == "Benchtop is stopping");
    CHECK(world.invoke().status == InvokeStatus::ServiceError);
}

} // namespace benchtop::functions::test
