#include "emulator/pipeline/aws_hosts.hpp"
#include "harness/virtual_ports.hpp"
#include "tests/catch.hpp"

#include <array>
#include <string>

using namespace benchtop::pipeline;

TEST_CASE("names of S3 in all their forms are answered here", "[pipeline][hosts]") {
    for (const char* const host : {
             "s3.amazonaws.com",
             "S3.AmazonAWS.com:443",
             "s3.us-east-2.amazonaws.com",
             "s3-us-west-2.amazonaws.com",
             "s3.dualstack.us-east-2.amazonaws.com",
             "bucket.s3.amazonaws.com",
             "bucket.s3.us-east-2.amazonaws.com",
             "bucket.with.dots.s3.eu-central-1.amazonaws.com",
             "bucket.s3.dualstack.us-east-2.amazonaws.com",
             "s3-accelerate.amazonaws.com",
             "bucket.s3-accelerate.amazonaws.com",
             "bucket.s3-accelerate.dualstack.amazonaws.com",
             "old_bucket.s3.amazonaws.com",
             // A bucket may be called like a service.
             "sts.s3.us-east-2.amazonaws.com",
         }) {
        INFO(host);
        CHECK(host_kind(host) == HostKind::S3);
        CHECK(host_service(host).empty());
    }
}

TEST_CASE("a bucket's website has no TLS, on AWS neither", "[pipeline][hosts]") {
    for (const char* const host :
         {"bucket.s3-website.us-east-2.amazonaws.com",
          "bucket.s3-website-us-east-1.amazonaws.com"}) {
        INFO(host);
        CHECK(host_kind(host) == HostKind::Website);
        CHECK_FALSE(has_tls(host_kind(host)));
    }
    CHECK(has_tls(HostKind::S3));
    CHECK(has_tls(HostKind::Local));
    CHECK_FALSE(has_tls(HostKind::Foreign));
}

TEST_CASE("an API's own name is API Gateway's data plane", "[pipeline][hosts]") {
    CHECK(host_kind("abc123.execute-api.us-east-2.amazonaws.com") == HostKind::HttpApi);
    CHECK(host_kind("a.b.execute-api.us-east-2.amazonaws.com") == HostKind::Foreign);
}

TEST_CASE("services are known by their first label", "[pipeline][hosts]") {
    CHECK(host_service("sts.amazonaws.com") == "sts");
    CHECK(host_service("STS.us-east-2.amazonaws.com:443") == "sts");
    CHECK(host_service("iam.amazonaws.com") == "iam");
    CHECK(host_region("STS.us-east-2.amazonaws.com:443") == "us-east-2");
    CHECK(host_region("iam.amazonaws.com").empty());
    CHECK(host_region("us-east-2.localhost").empty());
    CHECK(host_service("lambda.us-gov-west-1.amazonaws.com") == "lambda");
    CHECK(host_service("apigateway.us-east-2.amazonaws.com") == "apigateway");
    CHECK(host_service("logs.us-east-2.amazonaws.com") == "logs");
    // Not built: they answer in their own words that they know no such operation.
    CHECK(host_service("dynamodb.us-east-2.amazonaws.com") == "dynamodb");
    CHECK(host_service("rekognition.us-east-2.amazonaws.com") == "rekognition");
}

TEST_CASE("names of this machine are no tunnel to elsewhere", "[pipeline][hosts]") {
    for (const char* const host :
         {"localhost", "LOCALHOST:4566", "127.0.0.1", "[::1]:4566", "bucket.s3.localhost"}) {
        INFO(host);
        CHECK(host_kind(host) == HostKind::Local);
    }
}

TEST_CASE("everything else is the outside world", "[pipeline][hosts]") {
    for (const char* const host : {
             "",
             "example.com",
             "amazonaws.com",
             "amazonaws.com.example.com",
             "s3.amazonaws.com.example.com",
             "s3-amazonaws.com",
             "notamazonaws.com",
             "s3.us-east-2.amazonaws.com.",
             ".amazonaws.com",
             "..s3.amazonaws.com",
             "s3.amazonaws.com.cn",
             "lambda.us-east-2.api.aws",
             "aws.amazon.com",
             "ec2-3-4-5-6.us-east-2.compute.amazonaws.com",
             "balancer.us-east-2.elb.amazonaws.com",
             "sts.example.amazonaws.com",
             "169.254.169.254",
             "10.0.0.1",
             "[::2]",
             "a b.s3.amazonaws.com",
             "a,IP:10.0.0.1.s3.amazonaws.com",
             "user@s3.amazonaws.com",
         }) {
        INFO(host);
        CHECK(host_kind(host) == HostKind::Foreign);
        CHECK(host_service(host).empty());
    }
    const std::string long_label(64, 'a');
    CHECK(host_kind(long_label + ".s3.amazonaws.com") == HostKind::Foreign);
    std::string long_name;
    for (int i = 0; i < 130; ++i) {
        long_name += "a.";
    }
    CHECK(host_kind(long_name + "s3.amazonaws.com") == HostKind::Foreign);
}

TEST_CASE("whatever a name is made of, only clean ones are answered", "[pipeline][hosts]") {
    const std::array<std::string, 5> seeds{
        "bucket.s3.us-east-2.amazonaws.com:443",
        "abc123.execute-api.us-east-2.amazonaws.com",
        "lambda.us-east-2.amazonaws.com",
        "bucket.s3-website-us-east-1.amazonaws.com",
        "[::1]:4566"};
    benchtop::harness::SeededRandom random(4);
    const auto drawn = [&](std::size_t below) {
        std::array<char, 2> bytes{};
        random.fill(benchtop::RandomStream::Ids, bytes);
        return (static_cast<unsigned char>(bytes[0]) * 256u + static_cast<unsigned char>(bytes[1])
               ) %
               below;
    };
    for (int round = 0; round < 20'000; ++round) {
        std::string name = seeds[drawn(seeds.size())];
        for (std::size_t changes = 1 + drawn(4); changes > 0 && !name.empty(); --changes) {
            const std::size_t at = drawn(name.size());
            switch (drawn(3)) {
            case 0:
                name[at] = static_cast<char>(drawn(256));
                break;
            case 1:
                name.erase(at, 1 + drawn(8));
                break;
            default:
                name.insert(at, name.substr(drawn(name.size()), drawn(12)));
            }
        }
        const HostKind kind = host_kind(name);
        if (kind == HostKind::Foreign || kind == HostKind::Local) {
            continue;
        }
        const std::string host = name.substr(0, name.find(':'));
        INFO(host);
        REQUIRE(host.size() <= 253);
        REQUIRE(
            host.find_first_not_of(
                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
            ) == std::string::npos
        );
        REQUIRE(host.find("..") == std::string::npos);
    }
}
