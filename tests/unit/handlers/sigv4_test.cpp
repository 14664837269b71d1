// The signer against the examples of "Authenticating Requests (AWS Signature Version 4)", S3 API
// Reference.
#include "handlers/aws/sigv4.hpp"
#include "tests/catch.hpp"

using namespace handlers::aws;

namespace {

const Credentials example{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", ""};
const SigningScope scope{"20130524T000000Z", "us-east-1"};
const std::string host = "examplebucket.s3.amazonaws.com";

std::string signature_of(
    std::string_view method,
    std::string_view path,
    std::string_view query,
    const HttpHeaders& extra,
    std::string_view body
) {
    const std::string hash = to_hex(sha256(body));
    HttpHeaders headers{
        {"Host", host}, {"x-amz-content-sha256", hash}, {"x-amz-date", "20130524T000000Z"}};
    headers.insert(headers.end(), extra.begin(), extra.end());
    return signature({method, path, query, headers, hash}, scope, example);
}

} // namespace

TEST_CASE("the signing key is the published one", "[handlers][sigv4]") {
    CHECK(
        to_hex(signing_key(example, scope)) ==
        "dbb893acc010964918f1fd433add87c70e8b0db6be30c1fbeafefa5ec6ba8378"
    );
}

TEST_CASE("header signatures equal the published ones", "[handlers][sigv4]") {
    CHECK(
        signature_of("GET", "/test.txt", "", {{"Range", "bytes=0-9"}}, "") ==
        "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
    );
    const HttpHeaders put{
        {"Date", "Fri, 24 May 2013 00:00:00 GMT"}, {"x-amz-storage-class", "REDUCED_REDUNDANCY"}};
    CHECK(
        signature_of("PUT", "/test%24file.text", "", put, "Welcome to Amazon S3.") ==
        "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
    );
    CHECK(
        signature_of("GET", "/", "lifecycle", {}, "") ==
        "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"
    );
    CHECK(
        signature_of("GET", "/", "prefix=J&max-keys=2", {}, "") ==
        "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"
    );
}

TEST_CASE("the presigned example ends in the published signature", "[handlers][sigv4]") {
    CHECK(
        presigned_query("GET", "/test.txt", {{"host", host}}, 86400, scope, example) ==
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2F"
        "us-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&"
        "X-Amz-SignedHeaders=host&X-Amz-Signature="
        "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
    );
}

TEST_CASE("canonical forms are S3's own", "[handlers][sigv4]") {
    CHECK(canonical_query("b=2&a=&acl&a=%7E+x&X=%2f") == "X=%2F&a=&a=~%20x&acl=&b=2");
    const std::string request = canonical_request(
        {"GET",
         "/a//../b%2Fc+d(e)%e9",
         "",
         {{"X-Amz-B", "  one   two "}, {"HOST", "h"}, {"x-amz-b", "3"}},
         "H"}
    );
    CHECK(
        request == "GET\n/a//../b/c%20d%28e%29%E9\n\nhost:h\nx-amz-b:one two,3\n\nhost;x-amz-b\nH"
    );
}

TEST_CASE("dates, uuids and Python's integers", "[handlers][text]") {
    CHECK(to_amz_date(0) == "19700101T000000Z");
    CHECK(to_amz_date(-1) == "19691231T235959Z");
    CHECK(to_amz_date(951'782'399'999) == "20000228T235959Z");
    CHECK(to_amz_date(951'782'400'000) == "20000229T000000Z");
    CHECK(to_amz_date(1'771'633'077'999) == "20260221T001757Z");
    std::array<unsigned char, 16> ones{};
    ones.fill(0xFF);
    CHECK(uuid4(ones) == "ffffffff-ffff-4fff-bfff-ffffffffffff");
    CHECK(parse_python_int(" 300\n") == 300);
    CHECK(parse_python_int("-5") == -5);
    CHECK(parse_python_int("1_0") == 10);
    for (const char* bad :
         {"", " ", "x", "1.5", "_1", "1_", "1__0", "--1", "99999999999999999999"}) {
        CHECK_FALSE(parse_python_int(bad));
    }
}

TEST_CASE("texts are quoted as json.dumps does", "[handlers][text]") {
    CHECK(json_quote("a\"\\\n\x01/") == "\"a\\\"\\\\\\n\\u0001/\"");
    CHECK(json_quote("é日😀") == "\"\\u00e9\\u65e5\\ud83d\\ude00\"");
    CHECK(json_quote("\xFF\xC0\xAFz") == "\"\\ufffd\\ufffd\\ufffdz\"");
    CHECK(json_quote("\xE6\x97") == "\"\\ufffd\\ufffd\"");
}
