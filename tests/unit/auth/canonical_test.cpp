// Canonical forms, piece by piece.
#include "emulator/auth/canonical.hpp"
#include "emulator/auth/scope.hpp"
#include "tests/unit/auth/rig.hpp"

using namespace rig;

namespace {

std::string path(std::string_view raw, PathRule rule = PathRule::S3) {
    std::string out;
    append_canonical_path(out, raw, rule);
    return out;
}

std::string query(std::string_view raw) {
    std::string out;
    CanonicalQuery(raw).append_to(out, "X-Amz-Signature");
    return out;
}

std::string value(std::string_view raw) {
    std::string out;
    append_canonical_value(out, raw);
    return out;
}

} // namespace

TEST_CASE("S3 decodes a path and encodes it once", "[auth][canonical]") {
    CHECK(path("") == "/");
    CHECK(path("/a b+c%2Bd%2fe") == "/a%20b%20c%2Bd/e");
    CHECK(path("//bucket/../x//y/./z") == "//bucket/../x//y/./z");
    CHECK(path("/(=:@)") == "/%28%3D%3A%40%29");
    CHECK(path("/caf\xc3\xa9") == "/caf%C3%A9");
    CHECK(path("/100%zz%4") == "/100%25zz%254");
    CHECK(path("/a%25b") == "/a%25b");
}

TEST_CASE("other services normalise a path and encode it twice", "[auth][canonical]") {
    CHECK(path("/", PathRule::Generic) == "/");
    CHECK(path("//a//./b/../c/", PathRule::Generic) == "/a/c/");
    CHECK(path("/x/arn%3Aaws", PathRule::Generic) == "/x/arn%253Aaws");
    CHECK(path("/..", PathRule::Generic) == "/");
}

TEST_CASE("query parameters are sorted by encoded name, then value", "[auth][canonical]") {
    CHECK(query("prefix=b&acl&a=2&a=1") == "a=1&a=2&acl=&prefix=b");
    CHECK(query("k=a+b&j=a%20b&l=a/b") == "j=a%20b&k=a%20b&l=a%2Fb");
    CHECK(query("b=1&X-Amz-Signature=zz&&a=%") == "a=%25&b=1");
}

TEST_CASE("header values are trimmed and their inner spaces collapsed", "[auth][canonical]") {
    CHECK(value("  a   b \t c  ") == "a b c");
    CHECK(value("") == "");
    CHECK(value("   ") == "");
    CHECK(value("abc") == "abc");
}

TEST_CASE("repeated headers are joined by a comma", "[auth][canonical]") {
    Headers headers;
    headers.add("X-Amz-Meta-A", " 1 ");
    headers.add("x-amz-meta-a", "2  3");
    const CanonicalQuery none("");
    const std::string text = canonical_request(
        {.method = "GET",
         .path = "/",
         .path_rule = PathRule::S3,
         .query = none,
         .query_left_out = {},
         .headers = headers,
         .signed_headers = "x-amz-meta-a",
         .payload_hash = "UNSIGNED-PAYLOAD"}
    );
    CHECK(text == "GET\n/\n\nx-amz-meta-a:1,2 3\n\nx-amz-meta-a\nUNSIGNED-PAYLOAD");
}

TEST_CASE("a header named often does not multiply the canonical request", "[auth][canonical]") {
    Headers headers;
    headers.add("a", std::string(60000, 'x'));
    std::string names = "a";
    for (int i = 0; i < 5000; ++i) {
        names += ";a";
    }
    const CanonicalQuery none("");
    const std::string text = canonical_request(
        {.method = "GET",
         .path = "/",
         .path_rule = PathRule::S3,
         .query = none,
         .query_left_out = {},
         .headers = headers,
         .signed_headers = names,
         .payload_hash = ""}
    );
    CHECK(text.size() < (2U << 20));
}

TEST_CASE("the access key id is everything before the last four fields", "[auth][canonical]") {
    const auto scope = parse_credential("a/b/20130524/us-east-1/s3/aws4_request");
    REQUIRE(scope.has_value());
    CHECK(scope->access_key_id == "a/b");
    CHECK(scope->text == "20130524/us-east-1/s3/aws4_request");
    CHECK_FALSE(parse_credential("20130524/us-east-1/s3/aws4_request").has_value());
    CHECK(is_plausible_region("us-gov-west-1"));
    for (const char* bad : {"", "aws-global", "us-1", "US-EAST-1", "us-east-", "us--east-1", "x"}) {
        CHECK_FALSE(is_plausible_region(bad));
    }
}
