#include "emulator/apigateway/jwt.hpp"
#include "emulator/core/encoding.hpp"
#include "tests/catch.hpp"

#include <boost/json.hpp>

using namespace benchtop;
using namespace benchtop::apigateway;

namespace {

std::string base64url(std::string_view text) {
    std::string out = to_base64(as_bytes(text));
    for (char& c : out) {
        c = c == '+' ? '-' : c == '/' ? '_' : c;
    }
    while (out.ends_with('=')) {
        out.pop_back();
    }
    return out;
}

Jwt token(std::string_view claims) {
    return parse_jwt(base64url(R"({"alg":"RS256","kid":"k"})") + "." + base64url(claims) + ".AAAA")
        .value();
}

const UtcInstant kNow = from_epoch_seconds(1'800'000'000);
const std::string kIssuer = "https://issuer";
const std::vector<std::string> kAudience{"lab"};

std::string refusal(const std::string& claims, const TimeAxis& axis = {}, UtcInstant now = kNow) {
    const auto checked = check_claims(token(claims), kIssuer, kAudience, axis, now);
    return checked ? "" : checked.error().message();
}

std::string
claims_of(std::int64_t issued, std::int64_t expires, std::string_view aud = R"("lab")") {
    return R"({"iss":"https://issuer","aud":)" + std::string(aud) + R"(,"iat":)" +
           std::to_string(issued) + R"(,"exp":)" + std::to_string(expires) + "}";
}

} // namespace

TEST_CASE("a token is three parts of base64url, two of them objects", "[apigateway][jwt]") {
    for (const std::string& bad : std::vector<std::string>{
             "", "a", "a.b", "a.b.c", "....", base64url("[]") + "." + base64url("{}") + ".AAAA"}) {
        CHECK_FALSE(parse_jwt(bad).has_value());
    }
    CHECK_FALSE(parse_jwt(std::string(9000, 'a') + ".b.c").has_value());
    CHECK(token(R"({"iss":"x"})").text("iss") == "x");
    CHECK(token(R"({"iss":1})").text("iss").empty());
}

TEST_CASE("claims say who, for whom and until when", "[apigateway][jwt]") {
    const auto now = to_epoch_seconds(kNow);
    CHECK(refusal(claims_of(now, now + 300)).empty());
    CHECK(refusal(claims_of(now, now + 300, R"(["a","lab"])")).empty());
    CHECK(refusal(claims_of(now, now + 300, R"("other")")) == "the token has an invalid audience");
    CHECK(refusal(R"({"iss":"https://other","aud":"lab"})") == "the token has an invalid issuer");
    CHECK(refusal(R"({"iss":"https://issuer","aud":"lab"})") == "the token has no expiry");
    CHECK(refusal(claims_of(now - 301, now - 1)) == "the token has expired");
    CHECK(refusal(claims_of(now + 60, now + 300)) == "the token is not valid yet");
    CHECK(refusal(
              R"({"iss":"https://issuer","client_id":"lab","exp":)" + std::to_string(now + 5) + "}"
    )
              .empty());
}

TEST_CASE("an advance of the clock ages tokens that were there before it", "[apigateway][jwt]") {
    const auto now = to_epoch_seconds(kNow);
    TimeAxis axis;
    axis.advance(kNow, seconds{301});
    const UtcInstant later = kNow + seconds{1};
    CHECK(refusal(claims_of(now - 1, now + 299), axis, later) == "the token has expired");
    CHECK(refusal(claims_of(now + 1, now + 301), axis, later).empty());
}

TEST_CASE(
    "a key set without the key, or another algorithm, verifies nothing", "[apigateway][jwt]"
) {
    const Jwt jwt = token("{}");
    CHECK_FALSE(parse_key_set(""));
    CHECK_FALSE(parse_key_set(R"({"keys":{}})"));
    const auto empty = parse_key_set(R"({"keys":[]})").value();
    CHECK_FALSE(has_key_of(jwt, empty));
    CHECK_FALSE(verify_signature(jwt, empty).has_value());
    const auto other =
        parse_key_set(R"({"keys":[{"kty":"RSA","kid":"k","n":"AQAB","e":"AQAB"}]})").value();
    CHECK(has_key_of(jwt, other));
    CHECK_FALSE(verify_signature(jwt, other).has_value());
    const Jwt none =
        parse_jwt(base64url(R"({"alg":"none","kid":"k"})") + "." + base64url("{}") + ".").value();
    CHECK(verify_signature(none, other).error().message() == "signing method none is invalid");
}

TEST_CASE("scopes come as a text or a list", "[apigateway][jwt]") {
    CHECK(scopes_of(token(R"({"scope":"a  b"})")) == std::vector<std::string>{"a", "b"});
    CHECK(scopes_of(token(R"({"scp":["c"]})")) == std::vector<std::string>{"c"});
}
