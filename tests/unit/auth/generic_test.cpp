// The other services' refusals: codes and statuses by protocol, texts common to all.
#include "tests/unit/auth/rig.hpp"

using namespace rig;

namespace {

struct Family {
    ErrorFamily family;
    int status;
    bool query;

    std::string code(const std::string& of_query, const std::string& of_json) const {
        return query ? of_query : of_json;
    }
};

const Family kFamilies[] = {
    {ErrorFamily::Query, 403, true},
    {ErrorFamily::RestJson, 403, false},
    {ErrorFamily::Json11, 400, false},
};

Signing sts() {
    Signing signing;
    signing.service = "sts";
    signing.payload = kEmptyHash;
    return signing;
}

void check(
    const AwsError& error, const Family& family, const std::string& code, const std::string& message
) {
    CHECK(error.status() == family.status);
    CHECK(error.code() == code);
    CHECK(error.message() == message);
}

} // namespace

TEST_CASE(
    "a service in the Query, REST-JSON or JSON family refuses in its own words", "[auth][generic]"
) {
    for (const Family& family : kFamilies) {
        Bench bench;
        bench.service = "sts";
        bench.family = family.family;
        const RequestHead good = signed_head(make_head("POST", "/"), sts());
        CHECK(bench.verify(good).has_value());

        check(
            bench.refusal(make_head("POST", "/")),
            family,
            family.code("MissingAuthenticationToken", "MissingAuthenticationTokenException"),
            family.query ? "Request is missing Authentication Token"
                         : "Missing Authentication Token"
        );
        check(
            bench.refusal(with_header(good, "authorization", kKeyId, "AKIAUNKNOWN")),
            family,
            family.code("InvalidClientTokenId", "UnrecognizedClientException"),
            "The security token included in the request is invalid."
        );
        RequestHead token = good;
        token.headers.add("x-amz-security-token", "garbage");
        CHECK(
            bench.refusal(token).code() ==
            family.code("InvalidClientTokenId", "UnrecognizedClientException")
        );
        bench.body_sha256 = sha256_hex("another body");
        check(
            bench.refusal(good),
            family,
            family.code("SignatureDoesNotMatch", "InvalidSignatureException"),
            "The request signature we calculated does not match the signature you provided. Check "
            "your AWS Secret Access Key and signing method. Consult the service documentation for "
            "details."
        );
    }
}

TEST_CASE("a session of another service ends with its lifetime", "[auth][generic][time]") {
    for (const Family& family : kFamilies) {
        Bench bench;
        bench.service = "sts";
        bench.family = family.family;
        KeyRecord record;
        record.access_key_id = kKeyId;
        record.secret = kSecret;
        record.issued_at = bench.now - seconds{900};
        record.lifetime = seconds{900};
        bench.keys.put(record);
        check(
            bench.refusal(signed_head(make_head("POST", "/"), sts())),
            family,
            family.code("ExpiredToken", "ExpiredTokenException"),
            "The security token included in the request is expired"
        );
    }
}

TEST_CASE("the scope of another service's request must fit", "[auth][generic]") {
    Bench bench;
    bench.service = "sts";
    bench.family = ErrorFamily::Query;
    bench.region = "us-east-2";
    const auto message = [&](const Signing& signing) {
        const AwsError error = bench.refusal(signed_head(make_head("POST", "/"), signing));
        CHECK(error.code() == "SignatureDoesNotMatch");
        return error.message();
    };
    Signing signing = sts();
    CHECK(message(signing) == "Credential should be scoped to a valid region.");
    signing.region = "us-east-2";
    signing.service = "iam";
    CHECK(message(signing) == "Credential should be scoped to correct service: 'sts'.");
    signing.service = "sts";
    signing.scope_date = "20130523";
    CHECK(
        message(signing) ==
        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
        "'20130523' != '20130524', from '20130524T000000Z'."
    );
}

TEST_CASE("other services allow five minutes of skew", "[auth][generic][time]") {
    Bench bench;
    bench.service = "sts";
    bench.family = ErrorFamily::Json11;
    const UtcInstant signed_at = bench.now;
    const RequestHead head = signed_head(make_head("POST", "/"), sts());
    for (const int off : {-300, 300}) {
        bench.now = signed_at + seconds{off};
        CHECK(bench.verify(head).has_value());
    }
    bench.now = signed_at + seconds{301};
    CHECK(
        bench.refusal(head).message() ==
        "Signature expired: 20130524T000000Z is now earlier than 20130524T000001Z "
        "(20130524T000501Z - 5 min.)"
    );
    bench.now = signed_at - seconds{301};
    CHECK(
        bench.refusal(head).message() ==
        "Signature not yet current: 20130524T000000Z is still later than 20130523T235959Z "
        "(20130523T235459Z + 5 min.)"
    );
}

TEST_CASE("a malformed Authorization header names what is missing", "[auth][generic]") {
    Bench bench;
    bench.service = "sts";
    bench.family = ErrorFamily::Query;
    const AwsError error = bench.refusal(make_head("POST", "/", {{"Authorization", "Bearer x"}}));
    CHECK(error.status() == 400);
    CHECK(error.code() == "IncompleteSignature");
    CHECK(
        error.message() ==
        "Authorization header requires 'Credential' parameter. Authorization header requires "
        "'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. "
        "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "
        "Authorization=Bearer x"
    );
    bench.family = ErrorFamily::RestJson;
    CHECK(
        bench.refusal(make_head("POST", "/", {{"Authorization", "Bearer x"}})).code() ==
        "IncompleteSignatureException"
    );
}

TEST_CASE("another service's presigned request ages", "[auth][generic][time]") {
    Bench bench;
    bench.service = "sts";
    bench.family = ErrorFamily::Query;
    const RequestHead head = presigned_head("GET", "/", {}, sts(), "60");
    bench.now += seconds{60};
    CHECK(bench.verify(head).has_value());
    bench.now += seconds{1};
    CHECK(bench.refusal(head).message().substr(0, 18) == "Signature expired:");
}
