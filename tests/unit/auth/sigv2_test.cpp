// SigV2 in both forms: where it is accepted, what it covers, and its refusals.
#include "tests/unit/auth/rig.hpp"

using namespace rig;

namespace {

const UtcInstant kNow = from_epoch_seconds(1369353600);

std::string sign(const std::string& text) {
    return to_base64(hmac_sha1(as_bytes(kSecret), text));
}

RequestHead query_head(const std::string& expires, std::vector<Headers::Entry> headers = {}) {
    const std::string signature = sign("PUT\n\n\n" + expires + "\n/examplebucket/k");
    return make_head(
        "PUT",
        "/k?AWSAccessKeyId=" + kKeyId +
            "&Signature=" + percent_encode(signature, SlashRule::Encode) +
            "&Expires=" + percent_encode(expires, SlashRule::Encode),
        std::move(headers)
    );
}

const std::string kExpires = "1369353900";

struct V2Bench : Bench {
    V2Bench() { bucket_for_sigv2 = "/examplebucket"; }
};

} // namespace

TEST_CASE("SigV2 is accepted in the regions opened before 2014 only", "[auth][sigv2]") {
    V2Bench bench;
    CHECK(bench.verify(query_head(kExpires)).has_value());
    bench.region = "eu-west-1";
    CHECK(bench.verify(query_head(kExpires)).has_value());
    bench.region = "us-east-2";
    for (const RequestHead& head :
         {query_head(kExpires), make_head("GET", "/", {{"Authorization", "AWS a:b"}})}) {
        const AwsError error = bench.refusal(head);
        CHECK(error.status() == 400);
        CHECK(error.code() == "InvalidRequest");
        CHECK(
            error.message() == "The authorization mechanism you have provided is not supported. "
                               "Please use AWS4-HMAC-SHA256."
        );
        CHECK(error.closes_connection());
        REQUIRE(error.headers().size() == 1);
        CHECK(error.headers()[0].second == "us-east-2");
    }
}

TEST_CASE("SigV2 in the query needs its three parameters and a number", "[auth][sigv2]") {
    V2Bench bench;
    for (const std::string name : {"AWSAccessKeyId=", "Signature=", "Expires="}) {
        const AwsError error = bench.refusal(with_target(query_head(kExpires), name, "x="));
        CHECK(error.status() == 403);
        CHECK(error.code() == "AccessDenied");
        CHECK(
            error.message() == "Query-string authentication requires the Signature, Expires and "
                               "AWSAccessKeyId parameters"
        );
    }
    const AwsError junk = bench.refusal(query_head("1369353900\",\"s3Key\":\"a\""));
    CHECK(junk.status() == 403);
    CHECK(
        junk.message() ==
        "Invalid date (should be seconds since epoch): 1369353900\",\"s3Key\":\"a\""
    );
}

TEST_CASE("a SigV2 URL is good until its Expires", "[auth][sigv2][time]") {
    V2Bench bench;
    bench.now = kNow + seconds{300};
    CHECK(bench.verify(query_head(kExpires)).has_value());
    bench.now = kNow + seconds{301};
    const AwsError error = bench.refusal(query_head(kExpires));
    CHECK(error.message() == "Request has expired");
    CHECK(extras(error) == "Expires=2013-05-24T00:05:00Z|ServerTime=2013-05-24T00:05:01Z");
}

TEST_CASE("an advance of the clock expires a five-minute SigV2 URL", "[auth][sigv2][time]") {
    V2Bench bench;
    bench.axis.advance(kNow + seconds{10}, seconds{301});
    bench.now = kNow + seconds{11};
    CHECK(bench.refusal(query_head(kExpires)).message() == "Request has expired");
    CHECK(bench.verify(query_head("1369353911")).has_value());
}

TEST_CASE("SigV2 covers Content-Type and every x-amz-* header", "[auth][sigv2]") {
    V2Bench bench;
    // curl --data-binary adds a Content-Type nobody signed.
    const AwsError typed =
        bench.refusal(query_head(kExpires, {{"Content-Type", "application/x-www-form-urlencoded"}})
        );
    CHECK(typed.code() == "SignatureDoesNotMatch");
    CHECK(
        typed.extra_value("StringToSign") ==
        "PUT\n\napplication/x-www-form-urlencoded\n1369353900\n/examplebucket/k"
    );
    std::string names;
    for (const auto& [name, value] : typed.extra()) {
        names += name + " ";
    }
    CHECK(names == "AWSAccessKeyId StringToSign SignatureProvided StringToSignBytes ");
    CHECK(
        bench.refusal(query_head(kExpires, {{"x-amz-meta-a", "b"}})).code() ==
        "SignatureDoesNotMatch"
    );
    CHECK(bench.verify(query_head(kExpires, {{"Cache-Control", "no-store"}})).has_value());
    RequestHead extra = query_head(kExpires);
    extra.target += "&x-id=PutObject";
    CHECK(bench.verify(extra).has_value());
    extra.target += "&acl";
    CHECK(bench.refusal(extra).code() == "SignatureDoesNotMatch");
}

TEST_CASE("SigV2 headers are judged like SigV4's", "[auth][sigv2]") {
    V2Bench bench;
    const std::string date = "Fri, 24 May 2013 00:00:00 GMT";
    const auto head = [&](const std::string& value, const std::string& when) {
        return make_head("GET", "/k?acl", {{"Date", when}, {"Authorization", "AWS " + value}});
    };
    const std::string signature = sign("GET\n\n\n" + date + "\n/examplebucket/k?acl");
    CHECK(bench.verify(head(kKeyId + ":" + signature, date)).has_value());
    CHECK(bench.refusal(head("AKIAUNKNOWN:x", date)).code() == "InvalidAccessKeyId");
    CHECK(bench.refusal(head(kKeyId + ":x", "then")).code() == "AccessDenied");
    CHECK(
        bench.refusal(head(kKeyId + ":x", "Fri, 07 Jul 1950 21:53:04 GMT")).code() == "AccessDenied"
    );
    CHECK(bench.refusal(head(kKeyId + ": x", date)).code() == "InvalidArgument");
    CHECK(bench.refusal(head("nocolon", date)).code() == "InvalidArgument");
    bench.now += seconds{901};
    CHECK(bench.refusal(head(kKeyId + ":" + signature, date)).code() == "RequestTimeTooSkewed");
}

TEST_CASE("x-amz-date empties SigV2's date line", "[auth][sigv2]") {
    V2Bench bench;
    const std::string date = "Fri, 24 May 2013 00:00:00 GMT";
    const std::string signature = sign("GET\n\n\n\nx-amz-date:" + date + "\n/examplebucket/k");
    CHECK(bench
              .verify(make_head(
                  "GET",
                  "/k",
                  {{"x-amz-date", date},
                   {"Date", "whatever"},
                   {"Authorization", "AWS " + kKeyId + ":" + signature}}
              ))
              .has_value());
}
