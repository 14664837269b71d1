// Errors as each protocol's clients see them: header order and bodies byte for byte.
#include "emulator/protocol/error_render.hpp"
#include "tests/catch.hpp"

using namespace benchtop;
using namespace benchtop::protocol;

namespace {

const RequestIds ids{"7KWQADT19JG32GY4", "RlE47ODyJNZdJcNbJZL="};
const std::string uuid = "01234567-89ab-cdef-0123-456789abcdef";

ServerStamp stamp() {
    return {*parse_amz_date("20260221T001757Z")};
}

std::string head_of(const Response& response) {
    std::string text;
    for (const auto& [name, value] : response.headers.entries()) {
        text += name + ": " + value + "\n";
    }
    return text;
}

std::string body_of(const Response& response) {
    return std::get<std::string>(response.body);
}

} // namespace

TEST_CASE("S3's NoSuchKey has the recorded bytes", "[protocol][error]") {
    const auto response = render_s3_error(
        AwsError(404, "NoSuchKey", "The specified key does not exist.")
            .with("Key", "uploads/a.txt"),
        ids,
        stamp(),
        false
    );
    CHECK(response.status == 404);
    CHECK(response.framing == Framing::Chunked);
    CHECK_FALSE(response.close);
    CHECK(
        head_of(response) == "x-amz-request-id: 7KWQADT19JG32GY4\n"
                             "x-amz-id-2: RlE47ODyJNZdJcNbJZL=\n"
                             "Content-Type: application/xml\n"
                             "Date: Sat, 21 Feb 2026 00:17:57 GMT\n"
                             "Server: AmazonS3\n"
    );
    CHECK(
        body_of(response) ==
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message>"
        "<Key>uploads/a.txt</Key><RequestId>7KWQADT19JG32GY4</RequestId>"
        "<HostId>RlE47ODyJNZdJcNbJZL=</HostId></Error>"
    );
}

TEST_CASE("headers of an S3 error stand around the ids", "[protocol][error]") {
    const auto response = render_s3_error(
        AwsError(405, "MethodNotAllowed", "The specified method is not allowed \"here\" & now.")
            .header("Allow", "HEAD, DELETE, GET, PUT")
            .header("x-amz-bucket-region", "us-east-2")
            .closing(),
        ids,
        stamp(),
        false
    );
    CHECK(response.close);
    CHECK(
        head_of(response) == "x-amz-bucket-region: us-east-2\n"
                             "x-amz-request-id: 7KWQADT19JG32GY4\n"
                             "x-amz-id-2: RlE47ODyJNZdJcNbJZL=\n"
                             "Allow: HEAD, DELETE, GET, PUT\n"
                             "Content-Type: application/xml\n"
                             "Date: Sat, 21 Feb 2026 00:17:57 GMT\n"
                             "Server: AmazonS3\n"
    );
    CHECK(body_of(response).find("allowed &quot;here&quot; &amp; now.") != std::string::npos);
}

TEST_CASE("an S3 error to HEAD has neither body nor length", "[protocol][error]") {
    const auto response =
        render_s3_error(AwsError(403, "AccessDenied", "Access Denied"), ids, stamp(), true);
    CHECK(response.is_head);
    CHECK(response.framing == Framing::None);
    CHECK_FALSE(response.head_length.has_value());
    CHECK(body_of(response).empty());
    CHECK(response.headers.get("Content-Type") == "application/xml");
}

TEST_CASE("304 has no body and no type", "[protocol][error]") {
    const auto response =
        render_s3_error(AwsError(304, "NotModified", "Not Modified"), ids, stamp(), false);
    CHECK(response.framing == Framing::None);
    CHECK(body_of(response).empty());
    CHECK_FALSE(response.headers.has("Content-Type"));
}

TEST_CASE("IAM's envelope", "[protocol][error]") {
    const auto response = render_query_error(
        AwsError(409, "EntityAlreadyExists", "Role with name a<b already exists."),
        "https://iam.amazonaws.com/doc/2010-05-08/",
        uuid,
        stamp()
    );
    CHECK(response.status == 409);
    CHECK(response.framing == Framing::ContentLength);
    CHECK(
        head_of(response) == "x-amzn-RequestId: " + uuid +
                                 "\nContent-Type: text/xml\n"
                                 "Date: Sat, 21 Feb 2026 00:17:57 GMT\n"
    );
    CHECK(
        body_of(response) == "<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">\n"
                             "  <Error>\n"
                             "    <Type>Sender</Type>\n"
                             "    <Code>EntityAlreadyExists</Code>\n"
                             "    <Message>Role with name a&lt;b already exists.</Message>\n"
                             "  </Error>\n"
                             "  <RequestId>" +
                                 uuid +
                                 "</RequestId>\n"
                                 "</ErrorResponse>\n"
    );
    const auto failure =
        render_query_error(AwsError(500, "InternalFailure", "x"), "urn:x", uuid, stamp());
    CHECK(body_of(failure).find("<Type>Receiver</Type>") != std::string::npos);
}

TEST_CASE("Lambda's JSON errors", "[protocol][error]") {
    const auto response = render_rest_json_error(
        AwsError(429, "TooManyRequestsException", "Rate Exceeded.")
            .with("Reason", "ReservedFunctionConcurrentInvocationLimitExceeded")
            .with("Type", "User"),
        uuid,
        stamp()
    );
    CHECK(
        head_of(response) == "Date: Sat, 21 Feb 2026 00:17:57 GMT\n"
                             "Content-Type: application/json\n"
                             "x-amzn-RequestId: " +
                                 uuid + "\nx-amzn-ErrorType: TooManyRequestsException\n"
    );
    CHECK(
        body_of(response) == R"({"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded",)"
                             R"("Type":"User","message":"Rate Exceeded."})"
    );
    const auto capital = render_rest_json_error(
        AwsError(404, "ResourceNotFoundException", "gone")
            .with("Type", "User")
            .with("Message", "gone"),
        uuid,
        stamp()
    );
    CHECK(body_of(capital) == R"({"Type":"User","Message":"gone"})");
}

TEST_CASE("the Logs envelope", "[protocol][error]") {
    const auto response = render_json11_error(
        AwsError(400, "ResourceNotFoundException", "The specified log group does not exist."),
        uuid,
        stamp()
    );
    CHECK(response.headers.get("Content-Type") == "application/x-amz-json-1.1");
    CHECK(response.headers.get("x-amzn-RequestId") == uuid);
    CHECK(
        body_of(response) ==
        R"({"__type":"ResourceNotFoundException","message":"The specified log group does not exist."})"
    );
}

TEST_CASE("an HTTP API's own words", "[protocol][error]") {
    const auto response =
        render_api_gateway_error(404, "Not Found", "JCJpvgQCvHcEPjA=", stamp().date);
    CHECK(response.status == 404);
    CHECK(response.announces_keep_alive);
    CHECK(
        head_of(response) == "Date: Sat, 21 Feb 2026 00:17:57 GMT\n"
                             "Content-Type: application/json\n"
                             "Apigw-Requestid: JCJpvgQCvHcEPjA=\n"
    );
    CHECK(body_of(response) == R"({"message":"Not Found"})");
    CHECK(body_of(response).size() == 23);
}
