// Answers of S3 that need the request's whole way: what the route refuses and only the state can
// explain, and which regions' endpoints answer.
#include "harness/lab.hpp"
#include "tests/catch.hpp"

using namespace benchtop;
using namespace benchtop::harness;

namespace {

constexpr std::string_view kRegional = "http://s3.us-west-2.amazonaws.com/";

std::string in_lab_bucket(std::string_view host, std::string_view rest) {
    return std::string(host).append(stack::kLabBucket).append(rest);
}

ClientResponse preflight(Lab& lab, std::string_view bucket) {
    ClientRequest request;
    request.method = "OPTIONS";
    request.url = std::string(kEndpoint) + "/" + std::string(bucket) + "/k";
    request.headers = {{"Origin", "http://localhost"}, {"Access-Control-Request-Method", "PUT"}};
    return lab.send(request);
}

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

} // namespace

TEST_CASE("A preflight is told whether the bucket or its CORS rules are missing", "[pipeline]") {
    Lab lab;
    const auto closed = preflight(lab, stack::kLabBucket);
    CHECK(closed.status == 403);
    CHECK(contains(
        closed.body,
        "<Code>AccessForbidden</Code><Message>CORSResponse: CORS is not enabled for this "
        "bucket.</Message><Method>PUT</Method><ResourceType>BUCKET</ResourceType><RequestId>"
    ));
    const auto missing = preflight(lab, "no-such-bucket");
    CHECK(missing.status == 403);
    CHECK(contains(
        missing.body,
        "<Code>AccessForbidden</Code><Message>CORSResponse: Bucket not found</Message>"
        "<Method>OPTIONS</Method><ResourceType>BUCKET</ResourceType><RequestId>"
    ));
}

TEST_CASE("HeadBucket says where a bucket lives even to whom it refuses", "[pipeline]") {
    Lab lab;
    ClientRequest request;
    request.method = "HEAD";
    request.url = std::string(kEndpoint) + "/" + std::string(stack::kLabBucket);
    const auto refused = lab.send(request);
    CHECK(refused.status == 403);
    CHECK(refused.headers.get("x-amz-bucket-region") == stack::kLabRegion);
    request.method = "GET";
    CHECK_FALSE(lab.send(request).headers.has("x-amz-bucket-region"));
}

TEST_CASE("Any region's endpoint tells a bucket's location, in path style", "[pipeline]") {
    Lab lab;
    ClientRequest request;
    request.url = in_lab_bucket(kRegional, "?location");
    const auto told = lab.send_signed(request, Lab::administrator(), "us-west-2");
    CHECK(told.status == 200);
    CHECK(contains(told.body, ">us-east-2</LocationConstraint>"));
    request.url = in_lab_bucket("http://s3.amazonaws.com/", "?location");
    CHECK(lab.send_signed(request, Lab::administrator(), "us-east-1").status == 200);
    // Nothing else is answered there.
    request.url = in_lab_bucket(kRegional, "?policy");
    CHECK(lab.send_signed(request, Lab::administrator(), "us-west-2").status == 301);
    request.url =
        "http://" + std::string(stack::kLabBucket) + ".s3.us-west-2.amazonaws.com/?location";
    CHECK(lab.send_signed(request, Lab::administrator(), "us-west-2").status == 301);
}
