// SigV4 in the Authorization header: each refusal with AWS's status, code, message and elements,
// and which of two flaws is named first.
#include "tests/unit/auth/rig.hpp"

using namespace rig;

namespace {

RequestHead good() {
    return signed_head(make_head("GET", "/test.txt"));
}

RequestHead with_authorization(std::string_view from, std::string_view to) {
    return with_header(good(), "authorization", from, to);
}

void check_malformed(const RequestHead& head, const std::string& flaw) {
    Bench bench;
    const AwsError error = bench.refusal(head);
    CHECK(error.status() == 400);
    CHECK(error.code() == "AuthorizationHeaderMalformed");
    CHECK(error.message() == "The authorization header is malformed; " + flaw);
    CHECK(error.closes_connection());
}

} // namespace

TEST_CASE("a header-signed request says who calls", "[auth][sigv4]") {
    Bench bench;
    const auto who = bench.verify(good());
    REQUIRE(who.has_value());
    CHECK(who->type == AuthType::RestHeader);
    CHECK(who->access_key_id == kKeyId);
    CHECK(who->region == "us-east-1");
    CHECK(who->signed_at == bench.now);
    CHECK(who->payload == PayloadHash::Unsigned);
}

TEST_CASE("the Authorization header's schemes are told apart", "[auth][sigv4]") {
    Bench bench;
    const auto refusal = [&](const std::string& value) {
        return bench.refusal(make_head("GET", "/", {{"Authorization", value}}));
    };
    const AwsError basic = refusal("Basic dXNlcjpwYXNz");
    CHECK(basic.status() == 400);
    CHECK(basic.code() == "InvalidArgument");
    CHECK(basic.message() == "Unsupported Authorization Type");
    CHECK(extras(basic) == "ArgumentName=Authorization|ArgumentValue=Basic dXNlcjpwYXNz");
    CHECK(
        refusal("nonsense").message() ==
        "Authorization header is invalid -- one and only one ' ' (space) required"
    );
    CHECK(refusal("AWS4-ECDSA-P256-SHA256 Credential=a").code() == "NotImplemented");
}

TEST_CASE("two mechanisms at once are refused", "[auth][sigv4]") {
    Bench bench;
    const std::string message = "Only one auth mechanism allowed; only the X-Amz-Algorithm query "
                                "parameter, Signature query "
                                "string parameter or the Authorization header should be specified";
    for (const std::string target :
         {"/k?X-Amz-Algorithm=AWS4-HMAC-SHA256", "/k?Signature=a", "/k?X-Amz-Algorithm"}) {
        const AwsError error =
            bench.refusal(make_head("GET", target, {{"Authorization", "Bearer x"}}));
        CHECK(error.code() == "InvalidArgument");
        CHECK(error.message() == message);
        CHECK(extras(error) == "ArgumentName=Authorization|ArgumentValue=Bearer x");
    }
}

TEST_CASE("a date is required and must be one", "[auth][sigv4]") {
    Bench bench;
    RequestHead none = good();
    none.headers.remove("x-amz-date");
    RequestHead bad_amz = good();
    bad_amz.headers.set("x-amz-date", "yesterday");
    bad_amz.headers.add("Date", "Fri, 24 May 2013 00:00:00 GMT");
    RequestHead before_epoch = good();
    before_epoch.headers.set("x-amz-date", "19500707T215304Z");
    for (const RequestHead& head : {none, bad_amz, before_epoch}) {
        const AwsError error = bench.refusal(head);
        CHECK(error.status() == 403);
        CHECK(error.code() == "AccessDenied");
        CHECK(error.message() == "AWS authentication requires a valid Date or x-amz-date header");
    }
}

TEST_CASE("a Date header dates the signature when x-amz-date is absent", "[auth][sigv4]") {
    Bench bench;
    Signing signing;
    signing.signed_headers = "date;host;x-amz-content-sha256";
    RequestHead head =
        signed_head(make_head("GET", "/k", {{"Date", "Fri, 24 May 2013 00:00:00 GMT"}}), signing);
    head.headers.remove("x-amz-date");
    CHECK(bench.verify(head).has_value());
}

TEST_CASE("a request is refused when its date is more than 900 s off", "[auth][sigv4][time]") {
    Bench bench;
    for (const int sign : {1, -1}) {
        bench.now = from_epoch_seconds(1369353600 + sign * 900);
        CHECK(bench.verify(good()).has_value());
        bench.now = from_epoch_seconds(1369353600 + sign * 901);
        const AwsError error = bench.refusal(good());
        CHECK(error.status() == 403);
        CHECK(error.code() == "RequestTimeTooSkewed");
        CHECK(error.closes_connection());
        CHECK(
            extras(error) == "RequestTime=20130524T000000Z|ServerTime=" + to_iso8601_s(bench.now) +
                                 "|MaxAllowedSkewMilliseconds=900000"
        );
    }
}

TEST_CASE("skew ignores time travel", "[auth][sigv4][time]") {
    Bench bench;
    bench.now += seconds{10};
    bench.axis.advance(bench.now, seconds{86400});
    bench.now += seconds{1};
    CHECK(bench.verify(good()).has_value());
}

TEST_CASE("the Authorization header's components must be whole", "[auth][sigv4]") {
    check_malformed(
        with_authorization("Signature=", "Signature=a,x="),
        "the authorization header requires three components: Credential, SignedHeaders, and "
        "Signature."
    );
    check_malformed(with_authorization("Credential=", "Cred="), "missing Credential.");
    check_malformed(with_authorization("SignedHeaders=", "Headers="), "missing SignedHeaders.");
    check_malformed(with_authorization("Signature=", "Sig="), "missing Signature.");
    check_malformed(
        with_authorization("SignedHeaders=host;x-amz-content-sha256;x-amz-date", "SignedHeaders"),
        "the authorization component \"SignedHeaders\" is malformed."
    );
}

TEST_CASE("the credential scope is judged field by field", "[auth][sigv4]") {
    check_malformed(
        with_authorization("/20130524/us-east-1/s3", "/us-east-1/s3"),
        "the Credential is mal-formed; expecting "
        "\"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\"."
    );
    check_malformed(
        with_authorization("/s3/aws4_request", "/s2/x"),
        "incorrect service \"s2\". This endpoint belongs to \"s3\"."
    );
    check_malformed(
        with_authorization("20130524/us-east-1/s3/aws4_request", "2013/us-east-1/s3/x"),
        "incorrect terminal \"x\". This endpoint uses \"aws4_request\"."
    );
    check_malformed(
        with_authorization("20130524/", "2013-05-24/"),
        "incorrect date format \"2013-05-24\". This date in the credential must be in the format "
        "\"yyyyMMdd\"."
    );
    check_malformed(
        with_authorization("20130524/", "20130523/"),
        "Invalid credential date. Date is not the same as X-Amz-Date."
    );
}

TEST_CASE("a scope of another region names the right one", "[auth][sigv4]") {
    Bench bench;
    bench.region = "eu-central-1";
    const AwsError error = bench.refusal(good());
    CHECK(error.code() == "AuthorizationHeaderMalformed");
    CHECK(
        error.message() ==
        "The authorization header is malformed; the region 'us-east-1' is wrong; "
        "expecting 'eu-central-1'"
    );
    CHECK(extras(error) == "Region=eu-central-1");
    REQUIRE(error.headers().size() == 1);
    CHECK(error.headers()[0].first == "x-amz-bucket-region");
    CHECK(error.headers()[0].second == "eu-central-1");
    CHECK(error.closes_connection());
    bench.region = "us-east-1";
    CHECK(bench.verify(good()).has_value());
}

TEST_CASE("without an expected region any plausible one will do, aws-global not", "[auth][sigv4]") {
    Bench bench;
    Signing signing;
    signing.region = "ap-southeast-7";
    CHECK(bench.verify(signed_head(make_head("GET", "/k"), signing)).has_value());
    signing.region = "aws-global";
    const AwsError error = bench.refusal(signed_head(make_head("GET", "/k"), signing));
    CHECK(extras(error) == "Region=us-east-1");
}

TEST_CASE("keys and session tokens are judged before the signature", "[auth][sigv4]") {
    Bench bench;
    const AwsError unknown = bench.refusal(with_authorization(kKeyId, "AKIAUNKNOWN"));
    CHECK(unknown.status() == 403);
    CHECK(unknown.code() == "InvalidAccessKeyId");
    CHECK(extras(unknown) == "AWSAccessKeyId=AKIAUNKNOWN");

    Signing session;
    session.key_id = kSessionId;
    session.secret = kSessionSecret;
    CHECK(
        bench.refusal(signed_head(make_head("GET", "/k"), session)).code() == "InvalidAccessKeyId"
    );

    session.signed_headers = "host;x-amz-content-sha256;x-amz-date;x-amz-security-token";
    const auto with_token = [&](const std::string& token) {
        return signed_head(make_head("GET", "/k", {{"x-amz-security-token", token}}), session);
    };
    CHECK(bench.verify(with_token(kToken)).has_value());
    const AwsError garbled = bench.refusal(with_token(kToken + "x"));
    CHECK(garbled.status() == 400);
    CHECK(garbled.code() == "InvalidToken");
    CHECK(garbled.message() == "The provided token is malformed or otherwise invalid.");
    CHECK(extras(garbled) == "Token-0=" + kToken + "x");

    Signing user;
    user.signed_headers = session.signed_headers;
    const AwsError needless =
        bench.refusal(signed_head(make_head("GET", "/k", {{"x-amz-security-token", "t"}}), user));
    CHECK(needless.code() == "InvalidToken");
}

TEST_CASE("a session ends at its lifetime, on the axis that travels", "[auth][sigv4][time]") {
    Bench bench;
    Signing session;
    session.key_id = kSessionId;
    session.secret = kSessionSecret;
    session.signed_headers = "host;x-amz-content-sha256;x-amz-date;x-amz-security-token";
    const RequestHead head =
        signed_head(make_head("GET", "/k", {{"x-amz-security-token", kToken}}), session);
    KeyRecord record;
    record.access_key_id = kSessionId;
    record.secret = kSessionSecret;
    record.session_token = kToken;
    record.lifetime = seconds{3600};
    record.issued_at = bench.now - seconds{3599};
    bench.keys.put(record);
    CHECK(bench.verify(head).has_value());
    record.issued_at = bench.now - seconds{3600};
    bench.keys.put(record);
    const AwsError error = bench.refusal(head);
    CHECK(error.status() == 400);
    CHECK(error.code() == "ExpiredToken");
    CHECK(error.message() == "The provided token has expired.");
    CHECK(extras(error) == "Token-0=" + kToken);

    record.issued_at = bench.now - seconds{10};
    bench.keys.put(record);
    CHECK(bench.verify(head).has_value());
    bench.axis.advance(bench.now - seconds{1}, seconds{3600});
    CHECK(bench.refusal(head).code() == "ExpiredToken");
}

TEST_CASE("x-amz-content-sha256 is required and must be a known value", "[auth][sigv4][payload]") {
    Bench bench;
    const auto signed_with = [](const std::string& payload) {
        Signing signing;
        signing.payload = payload;
        return signed_head(make_head("PUT", "/k"), signing);
    };
    const auto kind = [&](const std::string& payload) {
        const auto who = bench.verify(signed_with(payload));
        REQUIRE(who.has_value());
        return who->payload;
    };
    const std::string upper = "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855";
    CHECK(kind(kEmptyHash) == PayloadHash::Literal);
    CHECK(bench.verify(signed_with(upper))->payload_literal == upper);
    CHECK(kind("UNSIGNED-PAYLOAD") == PayloadHash::Unsigned);
    CHECK(kind("STREAMING-UNSIGNED-PAYLOAD-TRAILER") == PayloadHash::StreamingUnsignedTrailer);
    CHECK(kind("STREAMING-AWS4-HMAC-SHA256-PAYLOAD") == PayloadHash::StreamingSigned);
    CHECK(
        kind("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER") == PayloadHash::StreamingSignedTrailer
    );

    RequestHead missing = good();
    missing.headers.remove("x-amz-content-sha256");
    CHECK(bench.refusal(missing).code() == "InvalidRequest");
    CHECK(
        bench.refusal(missing).message() ==
        "Missing required header for this request: x-amz-content-sha256"
    );
    for (const std::string value : {"invalid", "unsigned-payload"}) {
        const AwsError error = bench.refusal(signed_with(value));
        CHECK(error.code() == "InvalidArgument");
        CHECK(extras(error) == "ArgumentName=x-amz-content-sha256|ArgumentValue=" + value);
        CHECK(
            error.message() ==
            "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, "
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, "
            "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD, "
            "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER or a valid sha256 value."
        );
    }
    bench.accepts_body = false;
    const AwsError streaming = bench.refusal(signed_with("STREAMING-UNSIGNED-PAYLOAD-TRAILER"));
    CHECK(streaming.code() == "InvalidRequest");
    CHECK(streaming.message() == "The value of x-amz-content-sha256 header is invalid.");
}

TEST_CASE("x-amz-* headers and host must be signed", "[auth][sigv4]") {
    Bench bench;
    RequestHead extra = good();
    extra.headers.add("X-Amz-Meta-B", "1");
    extra.headers.add("x-amz-acl", "private");
    const AwsError error = bench.refusal(extra);
    CHECK(error.status() == 403);
    CHECK(error.code() == "AccessDenied");
    CHECK(error.message() == "There were headers present in the request which were not signed");
    CHECK(extras(error) == "HeadersNotSigned=x-amz-acl, x-amz-meta-b");

    Signing no_host;
    no_host.signed_headers = "x-amz-content-sha256;x-amz-date";
    CHECK(
        extras(bench.refusal(signed_head(make_head("GET", "/k"), no_host))) ==
        "HeadersNotSigned=host"
    );
    Signing no_hash;
    no_hash.signed_headers = "host;x-amz-date";
    CHECK(bench.verify(signed_head(make_head("GET", "/k"), no_hash)).has_value());
}

TEST_CASE("a mismatch shows both strings, in text and in bytes", "[auth][sigv4]") {
    Bench bench;
    const RequestHead head = with_target(good(), "/test.txt", "/text.txt");
    const AwsError error = bench.refusal(head);
    CHECK(error.status() == 403);
    CHECK(error.code() == "SignatureDoesNotMatch");
    CHECK_FALSE(error.closes_connection());
    std::string names;
    for (const auto& [name, value] : error.extra()) {
        names += name + " ";
    }
    CHECK(
        names == "AWSAccessKeyId StringToSign SignatureProvided StringToSignBytes CanonicalRequest "
                 "CanonicalRequestBytes "
    );
    const std::string canonical(error.extra_value("CanonicalRequest"));
    CHECK(canonical.substr(0, 15) == "GET\n/text.txt\n\n");
    CHECK(
        error.extra_value("StringToSign") ==
        "AWS4-HMAC-SHA256\n20130524T000000Z\n20130524/us-east-1/s3/aws4_request\n" +
            sha256_hex(canonical)
    );
    CHECK(error.extra_value("CanonicalRequestBytes").substr(0, 14) == "47 45 54 0a 2f");
    CHECK(error.extra_value("StringToSignBytes").substr(0, 11) == "41 57 53 34");
}

TEST_CASE("a signed header that is absent does not match", "[auth][sigv4]") {
    Bench bench;
    Signing signing;
    signing.signed_headers = "content-type;host;x-amz-content-sha256;x-amz-date";
    RequestHead head =
        signed_head(make_head("PUT", "/k", {{"Content-Type", "text/plain"}}), signing);
    CHECK(bench.verify(head).has_value());
    head.headers.remove("content-type");
    CHECK(bench.refusal(head).code() == "SignatureDoesNotMatch");
}

TEST_CASE("no signature at all is anonymous", "[auth][anonymous]") {
    Bench bench;
    const auto who = bench.verify(make_head("GET", "/k"));
    REQUIRE(who.has_value());
    CHECK(who->type == AuthType::Anonymous);
    CHECK(who->version == 0);
    CHECK(who->key == nullptr);
    const AwsError error = bench.refusal(
        make_head("PUT", "/k", {{"x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"}})
    );
    CHECK(error.code() == "InvalidRequest");
    CHECK(
        error.message() ==
        "Anonymous requests don't support this x-amz-content-sha256 value. Please use "
        "UNSIGNED-PAYLOAD or STREAMING-UNSIGNED-PAYLOAD-TRAILER."
    );
}
