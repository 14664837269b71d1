// The worker over an S3 of a few lines: what it prints, what it sends, and what a second attempt
// finds.
#include "handlers/worker_move/worker_move.hpp"
#include "tests/catch.hpp"
#include "tests/unit/handlers/fake_world.hpp"

using namespace handlers;
using handlers::test::FakeS3;
using handlers::test::s3_event;
using handlers::test::World;

namespace {

std::string answer(World& world, const std::string& event) {
    auto context = world.context();
    const auto outcome = worker_move::handle_json(event, context);
    return outcome ? *outcome : outcome.error().type() + ": " + outcome.error().message();
}

using Keys = std::set<std::string>;

} // namespace

TEST_CASE("an upload is copied, deleted and reported as in the lab", "[handlers][worker]") {
    World world;
    world.s3.keys = {"lab-bucket/uploads/upload-1.txt"};
    CHECK(answer(world, s3_event({"uploads/upload-1.txt"})) == "{\"status\": \"ok\"}");
    CHECK(world.s3.keys == Keys{"lab-bucket/processed/upload-1.txt"});
    CHECK(
        world.log.text == "Moving: uploads/upload-1.txt -> processed/upload-1.txt\n"
                          "Moved successfully: processed/upload-1.txt\n"
    );
    REQUIRE(world.s3.requests.size() == 2);
    const auto& copy = world.s3.requests[0];
    CHECK(copy.url == "http://s3.test:4566/lab-bucket/processed/upload-1.txt");
    CHECK(FakeS3::header(copy, "Host") == "s3.test:4566");
    CHECK(FakeS3::header(copy, "X-Amz-Security-Token") == "token//+==");
    CHECK(FakeS3::header(copy, "Authorization")
              .starts_with("AWS4-HMAC-SHA256 "
                           "Credential=ASIAIOSFODNN7EXAMPLE/20260221/us-east-2/s3/aws4_request, "
                           "SignedHeaders=host;x-amz-content-sha256;x-amz-copy-source;x-amz-copy-"
                           "source-if-match;x-amz-date;x-amz-security-token, Signature="));
    CHECK(copy.timeout_ms == 3000);
}

TEST_CASE("keys are form-decoded", "[handlers][worker]") {
    const auto [encoded, name] = GENERATE(table<std::string, std::string>({
        {"uploads/my+file+%281%29.txt", "my file (1).txt"},
        {"uploads/50%25%2B.txt", "50%+.txt"},
        {"uploads/na%C3%AFve.txt", "naïve.txt"},
        {"uploads/%E6%97%A5.txt", "日.txt"},
        {"uploads/sub/dir//a.txt", "sub/dir//a.txt"},
        {"uploads/100%", "100%"},
        {"uploads/%zz%4", "%zz%4"},
        {"uploads/", ""},
        {"uploads%2Fx", "x"},
    }));
    World world;
    world.s3.keys = {"lab-bucket/uploads/" + name};
    CHECK(answer(world, s3_event({encoded})) == "{\"status\": \"ok\"}");
    CHECK(world.s3.keys == Keys{"lab-bucket/processed/" + name});
    CHECK(
        world.log.text == "Moving: uploads/" + name + " -> processed/" + name +
                              "\nMoved successfully: processed/" + name + "\n"
    );
}

TEST_CASE("keys outside uploads/ are skipped aloud", "[handlers][worker]") {
    World world;
    world.environment.variables["PROCESSED_PREFIX"] = "done/";
    world.s3.keys = {"lab-bucket/uploads/a"};
    CHECK(
        answer(world, s3_event({"processed/x.txt", "Uploads/y", "uploads/a"})) ==
        "{\"status\": \"ok\"}"
    );
    CHECK(
        world.log.text ==
        "Skipping non-uploads key: processed/x.txt\nSkipping non-uploads key: Uploads/y\n"
        "Moving: uploads/a -> done/a\nMoved successfully: done/a\n"
    );
    CHECK(world.s3.keys == Keys{"lab-bucket/done/a"});
    CHECK(answer(world, "{\"Records\":[]}") == "{\"status\": \"ok\"}");
}

TEST_CASE("after a copy without its delete, the retry ends right", "[handlers][worker]") {
    World world;
    world.s3.keys = {"lab-bucket/uploads/a"};
    world.s3.faults["DELETE"] = {
        FakeS3::error(503, "SlowDown", "Please reduce your request rate.")};
    CHECK(
        answer(world, s3_event({"uploads/a"})) ==
        "ClientError: An error occurred (SlowDown) when calling the DeleteObject operation: "
        "Please reduce your request rate."
    );
    CHECK(world.s3.keys == Keys{"lab-bucket/uploads/a", "lab-bucket/processed/a"});
    CHECK(world.log.text == "Moving: uploads/a -> processed/a\n");
    CHECK(answer(world, s3_event({"uploads/a"})) == "{\"status\": \"ok\"}");
    CHECK(world.s3.keys == Keys{"lab-bucket/processed/a"});
}

TEST_CASE("an event that comes again, or too late, is no failure", "[handlers][worker]") {
    World world;
    const std::string event = s3_event({"uploads/a"});
    SECTION("gone already: a duplicate event") {
        CHECK(answer(world, event) == "{\"status\": \"ok\"}");
        CHECK(world.log.text == "Moving: uploads/a -> processed/a\nAlready moved: uploads/a\n");
        CHECK(world.s3.requests.size() == 1);
    }
    SECTION("put again before the copy") {
        world.s3.keys = {"lab-bucket/uploads/a"};
        world.s3.faults["PUT"] = {FakeS3::error(412, "PreconditionFailed", "At least one")};
        CHECK(answer(world, event) == "{\"status\": \"ok\"}");
        CHECK(world.s3.requests.size() == 1);
        CHECK(world.s3.keys == Keys{"lab-bucket/uploads/a"});
    }
    SECTION("put again between copy and delete") {
        world.s3.keys = {"lab-bucket/uploads/a"};
        world.s3.faults["DELETE"] = {FakeS3::error(412, "PreconditionFailed", "At least one")};
        CHECK(answer(world, event) == "{\"status\": \"ok\"}");
        CHECK(world.s3.keys == Keys{"lab-bucket/uploads/a", "lab-bucket/processed/a"});
    }
}

TEST_CASE("S3's refusals are raised in boto3's words", "[handlers][worker]") {
    World world;
    world.s3.keys = {"lab-bucket/uploads/a"};
    auto& copy_faults = world.s3.faults["PUT"];
    const std::string event = s3_event({"uploads/a", "uploads/b"});
    const auto run = [&] { return answer(world, event); };
    SECTION("no permission") {
        copy_faults = {FakeS3::error(
            403,
            "AccessDenied",
            "User: a is not authorized to perform: s3:GetObject on &quot;r&quot; &amp;lt;"
        )};
        CHECK(
            run() ==
            "ClientError: An error occurred (AccessDenied) when calling the CopyObject operation: "
            "User: a is not authorized to perform: s3:GetObject on \"r\" &lt;"
        );
    }
    SECTION("no bucket") {
        copy_faults = {FakeS3::error(404, "NoSuchBucket", "The specified bucket does not exist")};
        CHECK(
            run() == "NoSuchBucket: An error occurred (NoSuchBucket) when calling the CopyObject "
                     "operation: The specified bucket does not exist"
        );
    }
    SECTION("an error inside a 200") {
        copy_faults = {FakeS3::error(
            200, "InternalError", "We encountered an internal error. Please try again."
        )};
        CHECK(
            run() ==
            "ClientError: An error occurred (InternalError) when calling the CopyObject operation: "
            "We encountered an internal error. Please try again."
        );
    }
    SECTION("no document") {
        copy_faults = {{503, {}, "", {}, ""}};
        CHECK(
            run() == "ClientError: An error occurred (503) when calling the CopyObject operation: "
                     "Service Unavailable"
        );
    }
    SECTION("nobody there") {
        copy_faults = {{0, {}, "", aws::TransportError::Unreachable, "refused"}};
        CHECK(
            run() == "EndpointConnectionError: Could not connect to the endpoint URL: "
                     "\"http://s3.test:4566/lab-bucket/processed/a\""
        );
    }
    SECTION("no answer in time") {
        copy_faults = {{0, {}, "", aws::TransportError::TimedOut, "late"}};
        CHECK(
            run() == "ReadTimeoutError: Read timeout on endpoint URL: "
                     "\"http://s3.test:4566/lab-bucket/processed/a\""
        );
    }
    CHECK(world.s3.requests.size() == 1); // neither the delete nor the second record was tried
    CHECK(world.log.text == "Moving: uploads/a -> processed/a\n");
}

TEST_CASE("events of another shape are refused before anything moves", "[handlers][worker]") {
    const auto [event, error] = GENERATE(table<std::string, std::string>({
        {"{}", "KeyError: 'Records'"},
        {"[]", "TypeError: list indices must be integers or slices, not str"},
        {"null", "TypeError: 'NoneType' object is not subscriptable"},
        {R"({"Records":3})", "TypeError: 'int' object is not a list of records"},
        {R"({"Records":[{}]})", "KeyError: 's3'"},
        {R"({"Records":[{"s3":{"bucket":{}}}]})", "KeyError: 'name'"},
        {R"({"Records":[{"s3":{"bucket":{"name":"b"}}}]})", "KeyError: 'object'"},
        {R"({"Records":[{"s3":{"bucket":{"name":"b"},"object":{"key":7}}}]})",
         "TypeError: expected string or bytes-like object, got 'int'"},
    }));
    World world;
    CHECK(answer(world, event) == error);
    CHECK(answer(world, "{\"Records\":").starts_with("Runtime.UnmarshalError: "));
    CHECK(world.s3.requests.empty());
}

TEST_CASE(
    "without an endpoint variable the bucket stands in AWS's host name", "[handlers][worker]"
) {
    World world;
    world.environment.variables.erase("AWS_ENDPOINT_URL");
    world.s3.faults["PUT"] = {{200, {}, "<CopyObjectResult/>", {}, ""}};
    world.s3.faults["DELETE"] = {{204, {}, "", {}, ""}};
    CHECK(answer(world, s3_event({"uploads/a+b"})) == "{\"status\": \"ok\"}");
    REQUIRE(world.s3.requests.size() == 2);
    CHECK(
        world.s3.requests[0].url == "https://lab-bucket.s3.us-east-2.amazonaws.com/processed/a%20b"
    );
    CHECK(FakeS3::header(world.s3.requests[0], "x-amz-copy-source") == "lab-bucket/uploads/a%20b");
    CHECK(
        world.s3.requests[1].url == "https://lab-bucket.s3.us-east-2.amazonaws.com/uploads/a%20b"
    );
}
