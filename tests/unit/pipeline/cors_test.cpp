// What a page of another origin sees of S3, over a request's whole way.
#include "emulator/core/digest.hpp"
#include "harness/lab.hpp"
#include "tests/catch.hpp"

using namespace benchtop;
using namespace benchtop::harness;

namespace {

constexpr std::string_view kOrigin = "http://page.example.com";
constexpr std::string_view kRules =
    "<CORSConfiguration><CORSRule><AllowedOrigin>http://page.example.com</AllowedOrigin>"
    "<AllowedMethod>PUT</AllowedMethod><AllowedMethod>GET</AllowedMethod><AllowedHeader>*"
    "</AllowedHeader><ExposeHeader>ETag</ExposeHeader></CORSRule></CORSConfiguration>";

std::string bucket_url(std::string_view rest) {
    return std::string(kEndpoint) + "/" + std::string(stack::kLabBucket) + std::string(rest);
}

void put_rules(Lab& lab) {
    ClientRequest request;
    request.method = "PUT";
    request.url = bucket_url("?cors");
    request.body = kRules;
    request.headers = {{"Content-MD5", to_base64(md5(kRules))}};
    REQUIRE(lab.send_signed(request, Lab::administrator()).status == 200);
}

ClientResponse ask(Lab& lab, std::string url, std::string_view method) {
    ClientRequest request;
    request.method = "OPTIONS";
    request.url = std::move(url);
    request.headers = {
        {"Origin", std::string(kOrigin)},
        {"Access-Control-Request-Method", std::string(method)},
        {"Access-Control-Request-Headers", "content-type"}};
    return lab.send(request);
}

ClientResponse from_page(Lab& lab, std::string method, std::string url, std::string body = "") {
    ClientRequest request;
    request.method = std::move(method);
    request.url = std::move(url);
    request.body = std::move(body);
    request.headers = {{"Origin", std::string(kOrigin)}, {"Content-Type", "text/plain"}};
    return lab.send(request);
}

} // namespace

TEST_CASE("A page may use a presigned URL once its bucket has CORS rules", "[pipeline][cors]") {
    Lab lab;
    const std::string url = lab.presign().upload_url;
    CHECK(ask(lab, url, "PUT").status == 403);
    const auto unseen = from_page(lab, "PUT", url, "x");
    CHECK(unseen.status == 200); // S3 stores it; the browser hides the answer
    CHECK_FALSE(unseen.headers.has("access-control-allow-origin"));
    CHECK_FALSE(unseen.headers.has("vary"));

    put_rules(lab);
    const auto asked = ask(lab, url, "PUT");
    CHECK(asked.status == 200);
    CHECK(asked.body.empty());
    CHECK_FALSE(asked.headers.has("content-type"));
    CHECK(asked.headers.get("access-control-allow-origin") == kOrigin);
    CHECK(asked.headers.get("access-control-allow-headers") == "content-type");
    const auto done = from_page(lab, "PUT", url, "x");
    CHECK(done.status == 200);
    CHECK(done.headers.get("access-control-allow-origin") == kOrigin);
    CHECK(done.headers.get("access-control-allow-methods") == "PUT, GET");
    CHECK(done.headers.get("access-control-expose-headers") == "ETag");
    CHECK(done.headers.get("access-control-allow-credentials") == "true");
    CHECK_FALSE(done.headers.has("access-control-allow-headers"));
    CHECK(
        done.headers.get("vary") ==
        "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"
    );
    CHECK(ask(lab, url, "DELETE").status == 403);
}

TEST_CASE("Refusals carry CORS headers too, so that a page can read them", "[pipeline][cors]") {
    Lab lab;
    put_rules(lab);
    const std::string url = lab.presign().upload_url;
    lab.pass(seconds{301});
    const auto expired = from_page(lab, "PUT", url, "x");
    CHECK(expired.status == 403);
    CHECK(expired.headers.get("access-control-allow-origin") == kOrigin);
    // Refused before the bucket is looked at for anything else.
    const auto conflicting = from_page(lab, "GET", bucket_url("?acl&cors"));
    CHECK(conflicting.status == 400);
    CHECK(conflicting.headers.get("access-control-allow-origin") == kOrigin);
    CHECK_FALSE(from_page(lab, "DELETE", url).headers.has("access-control-allow-origin"));
}

TEST_CASE("A preflight finds its bucket in the host as well", "[pipeline][cors]") {
    Lab lab;
    put_rules(lab);
    const std::string bucket(stack::kLabBucket);
    CHECK(ask(lab, "http://" + bucket + ".localhost:4566/k", "GET").status == 200);
    CHECK(ask(lab, "http://" + bucket + ".s3.us-east-2.amazonaws.com/", "GET").status == 200);
    CHECK(ask(lab, bucket_url("/k?X-Amz-Signature=nonsense&partNumber=x"), "GET").status == 200);
    CHECK(ask(lab, "http://localhost:4566/", "GET").status == 403);
}
