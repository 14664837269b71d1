#include "emulator/s3/target.hpp"
#include "tests/catch.hpp"

using namespace benchtop;
using namespace benchtop::s3;

namespace {

Result<Target> resolve(std::string_view host, std::string target) {
    RequestHead head;
    head.method = "GET";
    head.target = std::move(target);
    head.headers.add("Host", host);
    return resolve_target(head);
}

struct HostRow {
    const char* host;
    AddressStyle style;
    const char* bucket; // for the path "/k1/k2"
    const char* key;
    const char* region; // "" for none
};

} // namespace

TEST_CASE(
    "The Host header says where the bucket is named and which region is meant", "[s3][target]"
) {
    const auto path = AddressStyle::Path;
    const auto virtual_host = AddressStyle::VirtualHost;
    const HostRow rows[] = {
        {"localhost:4566", path, "k1", "k2", ""},
        {"127.0.0.1:4566", path, "k1", "k2", ""},
        {"[::1]:4566", path, "k1", "k2", ""},
        {"[::1]", path, "k1", "k2", ""},
        {"lab.test", path, "k1", "k2", ""},
        {"s3.localhost:4566", path, "k1", "k2", ""},
        {"s3.us-east-2.localhost", path, "k1", "k2", "us-east-2"},
        {"s3.amazonaws.com", path, "k1", "k2", ""},
        {"S3.US-EAST-2.AmazonAWS.com:443", path, "k1", "k2", "us-east-2"},
        {"s3-eu-west-1.amazonaws.com", path, "k1", "k2", "eu-west-1"},
        {"s3.dualstack.us-east-2.amazonaws.com", path, "k1", "k2", "us-east-2"},
        {"my-bucket.localhost:4566", virtual_host, "my-bucket", "k1/k2", ""},
        {"my.dotted.bucket.localhost", virtual_host, "my.dotted.bucket", "k1/k2", ""},
        {"my-bucket.s3.localhost", virtual_host, "my-bucket", "k1/k2", ""},
        {"my-bucket.s3.us-east-2.localhost:80", virtual_host, "my-bucket", "k1/k2", "us-east-2"},
        {"my-bucket.s3.amazonaws.com", virtual_host, "my-bucket", "k1/k2", ""},
        {"My-Bucket.s3.us-east-2.amazonaws.com", virtual_host, "my-bucket", "k1/k2", "us-east-2"},
        {"my.b.s3.us-gov-west-1.amazonaws.com", virtual_host, "my.b", "k1/k2", "us-gov-west-1"},
        {"my-bucket.s3-eu-west-1.amazonaws.com", virtual_host, "my-bucket", "k1/k2", "eu-west-1"},
        {"b.s3.dualstack.us-east-2.amazonaws.com", virtual_host, "b", "k1/k2", "us-east-2"},
        {"b.s3-accelerate.amazonaws.com", virtual_host, "b", "k1/k2", ""},
        {"b.s3-accelerate.dualstack.amazonaws.com", virtual_host, "b", "k1/k2", ""},
    };
    for (const auto& row : rows) {
        INFO(row.host);
        const auto target = resolve(row.host, "/k1/k2?x=/y");
        REQUIRE(target.has_value());
        CHECK(target->style == row.style);
        CHECK(target->bucket == row.bucket);
        CHECK(target->key == row.key);
        CHECK(target->endpoint_region.value_or("") == row.region);
    }
}

TEST_CASE("A bucket may have a website's name", "[s3][target]") {
    const auto bucket = resolve("s3-website.s3.us-east-2.amazonaws.com", "/k");
    REQUIRE(bucket.has_value());
    CHECK(bucket->bucket == "s3-website");
}

TEST_CASE("A path names bucket and key byte for byte", "[s3][target]") {
    struct Row {
        const char* path;
        const char* bucket;
        const char* key;
    };

    const Row rows[] = {
        {"/", "", ""},
        {"/b", "b", ""},
        {"/b/", "b", ""},
        {"/b?list-type=2", "b", ""},
        {"/b//k", "b", "/k"},
        {"/b/a//k/", "b", "a//k/"},
        {"/b/a+c%20d", "b", "a c d"},
        {"/b/a%2Bc", "b", "a+c"},
        {"/b/a%2Fc", "b", "a/c"},
        {"/b/a%252Fc", "b", "a%2Fc"},
        {"/b/caf%C3%A9", "b", "caf\xC3\xA9"},
        {"/b/../x//y/./z", "b", "../x//y/./z"},
        {"/b/a/../c", "b", "a/../c"},
        {"/b/test@key/", "b", "test@key/"},
    };
    for (const auto& row : rows) {
        INFO(row.path);
        const auto target = resolve("localhost", row.path);
        REQUIRE(target.has_value());
        CHECK(target->bucket == row.bucket);
        CHECK(target->key == row.key);
    }
    const auto leading_slash = resolve("b.s3.amazonaws.com", "//k");
    REQUIRE(leading_slash.has_value());
    CHECK(leading_slash->key == "/k");
    const auto bucket = resolve("b.s3.amazonaws.com", "/");
    REQUIRE(bucket.has_value());
    CHECK(bucket->bucket == "b");
    CHECK(bucket->key.empty());
}

TEST_CASE("A path that climbs above the root gets 400 with an empty body", "[s3][target]") {
    for (const char* path : {"/../x", "/b/a/../../../c", "/%2E%2E/x", "/a/../../b"}) {
        INFO(path);
        const auto target = resolve("localhost", path);
        REQUIRE_FALSE(target.has_value());
        CHECK(target.error().status() == 400);
        CHECK(target.error().code().empty());
    }
}

TEST_CASE("A path that is no text is refused with InvalidURI", "[s3][target]") {
    for (const char* path : {"/b/%zz", "/b/%", "/b/%ff", "/b/%C3", "*"}) {
        INFO(path);
        const auto target = resolve("localhost", path);
        REQUIRE_FALSE(target.has_value());
        CHECK(target.error().code() == "InvalidURI");
        CHECK(target.error().extra_value("URI") == path);
    }
}

TEST_CASE("A key has at most 1024 bytes", "[s3][target]") {
    const auto longest = resolve("localhost", "/b/" + std::string(1024, 'k'));
    REQUIRE(longest.has_value());
    CHECK(longest->key.size() == 1024);
    const auto longer = resolve("localhost", "/b/" + std::string(1025, 'k'));
    REQUIRE_FALSE(longer.has_value());
    CHECK(longer.error().code() == "KeyTooLongError");
    CHECK(longer.error().extra_value("Size") == "1025");
    CHECK(longer.error().extra_value("MaxSizeAllowed") == "1024");
}

TEST_CASE("A request without Host gets 400 with an empty body", "[s3][target]") {
    RequestHead head;
    head.method = "GET";
    head.target = "/b";
    const auto target = resolve_target(head);
    REQUIRE_FALSE(target.has_value());
    CHECK(target.error().code().empty());
}
