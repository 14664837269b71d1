#include "emulator/apigateway/response_mapping.hpp"
#include "tests/catch.hpp"
#include "tests/unit/apigateway/lab_api.hpp"

using namespace benchtop;
using namespace benchtop::apigateway;

namespace {

MappedAnswer mapped(std::string_view payload, bool is_head = false) {
    return map_answer(payload, PayloadFormat::V2, {kNow, "JCJpvgQCvHcEPjA=", is_head});
}

std::string body_of(const Response& response) {
    return std::get<std::string>(response.body);
}

// "Name: value" lines in order.
std::string lines(const Response& response) {
    std::string out;
    for (const auto& [name, value] : response.headers.entries()) {
        out += name + ": " + value + "\n";
    }
    return out;
}

} // namespace

TEST_CASE("the lab's answer has its headers in the recorded order", "[apigateway][response]") {
    const auto answer = mapped(
        R"({"statusCode": 200, "headers": {"Content-Type": "application/json", "Access-Control-Allow-Origin": "*", "access-control-allow-methods": "OPTIONS,POST"}, "body": "{\"s3Key\": \"uploads/x.txt\"}"})"
    );
    CHECK(answer.malformed.empty());
    CHECK(answer.response.status == 200);
    CHECK(
        lines(answer.response) == "Date: Mon, 14 Apr 2025 22:16:45 GMT\n"
                                  "Content-Type: application/json\n"
                                  "Access-Control-Allow-Origin: *\n"
                                  "Access-Control-Allow-Methods: OPTIONS,POST\n"
                                  "Apigw-Requestid: JCJpvgQCvHcEPjA=\n"
    );
    CHECK(body_of(answer.response) == R"({"s3Key": "uploads/x.txt"})");
}

TEST_CASE("without statusCode the payload itself is the answer", "[apigateway][response]") {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {R"({"name": "John Doe", "age": 30})", R"({"name": "John Doe", "age": 30})"},
        {R"({"name": "John Doe", "age":)", R"({"name": "John Doe", "age":)"},
        {"[1, 2, 3, 4, 5]", "[1, 2, 3, 4, 5]"},
        {R"("hello \"you\"")", "hello \"you\""},
        {"42", "42"},
        {"true", "true"},
        {R"("")", ""},
        {"null", "null"},
        {R"({"status": "ok"})", R"({"status": "ok"})"},
    };
    for (const auto& [payload, body] : cases) {
        const auto answer = mapped(payload);
        CHECK(answer.response.status == 200);
        CHECK(answer.response.headers.get("content-type") == "application/json");
        CHECK(body_of(answer.response) == body);
    }
}

TEST_CASE(
    "statusCode may be digits in quotes, content type defaults to text", "[apigateway][response]"
) {
    const auto answer = mapped(R"({"statusCode":"200","body":"x"})");
    CHECK(answer.response.status == 200);
    CHECK(answer.response.headers.get("content-type") == "text/plain; charset=utf-8");
    CHECK(body_of(answer.response) == "x");
}

TEST_CASE("an answer of the wrong shape is an Internal Server Error", "[apigateway][response]") {
    for (const char* const payload :
         {R"({"statusCode":0})",
          R"({"statusCode":200.5})",
          R"({"statusCode":"abc"})",
          R"({"statusCode":null})",
          R"({"statusCode":600})",
          R"({"statusCode":100})",
          R"({"statusCode":200,"body":{"a":1}})",
          R"({"statusCode":200,"headers":{"x":{}}})",
          R"({"statusCode":200,"headers":[]})",
          R"({"statusCode":200,"headers":{"x":"a\r\nSet-Cookie: b"}})",
          R"({"statusCode":200,"headers":{"x y":"a"}})",
          R"({"statusCode":200,"cookies":"a=1"})",
          R"({"statusCode":200,"body":"%%%","isBase64Encoded":true})"}) {
        const auto answer = mapped(payload);
        CHECK(answer.response.status == 500);
        CHECK_FALSE(answer.malformed.empty());
        CHECK(body_of(answer.response) == R"({"message":"Internal Server Error"})");
        CHECK(body_of(answer.response).size() == 35);
    }
}

TEST_CASE("cookies become Set-Cookie headers before the function's own", "[apigateway][response]") {
    const auto answer = mapped(
        R"({"statusCode":200,"headers":{"set-cookie":"c=3","x-n":5,"x-t":true,"x-0":null},"cookies":["a=1; Path=/","b=2"]})"
    );
    CHECK(
        lines(answer.response) == "Date: Mon, 14 Apr 2025 22:16:45 GMT\n"
                                  "Content-Type: text/plain; charset=utf-8\n"
                                  "Set-Cookie: a=1; Path=/\n"
                                  "Set-Cookie: b=2\n"
                                  "Set-Cookie: c=3\n"
                                  "X-N: 5\n"
                                  "X-T: true\n"
                                  "Apigw-Requestid: JCJpvgQCvHcEPjA=\n"
    );
}

TEST_CASE("reserved headers are dropped or remapped", "[apigateway][response]") {
    const auto answer = mapped(
        R"({"statusCode":200,"headers":{"Connection":"close","content-length":"9","Transfer-Encoding":"chunked","apigw-requestid":"x","Date":"never","Server":"mine"}})"
    );
    CHECK(
        lines(answer.response) == "Date: Mon, 14 Apr 2025 22:16:45 GMT\n"
                                  "Content-Type: text/plain; charset=utf-8\n"
                                  "X-Amzn-Remapped-Date: never\n"
                                  "X-Amzn-Remapped-Server: mine\n"
                                  "Apigw-Requestid: JCJpvgQCvHcEPjA=\n"
    );
}

TEST_CASE(
    "a base64 body is decoded, a 204 has none, HEAD only its length", "[apigateway][response]"
) {
    const auto decoded = mapped(
        R"({"statusCode":200,"body":"aGk=","isBase64Encoded":true,"headers":{"content-type":"text/plain"}})"
    );
    CHECK(body_of(decoded.response) == "hi");
    const auto nothing = mapped(R"({"statusCode":204,"body":"x"})");
    CHECK(nothing.response.framing == Framing::None);
    CHECK(body_of(nothing.response).empty());
    const auto head = mapped(R"({"statusCode":200,"body":"four"})", true);
    CHECK(head.response.is_head);
    CHECK(head.response.head_length == 4u);
    CHECK(body_of(head.response).empty());
}

TEST_CASE("format 1.0 infers nothing and knows multiValueHeaders", "[apigateway][response]") {
    const AnswerContext context{kNow, "id", false};
    CHECK(map_answer("{}", PayloadFormat::V1, context).response.status == 500);
    const auto answer = map_answer(
        R"({"statusCode":200,"multiValueHeaders":{"x-a":["1","2"]}})", PayloadFormat::V1, context
    );
    CHECK(answer.response.headers.joined("x-a") == "1,2");
}

TEST_CASE("an answer nested too deeply or too large does no harm", "[apigateway][response]") {
    const std::string deep(100000, '[');
    CHECK(body_of(mapped(deep).response) == deep);
    CHECK(mapped(std::string(kAnswerMax + 1, ' ')).response.status == 500);
}
