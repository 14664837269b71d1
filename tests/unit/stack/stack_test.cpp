#include "emulator/apigateway/routing.hpp"
#include "emulator/stack/stack.hpp"
#include "tests/catch.hpp"

using namespace benchtop;
using namespace benchtop::stack;

TEST_CASE("the lab grants what the lab's instructions grant, and no more", "[stack]") {
    const Stack lab = lab_stack();
    REQUIRE(lab.roles.size() == 2);
    CHECK(lab.roles[0].name == "lambda-web-presign-role");
    const std::string& web = lab.roles[0].policies.at(0).document;
    CHECK(web.find("\"arn:aws:s3:::student-upload-bucket-aj/uploads/*\"") != std::string::npos);
    const std::string& worker = lab.roles[1].policies.at(0).document;
    CHECK(worker.find("arn:aws:s3:::student-upload-bucket-aj/processed/*") != std::string::npos);
    for (const std::string& policy : {web, worker}) {
        CHECK(policy.find("BUCKET") == std::string::npos);
        CHECK(policy.find("logs:") == std::string::npos);
        CHECK(policy.find("ListBucket") == std::string::npos);
    }
}

TEST_CASE("the lab's functions have the environment of the instructions", "[stack]") {
    const Stack lab = lab_stack();
    REQUIRE(lab.functions.size() == 2);
    using Environment = std::vector<std::pair<std::string, std::string>>;
    CHECK(lab.functions[0].plugin == "web_presign");
    CHECK(
        lab.functions[0].environment ==
        Environment{
            {"BUCKET_NAME", "student-upload-bucket-aj"},
            {"UPLOAD_PREFIX", "uploads/"},
            {"EXPIRES_IN", "300"}}
    );
    CHECK(lab.functions[1].plugin == "worker_move");
    CHECK(lab.functions[1].environment == Environment{{"PROCESSED_PREFIX", "processed/"}});
    CHECK(lab.trigger.event == "s3:ObjectCreated:*");
    CHECK(lab.trigger.prefix == "uploads/");
    CHECK(lab.trigger.suffix.empty());
}

TEST_CASE("the lab's API has one route, live in stage prod", "[stack]") {
    const Stack lab = lab_stack();
    const auto routing = apigateway::route(lab.api.model, "POST", "/prod/presign");
    REQUIRE(routing.match);
    REQUIRE(routing.match->integration != nullptr);
    CHECK(
        routing.match->integration->uri ==
        "arn:aws:lambda:us-east-2:111122223333:function:web-presign-lambda"
    );
    CHECK_FALSE(apigateway::route(lab.api.model, "GET", "/prod/presign").match);
}

TEST_CASE("names other than the lab's reach every part", "[stack]") {
    const Stack stack = lab_stack({"444455556666", "eu-central-1", "other-bucket", "abcdefghij"});
    CHECK(stack.functions[0].environment[0].second == "other-bucket");
    CHECK(
        stack.functions[0].permissions[0].source_arn ==
        "arn:aws:execute-api:eu-central-1:444455556666:abcdefghij/*/*/presign"
    );
    CHECK(stack.functions[1].permissions[0].source_arn == "arn:aws:s3:::other-bucket");
    CHECK(stack.functions[1].permissions[0].source_account == "444455556666");
    CHECK(
        stack.trigger.function_arn ==
        "arn:aws:lambda:eu-central-1:444455556666:function:worker-move-lambda"
    );
}

TEST_CASE("a resource policy has the member order add-permission writes", "[stack]") {
    CHECK(
        resource_policy(
            "arn:aws:lambda:us-east-2:111122223333:function:worker-move-lambda",
            {{"s3", "s3.amazonaws.com", "arn:aws:s3:::student-upload-bucket-aj", "111122223333"}}
        ) ==
        R"({"Version":"2012-10-17","Id":"default","Statement":[{"Sid":"s3","Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"lambda:InvokeFunction","Resource":"arn:aws:lambda:us-east-2:111122223333:function:worker-move-lambda","Condition":{"StringEquals":{"AWS:SourceAccount":"111122223333"},"ArnLike":{"AWS:SourceArn":"arn:aws:s3:::student-upload-bucket-aj"}}}]})"
    );
    CHECK(resource_policy("arn", {}).empty());
}
