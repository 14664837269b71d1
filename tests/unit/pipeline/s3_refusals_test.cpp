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

TEST_CASE("The global endpoint in path style is us-east-1's", "[pipeline]") {
    Lab lab;
    ClientRequest request;
    request.url = in_lab_bucket("http://s3.amazonaws.com/", "/k");
    const auto elsewhere = lab.send_signed(request, Lab::administrator(), "us-east-1");
    CHECK(elsewhere.status == 301);
    CHECK(elsewhere.headers.get("x-amz-bucket-region") == stack::kLabRegion);
    CHECK_FALSE(elsewhere.headers.has("Location"));
    CHECK(contains(
        elsewhere.body,
        "<Code>PermanentRedirect</Code><Message>The bucket you are attempting to access must be "
        "addressed using the specified endpoint. Please send all future requests to this "
        "endpoint.</Message><Endpoint>student-upload-bucket-aj.s3.us-east-2.amazonaws.com"
        "</Endpoint><Bucket>student-upload-bucket-aj</Bucket><RequestId>"
    ));
    const auto signed_there = lab.send_signed(request, Lab::administrator(), "us-east-2");
    CHECK(signed_there.status == 400);
    CHECK(contains(
        signed_there.body,
        "the region 'us-east-2' is wrong; expecting 'us-east-1'</Message><Region>us-east-1</Region>"
    ));
    CHECK(signed_there.headers.get("x-amz-bucket-region") == "us-east-1");
    // The bucket's own host is routed by its name.
    request.url = "http://student-upload-bucket-aj.s3.amazonaws.com/k";
    CHECK(lab.send_signed(request, Lab::administrator(), "us-east-2").status == 404);
    const auto wrong = lab.send_signed(request, Lab::administrator(), "us-east-1");
    CHECK(wrong.status == 400);
    CHECK(contains(wrong.body, "expecting 'us-east-2'</Message><Region>us-east-2</Region>"));
}

TEST_CASE("Every name of a region's endpoint reaches its buckets", "[pipeline]") {
    Lab lab;
    const std::string bucket(stack::kLabBucket);
    for (const std::string& url : {
             "http://s3.us-east-2.amazonaws.com/" + bucket,
             "http://s3-us-east-2.amazonaws.com/" + bucket,
             "http://s3.dualstack.us-east-2.amazonaws.com/" + bucket,
             "http://" + bucket + ".s3.us-east-2.amazonaws.com/",
             "http://" + bucket + ".s3-us-east-2.amazonaws.com/",
             "http://" + bucket + ".s3.dualstack.us-east-2.amazonaws.com/",
             "http://" + bucket + ".s3.amazonaws.com/",
         }) {
        INFO(url);
        ClientRequest request;
        request.url = url;
        CHECK(lab.send_signed(request, Lab::administrator()).status == 200);
    }
}

TEST_CASE("An accelerate endpoint needs a bucket that has it enabled", "[pipeline]") {
    Lab lab;
    ClientRequest request;
    request.url = "http://" + std::string(stack::kLabBucket) + ".s3-accelerate.amazonaws.com/";
    const auto answer = [&] {
        const auto sent = lab.send_signed(request, Lab::administrator());
        const auto begin = sent.body.find("<Message>") + 9;
        return sent.status == 200 ? std::string("200")
                                  : sent.body.substr(begin, sent.body.find('<', begin) - begin);
    };
    const auto configure = [&](std::string_view status) {
        lab.write([&](store::WriteTx& tx) {
            tx.set_bucket_setting(
                tx.find_bucket(stack::kLabBucket)->id,
                "accelerate",
                "<AccelerateConfiguration><Status>" + std::string(status) +
                    "</Status></AccelerateConfiguration>"
            );
        });
    };
    CHECK(answer() == "S3 Transfer Acceleration is not configured on this bucket");
    configure("Suspended");
    CHECK(answer() == "S3 Transfer Acceleration is disabled on this bucket");
    configure("Enabled");
    CHECK(answer() == "200");
    request.url = in_lab_bucket("http://s3-accelerate.amazonaws.com/", "/k");
    CHECK(
        answer() ==
        "The Amazon S3 Transfer Acceleration endpoint supports only virtual style requests."
    );
}
