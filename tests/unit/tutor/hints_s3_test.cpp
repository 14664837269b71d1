#include "emulator/tutor/hint_texts.hpp"
#include "emulator/tutor/hints.hpp"
#include "tests/catch.hpp"

using namespace benchtop;
using namespace benchtop::tutor;

namespace {

constexpr std::string_view kSignedV4 =
    "?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIA%2F20250414%2Fus-east-2%2Fs3%2F"
    "aws4_request&X-Amz-Date=20250414T221645Z&X-Amz-Expires=300&X-Amz-SignedHeaders=host"
    "&X-Amz-Signature=abc";
constexpr std::string_view kSignedV2 = "?AWSAccessKeyId=AKIA&Signature=abc&Expires=1744669005";
constexpr std::string_view kDenied =
    "User: arn:aws:sts::111122223333:assumed-role/lambda-worker-role/worker-move-lambda is not "
    "authorized to perform: s3:PutObject on resource: "
    "\"arn:aws:s3:::student-upload-bucket-aj/processed/x.txt\" because no identity-based policy "
    "allows the s3:PutObject action";
constexpr std::string_view kListDenied =
    "User: arn:aws:sts::111122223333:assumed-role/lambda-worker-role/worker-move-lambda is not "
    "authorized to perform: s3:ListBucket on resource: "
    "\"arn:aws:s3:::student-upload-bucket-aj\" because no identity-based policy allows the "
    "s3:ListBucket action";

RequestHead put(std::string_view query) {
    RequestHead head;
    head.method = "PUT";
    head.target = "/uploads/x.txt" + std::string(query);
    head.headers.add("Host", "student-upload-bucket-aj.s3.amazonaws.com");
    return head;
}

std::optional<Hint>
hint(const RequestHead& head, const AwsError& error, std::string_view found_at = "") {
    return hint_for(S3Observation{
        head, error.status(), &error, "student-upload-bucket-aj", "uploads/x.txt", found_at});
}

std::string
mistake(const RequestHead& head, const AwsError& error, std::string_view found_at = "") {
    const auto said = hint(head, error, found_at);
    if (!said) {
        return "";
    }
    CHECK_FALSE(said->cause.empty());
    CHECK_FALSE(said->fix.empty());
    CHECK(to_line(*said).find('\n') == std::string::npos);
    return said->mistake;
}

const AwsError kMismatch(
    403,
    "SignatureDoesNotMatch",
    "The request signature we calculated does not match the signature you provided. Check your key "
    "and signing method."
);

} // namespace

TEST_CASE("good requests and unknown failures are left without a hint", "[tutor][s3]") {
    const RequestHead head = put(kSignedV4);
    CHECK_FALSE(hint_for(S3Observation{head, 200, nullptr, "b", "uploads/x.txt", ""}));
    CHECK_FALSE(hint_for(S3Observation{head, 200, nullptr, "b", "uploads/x.txt", "processed/x.txt"})
    );
    CHECK(mistake(head, kMismatch).empty());
    CHECK(mistake(head, AwsError(500, "InternalError", "We encountered an internal error.")).empty()
    );
    CHECK(mistake(head, AwsError(404, "NoSuchKey", "The specified key does not exist.")).empty());
    CHECK_FALSE(hint_for(S3Observation{head, 304, nullptr, "b", "uploads/x.txt", ""}));
}

TEST_CASE("a URL without its query string is recognised", "[tutor][s3]") {
    const AwsError denied(403, "AccessDenied", "Access Denied");
    CHECK(mistake(put(""), denied) == "query-string-missing");
    CHECK(mistake(put(kSignedV4), denied).empty());
    RequestHead header_signed = put("");
    header_signed.headers.add("Authorization", "AWS4-HMAC-SHA256 ...");
    CHECK(mistake(header_signed, denied).empty());
}

TEST_CASE("an expired URL is recognised", "[tutor][s3]") {
    CHECK(
        mistake(put(kSignedV4), AwsError(403, "AccessDenied", "Request has expired")) ==
        "url-expired"
    );
    CHECK(
        mistake(put(kSignedV4), AwsError(400, "ExpiredToken", "The provided token has expired.")) ==
        "credentials-expired"
    );
}

TEST_CASE("looking in uploads/ after the worker moved the file is recognised", "[tutor][s3]") {
    RequestHead get = put("");
    get.method = "GET";
    get.headers.add("Authorization", "AWS4-HMAC-SHA256 ...");
    const AwsError missing(404, "NoSuchKey", "The specified key does not exist.");
    const auto said = hint(get, missing, "processed/x.txt");
    REQUIRE(said);
    CHECK(said->mistake == "moved-to-processed");
    CHECK(contains(said->fix, "aws s3 ls s3://student-upload-bucket-aj/processed/"));
    CHECK(
        mistake(get, AwsError(403, "AccessDenied", kListDenied), "processed/x.txt") ==
        "moved-to-processed"
    );
}

TEST_CASE("a Content-Type signed by one side only is recognised", "[tutor][s3]") {
    std::string query(kSignedV4);
    query.replace(query.find("SignedHeaders=host"), 18, "SignedHeaders=content-type%3Bhost");
    CHECK(mistake(put(query), kMismatch) == "content-type-signed");
    RequestHead form = put(kSignedV2);
    form.headers.add("Content-Type", "application/x-www-form-urlencoded");
    CHECK(mistake(form, kMismatch) == "sigv2-content-type");
    CHECK(mistake(put(kSignedV2), kMismatch).empty());
    // Not signed by V4: allowed, so not the cause.
    RequestHead v4 = put(kSignedV4);
    v4.headers.add("Content-Type", "application/x-www-form-urlencoded");
    CHECK(mistake(v4, kMismatch).empty());
}

TEST_CASE("JSON pasted behind the URL is recognised, honest quotes are not", "[tutor][s3]") {
    const std::string raw(kSignedV4);
    CHECK(mistake(put(raw + "\",\"s3Key\":\"uploads/x.txt\""), kMismatch) == "json-behind-url");
    CHECK(
        mistake(put(raw + "%22,%20%22s3Key%22:%20%22uploads/x.txt%22%7D"), kMismatch) ==
        "json-behind-url"
    );
    CHECK(mistake(put(raw + "%22"), kMismatch) == "json-behind-url");
    CHECK(
        mistake(put(std::string(kSignedV2) + "\",\"s3Key\":\"u\""), kMismatch) == "json-behind-url"
    );
    CHECK(
        mistake(put("?response-content-disposition=filename%3D%22a%22&" + raw.substr(1)), kMismatch)
            .empty()
    );
    // Also when such a parameter comes last.
    CHECK(mistake(put(raw + "&response-content-disposition=filename%3D%22a%22"), kMismatch).empty()
    );
}

TEST_CASE("a URL cut by the shell is recognised", "[tutor][s3]") {
    const AwsError six(
        400,
        "AuthorizationQueryParametersError",
        "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, "
        "X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters."
    );
    CHECK(mistake(put("?X-Amz-Algorithm=AWS4-HMAC-SHA256"), six) == "url-not-quoted");
    CHECK(
        mistake(put("?X-Amz-Algorithm=AWS4-HMAC-SHA256\\u0026X-Amz-Credential=x"), six) ==
        "json-escape-in-url"
    );
}

TEST_CASE("a token whose plus signs became spaces is recognised", "[tutor][s3]") {
    const AwsError token(
        400, "InvalidToken", "The provided token is malformed or otherwise invalid."
    );
    const std::string url(kSignedV4);
    CHECK(mistake(put(url + "&X-Amz-Security-Token=IQoJ+abc"), token) == "url-decoded");
    CHECK(mistake(put(url + "&X-Amz-Security-Token=IQoJ+abc"), kMismatch) == "url-decoded");
    CHECK(mistake(put(url + "&X-Amz-Security-Token=IQoJ%2Babc"), token).empty());
}

TEST_CASE("the wrong region and the old signature are recognised", "[tutor][s3]") {
    AwsError region(
        400,
        "AuthorizationQueryParametersError",
        "Error parsing the X-Amz-Credential parameter; the region 'us-east-1' is wrong; expecting "
        "'us-east-2'"
    );
    region.with("Region", "us-east-2");
    CHECK(mistake(put(kSignedV4), region) == "wrong-region");
    CHECK(contains(hint(put(kSignedV4), region)->fix, "us-east-2"));
    CHECK(
        mistake(
            put(kSignedV2),
            AwsError(
                400,
                "InvalidRequest",
                "The authorization mechanism you have provided is not supported. Please use "
                "AWS4-HMAC-SHA256."
            )
        ) == "sigv2-in-v4-region"
    );
}

TEST_CASE("another method and unsigned headers are recognised", "[tutor][s3]") {
    RequestHead get = put(kSignedV4);
    get.method = "GET";
    CHECK(mistake(get, kMismatch) == "method-not-signed");
    AwsError unsigned_header(
        403, "AccessDenied", "There were headers present in the request which were not signed"
    );
    unsigned_header.with("HeadersNotSigned", "x-amz-acl");
    CHECK(mistake(put(kSignedV4), unsigned_header) == "header-not-signed");
}

TEST_CASE("a missing permission is named with the line of JSON that grants it", "[tutor][s3]") {
    const auto said = hint(put(kSignedV4), AwsError(403, "AccessDenied", kDenied));
    REQUIRE(said);
    CHECK(said->mistake == "permission-missing");
    CHECK(
        said->cause == "lambda-worker-role lacks s3:PutObject on "
                       "arn:aws:s3:::student-upload-bucket-aj/processed/x.txt."
    );
    CHECK(contains(
        said->fix,
        R"({"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::student-upload-bucket-aj/processed/*"})"
    ));
}

TEST_CASE("a Deny is not answered with another Allow", "[tutor][s3]") {
    const AwsError denied(
        403,
        "AccessDenied",
        "User: arn:aws:iam::111122223333:user/kim is not authorized to perform: s3:GetObject on "
        "resource: \"arn:aws:s3:::b/k\" with an explicit deny in a resource-based policy"
    );
    const auto said = hint(put(kSignedV4), denied);
    REQUIRE(said);
    CHECK(said->mistake == "explicit-deny");
    CHECK(contains(said->cause, "kim"));
}

TEST_CASE("the copy of a source that was moved already is a duplicate event", "[tutor][s3]") {
    RequestHead copy = put("");
    copy.headers.add("Authorization", "AWS4-HMAC-SHA256 ...");
    copy.headers.add("x-amz-copy-source", "student-upload-bucket-aj/uploads/x.txt");
    const AwsError denied(403, "AccessDenied", kListDenied);
    CHECK(mistake(copy, denied, "processed/x.txt") == "duplicate-event");
    CHECK(mistake(copy, denied) == "missing-object-without-list");
}

TEST_CASE("denials are read from any text without harm", "[tutor]") {
    CHECK_FALSE(parse_denial(""));
    CHECK_FALSE(parse_denial(" is not authorized to perform: x on resource: y User: z"));
    CHECK_FALSE(parse_denial("User: a is not authorized to perform: b"));
    const auto denial =
        parse_denial("User: a is not authorized to perform: b on resource: \\\"c\\\" because");
    REQUIRE(denial);
    CHECK(denial->resource == "c");
}
