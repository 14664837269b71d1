// Presigned URLs (SigV4 in the query): refusals in AWS's order, time at its boundaries, and what
// the signature does not cover.
#include "emulator/auth/effective_headers.hpp"
#include "tests/unit/auth/rig.hpp"

using namespace rig;

namespace {

RequestHead good(const std::string& extra = "") {
    return presigned_head("PUT", "/uploads/a.txt", {}, {}, "300", extra);
}

void check_parameters_error(const RequestHead& head, const std::string& message) {
    Bench bench;
    const AwsError error = bench.refusal(head);
    CHECK(error.status() == 400);
    CHECK(error.code() == "AuthorizationQueryParametersError");
    CHECK(error.message() == message);
    CHECK(error.closes_connection());
}

const std::string kSixParameters =
    "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, "
    "X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.";
const std::string kParsing = "Error parsing the X-Amz-Credential parameter; ";

} // namespace

TEST_CASE("a presigned request says who signed it and when", "[auth][presigned]") {
    Bench bench;
    const auto who = bench.verify(good());
    REQUIRE(who.has_value());
    CHECK(who->type == AuthType::QueryString);
    CHECK(who->version == 4);
    CHECK(who->signed_at == bench.now);
    CHECK(who->payload == PayloadHash::None);
}

TEST_CASE("each of the six parameters is required", "[auth][presigned]") {
    for (const std::string name :
         {"X-Amz-Credential",
          "X-Amz-Date",
          "X-Amz-Expires",
          "X-Amz-SignedHeaders",
          "X-Amz-Signature"}) {
        check_parameters_error(with_target(good(), name + "=", "x="), kSixParameters);
    }
    // A URL cut at its first '&' by a shell.
    check_parameters_error(make_head("PUT", "/k?X-Amz-Algorithm=AWS4-HMAC-SHA256"), kSixParameters);
}

TEST_CASE("the parameters of a presigned request are judged in AWS's order", "[auth][presigned]") {
    check_parameters_error(
        with_target(good(), "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1"),
        "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256\""
    );
    const std::string malformed = kParsing +
                                  "the Credential is mal-formed; expecting "
                                  "\"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".";
    check_parameters_error(with_target(good(), "%2Fus-east-1", ""), malformed);
    check_parameters_error(with_target(good(), "%2F20130524%2F", "%252F20130524%252F"), malformed);
    check_parameters_error(
        with_target(good(), "%2Fs3%2Faws4_request", "%2Fs2%2Fx"),
        kParsing + "incorrect service \"s2\". This endpoint belongs to \"s3\"."
    );
    check_parameters_error(
        with_target(good(), "%2Faws4_request", "%2Fx"),
        kParsing + "incorrect terminal \"x\". This endpoint uses \"aws4_request\"."
    );
    check_parameters_error(
        with_target(good(), "%2F20130524%2F", "%2F2013%2F"),
        kParsing + "incorrect date format \"2013\". This date in the credential must be in the "
                   "format \"yyyyMMdd\"."
    );
    check_parameters_error(
        with_target(good(), "Date=20130524T000000Z", "Date=2013-05-24"),
        "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\""
    );
    check_parameters_error(
        with_target(good(), "Date=20130524", "Date=20130525"),
        "Invalid credential date \"20130524\". This date is not the same as X-Amz-Date: "
        "\"20130525\"."
    );
    check_parameters_error(
        with_target(good(), "Expires=300", "Expires=5m"), "X-Amz-Expires should be a number"
    );
    check_parameters_error(
        with_target(good(), "Expires=300", "Expires=-1"), "X-Amz-Expires must be non-negative"
    );
    check_parameters_error(
        with_target(good(), "Expires=300", "Expires=604801"),
        "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires "
        "must "
        "be less than 604800 seconds"
    );
    Bench bench;
    CHECK(bench.verify(presigned_head("GET", "/k", {}, {}, "604800")).has_value());
}

TEST_CASE("a presigned scope of another region names the right one", "[auth][presigned]") {
    Bench bench;
    bench.region = "us-east-2";
    const AwsError error = bench.refusal(good());
    CHECK(error.code() == "AuthorizationQueryParametersError");
    CHECK(error.message() == kParsing + "the region 'us-east-1' is wrong; expecting 'us-east-2'");
    CHECK(extras(error) == "Region=us-east-2");
    REQUIRE(error.headers().size() == 1);
    CHECK(error.headers()[0].second == "us-east-2");
}

TEST_CASE(
    "a presigned URL is good until its last second and no longer", "[auth][presigned][time]"
) {
    Bench bench;
    const UtcInstant signed_at = bench.now;
    for (const int age : {0, 299, 300}) {
        bench.now = signed_at + seconds{age};
        CHECK(bench.verify(good()).has_value());
    }
    bench.now = signed_at + seconds{301};
    const AwsError error = bench.refusal(good());
    CHECK(error.status() == 403);
    CHECK(error.code() == "AccessDenied");
    CHECK(error.message() == "Request has expired");
    CHECK(
        extras(error) ==
        "X-Amz-Expires=300|Expires=2013-05-24T00:05:00Z|ServerTime=2013-05-24T00:05:01Z"
    );
    CHECK_FALSE(error.closes_connection());
}

TEST_CASE(
    "an advance of the clock ages what was signed before it only", "[auth][presigned][time]"
) {
    Bench bench;
    bench.axis.advance(bench.now + seconds{10}, seconds{301});
    bench.now += seconds{11};
    const AwsError error = bench.refusal(good());
    CHECK(error.message() == "Request has expired");
    CHECK(error.extra_value("ServerTime") == "2013-05-24T00:05:12Z");
    Signing later;
    later.amz_date = "20130524T000011Z";
    CHECK(bench.verify(presigned_head("PUT", "/k", {}, later)).has_value());
}

TEST_CASE("a date more than 15 minutes ahead is not valid yet", "[auth][presigned][time]") {
    Bench bench;
    bench.now -= seconds{900};
    CHECK(bench.verify(good()).has_value());
    bench.now -= seconds{1};
    const AwsError error = bench.refusal(good());
    CHECK(error.status() == 403);
    CHECK(error.message() == "Request is not yet valid");
    CHECK(
        extras(error) ==
        "X-Amz-Date=1369353600000|Expires=2013-05-24T00:05:00Z|ServerTime=2013-05-23T23:44:59Z"
    );
}

TEST_CASE("expiry is told before an unknown key or a bad signature", "[auth][presigned]") {
    Bench bench;
    const RequestHead unknown = with_target(good(), kKeyId, "AKIAUNKNOWN");
    CHECK(bench.refusal(unknown).code() == "InvalidAccessKeyId");
    bench.now += seconds{301};
    CHECK(bench.refusal(unknown).message() == "Request has expired");
}

TEST_CASE("a presigned session needs its own token", "[auth][presigned]") {
    Bench bench;
    Signing session;
    session.key_id = kSessionId;
    session.secret = kSessionSecret;
    const RequestHead head = presigned_head("PUT", "/k", {}, session);
    CHECK(bench.verify(head).has_value());
    // "%2B" of the token decoded to '+' by a careless hand.
    const AwsError decoded = bench.refusal(with_target(head, "token%2Bwith", "token+with"));
    CHECK(decoded.code() == "SignatureDoesNotMatch");
    const AwsError other = bench.refusal(with_target(head, "token%2Bwith", "token%2Bwide"));
    CHECK(other.code() == "InvalidToken");
    CHECK(
        bench.refusal(with_target(head, "X-Amz-Security-Token", "Y")).code() == "InvalidAccessKeyId"
    );
    KeyRecord record;
    record.access_key_id = kSessionId;
    record.secret = kSessionSecret;
    record.session_token = kToken;
    record.issued_at = bench.now;
    record.lifetime = seconds{100};
    bench.keys.put(record);
    bench.now += seconds{100};
    CHECK(bench.refusal(head).code() == "ExpiredToken");
}

TEST_CASE(
    "what a presigned signature does not cover is free, x-amz-* is not", "[auth][presigned]"
) {
    Bench bench;
    RequestHead head = good();
    for (const char* name :
         {"Content-Type", "Content-MD5", "Cache-Control", "If-None-Match", "User-Agent"}) {
        head.headers.add(name, "v");
    }
    head.headers.add("x-amz-content-sha256", kEmptyHash);
    const auto who = bench.verify(head);
    REQUIRE(who.has_value());
    CHECK(who->payload == PayloadHash::Literal);
    CHECK(who->payload_literal == kEmptyHash);

    head.headers.add("x-amz-decoded-content-length", "5");
    head.headers.add("X-Amz-Date", "20130524T000000Z");
    CHECK(
        extras(bench.refusal(head)) == "HeadersNotSigned=x-amz-date, x-amz-decoded-content-length"
    );
}

TEST_CASE("a signed Content-Type must be sent as it was signed", "[auth][presigned]") {
    Bench bench;
    Signing signing;
    signing.signed_headers = "content-type;host";
    RequestHead head = presigned_head("PUT", "/k", {{"Content-Type", "text/plain"}}, signing);
    CHECK(bench.verify(head).has_value());
    head.headers.set("Content-Type", "text/html");
    CHECK(bench.refusal(head).code() == "SignatureDoesNotMatch");
    head.headers.remove("Content-Type");
    CHECK(bench.refusal(head).code() == "SignatureDoesNotMatch");
}

TEST_CASE("a parameter added after signing breaks the signature", "[auth][presigned]") {
    Bench bench;
    RequestHead head = good();
    head.target += "&x-id=PutObject";
    CHECK(bench.refusal(head).code() == "SignatureDoesNotMatch");
    CHECK(bench.verify(good("&x-id=PutObject")).has_value());
}

TEST_CASE("signed x-amz-* parameters act as headers", "[auth][presigned][hoisted]") {
    Bench bench;
    RequestHead head =
        good("&if-none-match=%2A&x-amz-checksum-crc32=AAAAAA%3D%3D&x-amz-meta-a=b%20c"
             "&x-amz-sdk-checksum-algorithm=CRC32&x-id=PutObject");
    auto who = bench.verify(head);
    REQUIRE(who.has_value());
    const Headers hoisted = hoisted_headers(head, *who);
    CHECK(hoisted.entries().size() == 2);
    CHECK(hoisted.get("x-amz-meta-a") == "b c");
    CHECK(hoisted.get("if-none-match") == "*");
    CHECK(effective_headers(head, *who).get("host") == "examplebucket.s3.amazonaws.com");

    head.headers.add("x-amz-meta-a", "b c");
    CHECK(bench.verify(head).has_value());
    head.headers.set("x-amz-meta-a", "other");
    CHECK(bench.refusal(head).code() == "SignatureDoesNotMatch");

    const RequestHead plain = signed_head(make_head("GET", "/k?x-amz-meta-a=b"));
    who = bench.verify(plain);
    REQUIRE(who.has_value());
    CHECK(hoisted_headers(plain, *who).empty());
}

TEST_CASE("a signed header may come as a query parameter", "[auth][presigned][hoisted]") {
    Bench bench;
    Signing signing;
    signing.signed_headers = "host;x-amz-meta-a";
    RequestHead head =
        presigned_head("PUT", "/k", {{"x-amz-meta-a", "b"}}, signing, "300", "&x-amz-meta-a=b");
    CHECK(bench.verify(head).has_value());
    head.headers.remove("x-amz-meta-a");
    CHECK(bench.verify(head).has_value());
}

TEST_CASE("STREAMING-* beside a presigned signature is not decoded", "[auth][presigned][chunked]") {
    Bench bench;
    RequestHead head = good();
    head.headers.add("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
    const auto who = bench.verify(head);
    REQUIRE(who.has_value());
    CHECK(who->payload == PayloadHash::UndecodedStreaming);
    head.content_length = 30;
    head.headers.add("x-amz-decoded-content-length", "5");
    const auto unequal = plan_chunked(head, *who);
    REQUIRE_FALSE(unequal.has_value());
    CHECK(unequal.error().code() == "IncompleteBody");
    CHECK(extras(unequal.error()) == "NumberBytesExpected=5|NumberBytesProvided=30");
    head.content_length = 5;
    const auto equal = plan_chunked(head, *who); // what the body's hash then contradicts
    REQUIRE(equal.has_value());
    CHECK_FALSE(equal->decode);
}
