#include "emulator/net/proxy.hpp"
#include "tests/catch.hpp"

#include <string>

using namespace benchtop;
using namespace benchtop::net;

namespace {

std::optional<Greeting> tunnel(std::string_view asked) {
    const auto to = parse_authority(asked, 0);
    return to ? tunnel_greeting(*to, "192.0.2.7") : std::nullopt;
}

} // namespace

TEST_CASE("an authority is a host and a port, or nothing", "[net][proxy]") {
    const auto plain = parse_authority("S3.amazonaws.com:443", 0);
    REQUIRE(plain);
    CHECK(plain->host == "s3.amazonaws.com");
    CHECK(plain->port == 443);
    const auto v6 = parse_authority("[::1]:4566", 0);
    REQUIRE(v6);
    CHECK(v6->host == "[::1]");
    CHECK(v6->port == 4566);
    const auto bare = parse_authority("[::1]", 80);
    REQUIRE(bare);
    CHECK(bare->port == 80);
    for (const char* const bad :
         {"",
          ":443",
          "host",
          "host:",
          "host:0",
          "host:65536",
          "host:-1",
          "host:4 43",
          "host:443x",
          "user@host:443",
          "user:password@host:443",
          "[::1",
          "[::1]443",
          "host/path:443",
          "a:b:443"}) {
        INFO(bad);
        CHECK_FALSE(parse_authority(bad, 0));
    }
    CHECK_FALSE(parse_authority(std::string(254, 'a') + ":443", 0));
    CHECK(parse_authority(std::string(253, 'a') + ":443", 0));
}

TEST_CASE("a tunnel to AWS speaks TLS on 443, HTTP on 80 and leads nowhere else", "[net][proxy]") {
    CHECK(tunnel("sts.us-east-2.amazonaws.com:443") == Greeting::Tls);
    CHECK(tunnel("sts.us-east-2.amazonaws.com:80") == Greeting::Http);
    CHECK(tunnel("b.s3-website.us-east-2.amazonaws.com:80") == Greeting::Http);
    CHECK_FALSE(tunnel("b.s3-website.us-east-2.amazonaws.com:443"));
    CHECK_FALSE(tunnel("sts.us-east-2.amazonaws.com:22"));
    CHECK_FALSE(tunnel("sts.us-east-2.amazonaws.com:4566"));
    CHECK_FALSE(tunnel("example.com:443"));
    CHECK_FALSE(tunnel("169.254.169.254:80"));
    CHECK_FALSE(tunnel("192.0.2.8:443"));
}

TEST_CASE("this machine is reached by any port and greeting", "[net][proxy]") {
    CHECK(tunnel("localhost:4566") == Greeting::Either);
    CHECK(tunnel("127.0.0.1:443") == Greeting::Either);
    CHECK(tunnel("[::1]:443") == Greeting::Either);
    CHECK(tunnel("192.0.2.7:4566") == Greeting::Either); // where the client found us
    const Authority own{"[2001:db8::1]", 443};
    CHECK(is_answered_here(own, "2001:db8::1"));
    CHECK_FALSE(is_answered_here(own, "2001:db8::2"));
}

TEST_CASE("a refusal names the host in one sentence of plain text", "[net][proxy]") {
    const Response refusal = refuse_to_forward("example.com:443");
    CHECK(refusal.status == 502);
    CHECK(refusal.headers.get("content-type") == "text/plain; charset=utf-8");
    CHECK(
        std::get<std::string>(refusal.body) ==
        "Benchtop does not answer for example.com:443, and it opens no outgoing connection to "
        "anywhere else.\n"
    );
    const Response hostile = refuse_to_forward(std::string("a\x1b[2J") + std::string(5000, 'x'));
    const auto& text = std::get<std::string>(hostile.body);
    CHECK(text.size() < 400);
    CHECK(text.find('\x1b') == std::string::npos);
}
