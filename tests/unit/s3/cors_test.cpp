#include "emulator/s3/cors.hpp"
#include "emulator/s3/errors.hpp"
#include "emulator/s3/ops/ops.hpp"
#include "tests/catch.hpp"
#include "tests/unit/s3/operation_bench.hpp"

using namespace benchtop;
using namespace benchtop::s3;
using namespace benchtop::s3::test;

namespace {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

constexpr std::string_view kRecordedRefusal =
    "403 AccessForbidden: CORSResponse: This CORS request is not allowed. This is usually because "
    "the evalution of Origin, request method / Access-Control-Request-Method or "
    "Access-Control-Request-Headers are not whitelisted by the resource's CORS spec. ";

std::string configuration(std::string_view rules) {
    return "<CORSConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" +
           std::string(rules) + "</CORSConfiguration>";
}

std::string rule(std::string_view inside) {
    return configuration("<CORSRule>" + std::string(inside) + "</CORSRule>");
}

// The configuration of the recordings.
std::string recorded_rule(std::string_view headers = "<AllowedHeader>*</AllowedHeader>") {
    return rule(
        "<AllowedOrigin>https://localhost:4200</AllowedOrigin><AllowedMethod>GET</AllowedMethod>"
        "<AllowedMethod>PUT</AllowedMethod><MaxAgeSeconds>3000</MaxAgeSeconds>" +
        std::string(headers)
    );
}

std::string parsed(std::string_view document) {
    const auto rules = parse_cors(document);
    return rules ? std::to_string(rules->size()) : describe(rules.error());
}

store::Bucket bucket_with(std::string_view document) {
    store::Bucket bucket;
    bucket.name = "lab";
    if (!document.empty()) {
        bucket.settings.emplace_back("cors", document);
    }
    return bucket;
}

std::string text_of(const Headers& headers) {
    std::string text;
    for (const auto& [name, value] : headers.entries()) {
        text += name + ": " + value + "\n";
    }
    return text;
}

RequestHead head_of(std::string method, const HeaderList& headers) {
    RequestHead head;
    head.method = std::move(method);
    head.target = "/lab/k";
    for (const auto& [name, value] : headers) {
        head.headers.add(name, value);
    }
    return head;
}

std::string
preflight(std::string_view document, const HeaderList& headers, std::string key = "test-cors-123") {
    Target target;
    target.bucket = "lab";
    target.key = std::move(key);
    const store::Bucket bucket = bucket_with(document);
    const auto answer = answer_preflight(head_of("OPTIONS", headers), target, &bucket);
    if (!answer) {
        return describe(answer.error());
    }
    CHECK(std::get<std::string>(answer->body).empty());
    return std::to_string(answer->status) + "\n" + text_of(answer->headers);
}

HeaderList asking(std::string_view origin, std::string_view method, std::string_view headers = "") {
    HeaderList list{
        {"Origin", std::string(origin)}, {"Access-Control-Request-Method", std::string(method)}};
    if (!headers.empty()) {
        list.emplace_back("Access-Control-Request-Headers", headers);
    }
    return list;
}

constexpr std::string_view kVary =
    "Vary: Origin, Access-Control-Request-Headers, Access-Control-Request-Method\n";

} // namespace

TEST_CASE("A CORS configuration comes back as it was put", "[s3][cors]") {
    Bench bench;
    bench.make_bucket("lab");
    CHECK(
        outcome(bench.run(get_bucket_cors_operation(), {"GET", "/lab?cors"})) ==
        "404 NoSuchCORSConfiguration: The CORS configuration does not exist [BucketName=lab]"
    );
    const Operation remove = delete_bucket_cors_operation();
    CHECK(outcome(bench.run(remove, {"DELETE", "/lab?cors"})) == "204");

    const std::string put =
        rule("<ID>a &lt; b</ID><AllowedHeader>x-AMZ-*</AllowedHeader><ExposeHeader>ETag"
             "</ExposeHeader><AllowedMethod>GET</AllowedMethod><AllowedOrigin>http://*.example.com"
             "</AllowedOrigin><AllowedOrigin></AllowedOrigin><MaxAgeSeconds>-100</MaxAgeSeconds>");
    const HeaderList digest{{"Content-MD5", to_base64(md5(put))}};
    CHECK(
        outcome(bench.run(put_bucket_cors_operation(), {"PUT", "/lab?cors", digest, put})) == "200"
    );
    const auto got = bench.run(get_bucket_cors_operation(), {"GET", "/lab?cors"});
    REQUIRE(got.has_value());
    CHECK(got->headers.get("content-type") == "application/xml");
    CHECK(
        body_of(*got) ==
        std::string(kProlog) +
            rule("<ID>a &lt; b</ID><AllowedOrigin>http://*.example.com</AllowedOrigin>"
                 "<AllowedOrigin></AllowedOrigin><AllowedMethod>GET</AllowedMethod><AllowedHeader>"
                 "x-AMZ-*</AllowedHeader><MaxAgeSeconds>-100</MaxAgeSeconds><ExposeHeader>ETag"
                 "</ExposeHeader>")
    );
    CHECK(outcome(bench.run(remove, {"DELETE", "/lab?cors"})) == "204");
    CHECK(
        bench.run(get_bucket_cors_operation(), {"GET", "/lab?cors"}).error().code() ==
        "NoSuchCORSConfiguration"
    );
}

TEST_CASE("PutBucketCors needs a digest", "[s3][cors]") {
    Bench bench;
    bench.make_bucket("lab");
    CHECK(
        outcome(bench.run(put_bucket_cors_operation(), {"PUT", "/lab?cors", {}, recorded_rule()})
        ) == "400 InvalidRequest: Missing required header for this request: Content-MD5 OR "
             "x-amz-checksum-*"
    );
}

TEST_CASE("CORS operations ask for their own rights", "[s3][cors]") {
    Bench bench;
    bench.make_bucket("lab");
    (void)bench.run(get_bucket_cors_operation(), {"GET", "/lab?cors"});
    (void)bench.run(delete_bucket_cors_operation(), {"DELETE", "/lab?cors"});
    REQUIRE(bench.authorizer.asked.size() == 2);
    CHECK(bench.authorizer.asked[0].action == "s3:GetBucketCORS");
    CHECK(bench.authorizer.asked[1].action == "s3:PutBucketCORS");
    CHECK(bench.authorizer.asked[1].resource == "arn:aws:s3:::lab");
}

TEST_CASE("What a CORS configuration may hold", "[s3][cors]") {
    const std::string malformed = describe(malformed_xml());
    const std::string get = "<AllowedMethod>GET</AllowedMethod>";
    const std::string any = "<AllowedOrigin>*</AllowedOrigin>";
    std::string hundred;
    for (int i = 0; i < 100; ++i) {
        hundred += "<CORSRule>" + get + any + "</CORSRule>";
    }
    CHECK(parsed(configuration(hundred)) == "100");
    for (const std::string& document :
         {std::string("not xml"),
          std::string("<Other/>"),
          configuration(""),
          configuration("<Rule/>"),
          configuration(hundred + "<CORSRule>" + get + any + "</CORSRule>"),
          rule(""),
          rule(get),
          rule(any),
          rule(get + any + "<Nonsense/>"),
          rule(get + "<AllowedOrigin><b/></AllowedOrigin>"),
          rule(get + any + "<ID>1</ID><ID>2</ID>"),
          rule(get + any + "<ID>" + std::string(256, 'i') + "</ID>"),
          rule(get + any + "<MaxAgeSeconds>soon</MaxAgeSeconds>"),
          rule(get + any + "<MaxAgeSeconds>2147483648</MaxAgeSeconds>"),
          rule(get + any + "<MaxAgeSeconds>1</MaxAgeSeconds><MaxAgeSeconds>1</MaxAgeSeconds>"),
          // The form of every rule comes before the values of any.
          configuration(
              "<CORSRule>" + any + "<AllowedMethod>X</AllowedMethod></CORSRule><CORSRule/>"
          )}) {
        INFO(document.substr(0, 300));
        CHECK(parsed(document) == malformed);
    }
    const std::pair<std::string, std::string> refused[] = {
        {any + "<AllowedMethod>MYMETHOD</AllowedMethod>",
         "Found unsupported HTTP method in CORS config. Unsupported method is MYMETHOD"},
        {any + "<AllowedMethod>get</AllowedMethod>",
         "Found unsupported HTTP method in CORS config. Unsupported method is get"},
        {any + "<AllowedMethod></AllowedMethod>",
         "Found unsupported HTTP method in CORS config. Unsupported method is "},
        {get + "<AllowedOrigin>http://*.a.*</AllowedOrigin>",
         "AllowedOrigin \"http://*.a.*\" can not have more than one wildcard."},
        {get + any + "<AllowedHeader>**</AllowedHeader>",
         "AllowedHeader \"**\" can not have more than one wildcard."},
        {get + any + "<AllowedHeader>a b</AllowedHeader>",
         "AllowedHeader \"a b\" contains invalid character."},
        {get + any + "<ExposeHeader>x-amz-*</ExposeHeader>",
         "ExposeHeader \"x-amz-*\" contains wildcard. We currently do not support wildcard for "
         "ExposeHeader."},
        {get + any + "<ExposeHeader>a&#13;&#10;b</ExposeHeader>",
         "ExposeHeader \"a\r\nb\" contains invalid character."},
    };
    for (const auto& [inside, message] : refused) {
        CHECK(parsed(rule(inside)) == "400 InvalidRequest: " + message);
    }
}

TEST_CASE("A preflight is answered as recorded", "[s3][cors]") {
    const std::string allowed = "200\nAccess-Control-Allow-Origin: https://localhost:4200\n"
                                "Access-Control-Allow-Methods: GET, PUT\n";
    const std::string rest =
        "Access-Control-Max-Age: 3000\nAccess-Control-Allow-Credentials: true\n";
    CHECK(
        preflight(recorded_rule(), asking("https://localhost:4200", "PUT")) ==
        allowed + rest + std::string(kVary)
    );
    CHECK(
        preflight(
            recorded_rule(), asking("https://localhost:4200", "PUT", "x-AMZ-request-payer,x-amz-b")
        ) == allowed + "Access-Control-Allow-Headers: x-amz-request-payer, x-amz-b\n" + rest +
                 std::string(kVary)
    );
    CHECK(
        preflight(
            rule("<AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin>"
                 "<ExposeHeader>x-amz-id-2</ExposeHeader><ExposeHeader>ETag</ExposeHeader>"),
            asking("http://random:1234", "GET")
        ) == "200\nAccess-Control-Allow-Origin: *\nAccess-Control-Allow-Methods: GET\n"
             "Access-Control-Expose-Headers: x-amz-id-2, ETag\n" +
                 std::string(kVary)
    );
}

TEST_CASE("A preflight is refused as recorded", "[s3][cors]") {
    const std::string origin = "https://localhost:4200";
    CHECK(
        preflight(recorded_rule(), {{"Access-Control-Request-Method", "PUT"}}) ==
        "400 BadRequest: Insufficient information. Origin request header needed."
    );
    const std::string not_enabled =
        "403 AccessForbidden: CORSResponse: CORS is not enabled for this bucket. ";
    CHECK(
        preflight("", asking(origin, "PUT")) == not_enabled + "[Method=PUT] [ResourceType=BUCKET]"
    );
    CHECK(
        preflight("", {{"Origin", origin}}) ==
        not_enabled + "[Method=OPTIONS] [ResourceType=BUCKET]"
    );
    CHECK(
        preflight(recorded_rule(), {{"Origin", origin}}) ==
        "400 BadRequest: Invalid Access-Control-Request-Method: null"
    );
    CHECK(
        preflight(recorded_rule(), asking(origin, "PATCH")) ==
        "400 BadRequest: Invalid Access-Control-Request-Method: PATCH"
    );
    CHECK(
        preflight(recorded_rule(), asking(origin, "PUT", "x a")) ==
        "400 BadRequest: Access-Control-Request-Headers \"x a\" contains invalid character."
    );
    const std::string refusal(kRecordedRefusal);
    CHECK(
        preflight(recorded_rule(), asking("http://localhost:4200", "PUT")) ==
        refusal + "[Method=PUT] [ResourceType=OBJECT]"
    );
    CHECK(
        preflight(recorded_rule(), asking("http://localhost:4200", "PUT"), "") ==
        refusal + "[Method=PUT] [ResourceType=BUCKET]"
    );
    CHECK(
        preflight(recorded_rule(), asking(origin, "DELETE")) ==
        refusal + "[Method=DELETE] [ResourceType=OBJECT]"
    );
    // No AllowedHeader at all: a preflight that names one is refused.
    CHECK(
        preflight(recorded_rule(""), asking(origin, "GET", "x-amz-request-payer")) ==
        refusal + "[Method=GET] [ResourceType=OBJECT]"
    );
    CHECK(preflight(recorded_rule(""), asking(origin, "GET")).starts_with("200"));
}

TEST_CASE("The first rule that allows everything decides", "[s3][cors]") {
    const auto rules = parse_cors(configuration(
        "<CORSRule><ID>0</ID><AllowedMethod>PUT</AllowedMethod><AllowedOrigin>http://a</"
        "AllowedOrigin>"
        "</CORSRule><CORSRule><ID>1</ID><AllowedMethod>PUT</AllowedMethod><AllowedOrigin>http://a"
        "</AllowedOrigin><AllowedHeader>x-*-id</AllowedHeader></CORSRule><CORSRule><ID>2</ID>"
        "<AllowedMethod>GET</AllowedMethod><AllowedOrigin>http://*.b</AllowedOrigin>"
        "<AllowedOrigin>*</AllowedOrigin></CORSRule>"
    ));
    REQUIRE(rules.has_value());
    const auto decided = [&](std::string_view origin,
                             std::string_view method,
                             std::vector<std::string> headers = {}) -> std::string {
        const auto verdict = match_cors(*rules, {origin, method, std::move(headers)});
        return verdict ? *verdict->rule->id + (verdict->any_origin ? "*" : "") : "none";
    };
    CHECK(decided("http://a", "PUT") == "0");
    CHECK(decided("http://a", "PUT", {"x-request-id"}) == "1");
    CHECK(decided("http://a", "PUT", {"x-id"}) == "none");
    CHECK(decided("http://A", "PUT") == "none");
    CHECK(decided("http://a", "GET") == "2*");
    CHECK(decided("http://c.b", "GET") == "2");
    CHECK(decided("http://.b", "GET") == "2");
    CHECK(decided("http://b", "GET") == "2*");
    CHECK(decided("http://a", "DELETE") == "none");
}

TEST_CASE("An actual request gets CORS headers when its origin and method fit", "[s3][cors]") {
    const store::Bucket bucket = bucket_with(recorded_rule("<AllowedHeader>x-a</AllowedHeader>"));
    const std::string expected =
        "Access-Control-Allow-Origin: https://localhost:4200\n"
        "Access-Control-Allow-Methods: GET, PUT\nAccess-Control-Max-Age: 3000\n"
        "Access-Control-Allow-Credentials: true\n" +
        std::string(kVary);
    const auto headers = [&](std::string method, HeaderList more) {
        more.emplace_back("Origin", "https://localhost:4200");
        return text_of(cors_headers(head_of(std::move(method), more), bucket));
    };
    CHECK(headers("GET", {}) == expected);
    CHECK(headers("PUT", {{"x-amz-request-payer", "requester"}}) == expected); // not checked
    CHECK(headers("DELETE", {}).empty());
    CHECK(text_of(cors_headers(head_of("GET", {{"Origin", "http://b"}}), bucket)).empty());
    CHECK(text_of(cors_headers(head_of("GET", {}), bucket)).empty());
    CHECK(text_of(cors_headers(head_of("GET", {{"Origin", "http://b"}}), bucket_with(""))).empty());
    // A preflight's headers on an actual request count as in a preflight (recorded).
    CHECK(headers("GET", {{"Access-Control-Request-Method", "DELETE"}}).empty());
    CHECK(headers("GET", {{"Access-Control-Request-Headers", "x-amz-request-payer"}}).empty());
    CHECK_FALSE(headers("DELETE", {{"Access-Control-Request-Method", "PUT"}}).empty());
}
