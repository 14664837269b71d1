#include "emulator/apigateway/payload_v1.hpp"
#include "emulator/apigateway/payload_v2.hpp"
#include "emulator/core/utf8.hpp"
#include "tests/catch.hpp"
#include "tests/unit/apigateway/lab_api.hpp"

using namespace benchtop;
using namespace benchtop::apigateway;

namespace {

constexpr std::string_view kTrace = "Root=1-67fd88fd-72d8964e1fed2bce3edd5aac";

template <class Make>
std::string
event(Make make, const ApiModel& model, const RequestHead& head, std::string_view body) {
    const auto api = api_of(model);
    const Routing routing = route(api->model, head.method, head.path());
    REQUIRE(routing.match);
    return make(EventInput{
        *api, *routing.match, head, head.path(), body, "JCJXri3_PHcEP_Q=", kTrace, kNow});
}

std::string event_v2(const RequestHead& head, std::string_view body) {
    return event(make_event_v2, lab_model(), head, body);
}

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

RequestHead post() {
    return request("POST", "/prod/presign");
}

} // namespace

TEST_CASE("the lab's request gives the recorded 2.0 event, byte for byte", "[apigateway][event]") {
    // Member order and shapes as in recorded events of HTTP APIs.
    CHECK(
        event_v2(post(), "") ==
        R"({"version":"2.0","routeKey":"POST /presign","rawPath":"/prod/presign","rawQueryString":"","headers":{"accept":"*/*","content-length":"0","host":"abc123def4.execute-api.us-east-2.amazonaws.com","user-agent":"curl/8.4.0","x-amzn-trace-id":"Root=1-67fd88fd-72d8964e1fed2bce3edd5aac","x-forwarded-for":"203.0.113.9","x-forwarded-port":"443","x-forwarded-proto":"https"},"requestContext":{"accountId":"111122223333","apiId":"abc123def4","domainName":"abc123def4.execute-api.us-east-2.amazonaws.com","domainPrefix":"abc123def4","http":{"method":"POST","path":"/prod/presign","protocol":"HTTP/1.1","sourceIp":"203.0.113.9","userAgent":"curl/8.4.0"},"requestId":"JCJXri3_PHcEP_Q=","routeKey":"POST /presign","stage":"prod","time":"14/Apr/2025:22:16:45 +0000","timeEpoch":1744669005123},"isBase64Encoded":false})"
    );
}

TEST_CASE("a body is text only for textual content types", "[apigateway][event]") {
    RequestHead form = post();
    form.headers.add("Content-Type", "application/x-www-form-urlencoded");
    CHECK(contains(event_v2(form, "{}"), R"("body":"e30=","isBase64Encoded":true})"));
    CHECK(contains(event_v2(post(), "{}"), R"("body":"e30=","isBase64Encoded":true})"));
    for (const char* const type :
         {"application/json", "Application/JSON; charset=utf-8", "text/csv", "application/xml"}) {
        RequestHead text = post();
        text.headers.add("Content-Type", type);
        CHECK(contains(
            event_v2(text, "{\"a\":1}\n"), R"("body":"{\"a\":1}\n","isBase64Encoded":false})"
        ));
    }
    RequestHead empty = post();
    empty.headers.add("Content-Type", "application/octet-stream");
    CHECK(contains(event_v2(empty, ""), R"(},"isBase64Encoded":false})"));
}

TEST_CASE("the query is given raw and decoded, repeats joined", "[apigateway][event]") {
    const std::string text = event_v2(request("POST", "/prod/presign?x=1&x=2&y=a%20b&k&k2="), "");
    CHECK(contains(text, R"("rawQueryString":"x=1&x=2&y=a%20b&k&k2=")"));
    CHECK(contains(
        text, R"(},"queryStringParameters":{"x":"1,2","y":"a b","k":"","k2":""},"requestContext")"
    ));
}

TEST_CASE("cookies leave the headers", "[apigateway][event]") {
    RequestHead head = post();
    head.headers.add("Cookie", "a=1; b=2");
    head.headers.add("cookie", "c=3");
    const std::string text = event_v2(head, "");
    CHECK(contains(text, R"("rawQueryString":"","cookies":["a=1","b=2","c=3"],"headers")"));
    CHECK_FALSE(contains(text, R"("cookie":)"));
}

TEST_CASE("repeated headers are joined, hop-by-hop ones removed", "[apigateway][event]") {
    RequestHead head = post();
    head.headers.add("X-A", "1");
    head.headers.add("x-a", "2");
    head.headers.add("X-Forwarded-For", "198.51.100.7");
    head.headers.add("X-Forwarded-Proto", "http");
    head.headers.add("Accept-Encoding", "gzip");
    for (const char* const name :
         {"Connection", "TE", "Upgrade", "Expect", "Proxy-Connection", "Transfer-Encoding"}) {
        head.headers.add(name, "gone");
    }
    head.headers.add("Content-Length", "999");
    const std::string text = event_v2(head, "abc");
    CHECK(contains(text, R"("x-a":"1,2")"));
    CHECK(contains(text, R"("x-forwarded-for":"198.51.100.7, 203.0.113.9")"));
    CHECK(contains(text, R"("x-forwarded-proto":"https")"));
    CHECK(contains(text, R"("content-length":"3")"));
    CHECK(contains(text, R"("accept-encoding":"gzip")"));
    CHECK_FALSE(contains(text, "gone"));
}

TEST_CASE("rawPath is decoded and parameters follow the context", "[apigateway][event]") {
    const ApiModel model = model_with_routes({"ANY /{proxy+}"});
    const std::string text = event(make_event_v2, model, request("GET", "/prod/presign%20x"), "");
    CHECK(contains(text, R"("rawPath":"/prod/presign x")"));
    CHECK(contains(text, R"("path":"/prod/presign x")"));
    CHECK(contains(text, R"("pathParameters":{"proxy":"presign x"},"isBase64Encoded":false})"));
}

TEST_CASE("bytes that are not UTF-8 still make a JSON event", "[apigateway][event]") {
    RequestHead head = request("POST", "/prod/presign?a=%FF");
    head.headers.add("X-Raw", "caf\xE9");
    const std::string text = event_v2(head, "");
    CHECK(contains(text, "\"x-raw\":\"caf\xEF\xBF\xBD\""));
    CHECK(contains(text, "{\"a\":\"\xEF\xBF\xBD\"}"));
    CHECK(utf8_text("\xE2\x82\xAC\xE2\x82") == "\xE2\x82\xAC\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST_CASE("stage variables come last and only when set", "[apigateway][event]") {
    ApiModel model = lab_model();
    model.stages[0].variables = {{"colour", "blue"}};
    CHECK(contains(
        event(make_event_v2, model, post(), ""),
        R"("isBase64Encoded":false,"stageVariables":{"colour":"blue"}})"
    ));
}

TEST_CASE("format 1.0 has nulls, Title-Case names and both header maps", "[apigateway][event]") {
    RequestHead head = request("POST", "/prod/presign?x=1&x=2");
    head.headers.add("x-a", "1");
    head.headers.add("X-A", "2");
    const std::string text = event(make_event_v1, lab_model(), head, "");
    CHECK(contains(
        text,
        R"({"version":"1.0","resource":"/presign","path":"/prod/presign","httpMethod":"POST","headers":{"Accept":"*/*","Content-Length":"0")"
    ));
    CHECK(contains(text, R"("X-A":"2")"));
    CHECK(contains(text, R"("X-A":["1","2"])"));
    CHECK(contains(
        text,
        R"("queryStringParameters":{"x":"2"},"multiValueQueryStringParameters":{"x":["1","2"]},"requestContext":{"accountId":"111122223333")"
    ));
    CHECK(
        contains(text, R"("resourceId":"POST /presign","resourcePath":"/presign","stage":"prod"})")
    );
    CHECK(contains(
        text, R"("pathParameters":null,"stageVariables":null,"body":null,"isBase64Encoded":false})"
    ));
}
