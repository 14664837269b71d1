// Goal: names, variables, limits and refusals of the room's small parts.
#include "emulator/functions/environment.hpp"
#include "emulator/functions/function_logs.hpp"
#include "emulator/functions/handler_http.hpp"
#include "emulator/functions/invocation_target.hpp"
#include "emulator/functions/log_format.hpp"
#include "emulator/functions/plugin.hpp"
#include "tests/catch.hpp"

namespace benchtop::functions {
namespace {

store::Function function() {
    store::Function made;
    made.account = "111122223333";
    made.region = "us-east-2";
    made.name = "web-presign-lambda";
    made.runtime = "provided.al2023";
    made.handler = "bootstrap";
    return made;
}

EnvironmentMap variables_of(const store::Function& made, std::string endpoint = "") {
    return make_environment(
        made,
        {.credentials = {"ASIAX", "secret", "token"},
         .log_stream_name = "2026/02/21/[$LATEST]0",
         .endpoint_url = std::move(endpoint)}
    );
}

Result<HandlerRequest> read(std::string_view method, std::string_view url) {
    benchtop_http_request request{};
    request.struct_size = sizeof request;
    request.method = {method.data(), method.size()};
    request.url = {url.data(), url.size()};
    return read_handler_request(request, 1000);
}

} // namespace

TEST_CASE("a custom runtime sees the recorded variables and no others", "[functions][env]") {
    const EnvironmentMap variables = variables_of(function());
    CHECK_FALSE(variables.contains("AWS_EXECUTION_ENV"));
    CHECK_FALSE(variables.contains("PYTHONPATH"));
    CHECK_FALSE(variables.contains("AWS_ENDPOINT_URL"));
    CHECK(variables.at("AWS_REGION") == "us-east-2");
    CHECK(variables.at("AWS_DEFAULT_REGION") == "us-east-2");
    CHECK(variables.at("AWS_LAMBDA_FUNCTION_MEMORY_SIZE") == "128");
    CHECK(variables.at("AWS_LAMBDA_LOG_GROUP_NAME") == "/aws/lambda/web-presign-lambda");
    CHECK(variables.at("AWS_SESSION_TOKEN") == "token");
    CHECK(variables.at("TZ") == ":UTC");
    CHECK(variables.size() == 23);
}

TEST_CASE("Python has its own variables", "[functions][env]") {
    auto made = function();
    made.runtime = "python3.12";
    const EnvironmentMap variables = variables_of(made);
    CHECK(variables.at("AWS_EXECUTION_ENV") == "AWS_Lambda_python3.12");
    CHECK(variables.at("PYTHONPATH") == "/var/runtime");
    CHECK(variables.size() == 28);
}

TEST_CASE(
    "a function's variables win over defaults but not over reserved ones", "[functions][env]"
) {
    auto made = function();
    made.environment = {
        {"TZ", "Europe/Oslo"}, {"AWS_REGION", "eu-west-1"}, {"AWS_ENDPOINT_URL", "http://own"}};
    const EnvironmentMap variables = variables_of(made, "http://127.0.0.1:4566");
    CHECK(variables.at("TZ") == "Europe/Oslo");
    CHECK(variables.at("AWS_REGION") == "us-east-2");
    CHECK(variables.at("AWS_ENDPOINT_URL") == "http://own");
    CHECK(
        variables_of(function(), "http://127.0.0.1:4566").at("AWS_ENDPOINT_URL") ==
        "http://127.0.0.1:4566"
    );
}

TEST_CASE("a one-letter function's session name gets its suffix", "[functions]") {
    CHECK(role_session_name("f") == "f@lambda_function");
    CHECK(role_session_name("fn") == "fn");
}

TEST_CASE("ARNs of functions and roles are taken apart", "[functions]") {
    const auto arn = parse_function_arn("arn:aws:lambda:us-east-2:111122223333:function:f:$LATEST");
    REQUIRE(arn.has_value());
    CHECK(arn->name == "f");
    CHECK(arn->account == "111122223333");
    CHECK_FALSE(parse_function_arn("arn:aws:lambda:us-east-2:111122223333").has_value());
    CHECK_FALSE(parse_function_arn("").has_value());
    CHECK(parse_role_arn("arn:aws:iam::111122223333:role/service-role/r")->name == "r");
    CHECK_FALSE(parse_role_arn("arn:aws:iam::111122223333:user/r").has_value());
}

TEST_CASE("log lines are kept in order, split, numbered and bounded", "[functions][log]") {
    FunctionLogs logs;
    logs.append({"f", "", "", ""}, from_epoch_seconds(1), "a\nb\n");
    logs.append({"g", "", "", ""}, from_epoch_seconds(1), "other\n");
    logs.append({"f", "", "", ""}, from_epoch_seconds(2), "c");
    const auto lines = logs.read("f", 1, 10);
    REQUIRE(lines.size() == 2);
    CHECK(lines[0].text == "b");
    CHECK(lines[1].text == "c");
    CHECK(lines[1].number == 4);
    CHECK(logs.read("f", 0, 1).size() == 1);
    CHECK(logs.read("none", 0, 10).empty());
    for (std::size_t i = 0; i < FunctionLogs::kLinesMax; ++i) {
        logs.append({"f", "", "", ""}, from_epoch_seconds(3), "x");
    }
    CHECK(logs.read("f", 0, 20'000).size() == FunctionLogs::kLinesMax);
    CHECK(logs.read("f", 0, 1)[0].text == "x");
}

TEST_CASE("only Benchtop's own hosts are served", "[functions][http]") {
    CHECK(is_served_host("s3.us-east-2.amazonaws.com", ""));
    CHECK(is_served_host("B.S3.AMAZONAWS.COM:443", ""));
    CHECK(is_served_host("127.0.0.1:4566", ""));
    CHECK(is_served_host("b.s3.us-east-2.localhost:4566", ""));
    CHECK(is_served_host("[::1]:4566", ""));
    CHECK(is_served_host("lab.example:4566", "http://lab.example:4566"));
    CHECK_FALSE(is_served_host("example.com", ""));
    CHECK_FALSE(is_served_host("amazonaws.com.example.com", ""));
    CHECK_FALSE(is_served_host("evilamazonaws.com", ""));
    CHECK_FALSE(is_served_host("", "http://"));
}

TEST_CASE("malformed requests of a handler are refused", "[functions][hostile]") {
    CHECK(read("GET", "http://localhost?acl")->head.target == "/?acl");
    CHECK(read("GET", "http://localhost/a#frag")->head.target == "/a");
    CHECK(read("PUT", "http://localhost/a")->head.content_length == 0u);
    CHECK_FALSE(read("GET", "ftp://localhost/").has_value());
    CHECK_FALSE(read("GET", "http:///a").has_value());
    CHECK_FALSE(read("GET", "http://u:p@localhost/").has_value());
    CHECK_FALSE(read("GET", "http://localhost/a b").has_value());
    CHECK_FALSE(read("GET", "http://localhost/\r\nX: y").has_value());
    CHECK_FALSE(read("GE T", "http://localhost/").has_value());
    CHECK_FALSE(read("", "http://localhost/").has_value());

    const std::string_view name = "X-A";
    const std::string_view value = "b\r\nHost: c";
    const benchtop_header header{{name.data(), name.size()}, {value.data(), value.size()}};
    benchtop_http_request request{};
    request.struct_size = sizeof request;
    request.method = {"GET", 3};
    request.url = {"http://localhost/", 17};
    request.headers = &header;
    request.header_count = 1;
    CHECK_FALSE(read_handler_request(request, 1000).has_value());
    request.header_count = 0;
    const std::string big(1001, 'x');
    request.body = {big.data(), big.size()};
    CHECK_FALSE(read_handler_request(request, 1000).has_value());
    CHECK(read_handler_request(request, 1001).has_value());
    request.struct_size = 8;
    CHECK_FALSE(read_handler_request(request, 1000).has_value());
}

TEST_CASE("plugins of another ABI are refused in a sentence", "[functions][plugin]") {
    benchtop_plugin table{
        BENCHTOP_PLUGIN_ABI_VERSION,
        sizeof(benchtop_plugin),
        "p",
        [](const benchtop_host*, const benchtop_invocation*, benchtop_result*) {},
        nullptr};
    REQUIRE(Plugin::adopt(&table).has_value());
    CHECK_FALSE(Plugin::adopt(&table).value()->has_init());
    CHECK_FALSE(Plugin::adopt(nullptr).has_value());
    table.struct_size = 8;
    CHECK_FALSE(Plugin::adopt(&table).has_value());
    table.struct_size = sizeof table;
    table.abi_version = 2;
    CHECK(
        Plugin::adopt(&table).error().message() ==
        "The plugin cannot be used: it speaks plugin ABI 2, this Benchtop speaks 1."
    );
    const auto missing = Plugin::load("/nowhere/none.so");
    REQUIRE_FALSE(missing.has_value());
    CHECK(missing.error().message().find("Plugin /nowhere/none.so cannot be used: ") == 0);
}

} // namespace benchtop::functions
