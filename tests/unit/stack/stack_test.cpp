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
    CHECK(lab.functions[0].code.plugin == "web_presign");
    CHECK(
        lab.functions[0].environment ==
        Environment{
            {"BUCKET_NAME", "student-upload-bucket-aj"},
            {"UPLOAD_PREFIX", "uploads/"},
            {"EXPIRES_IN", "300"}}
    );
    CHECK(lab.functions[1].code.plugin == "worker_move");
    CHECK(lab.functions[1].environment == Environment{{"PROCESSED_PREFIX", "processed/"}});
    REQUIRE(lab.buckets.size() == 1);
    REQUIRE(lab.buckets[0].triggers.size() == 1);
    const Trigger& trigger = lab.buckets[0].triggers[0];
    CHECK(trigger.event == "s3:ObjectCreated:*");
    CHECK(trigger.prefix == "uploads/");
    CHECK(trigger.suffix.empty());
}

TEST_CASE("names other than the lab's reach every part", "[stack]") {
    const Stack stack = lab_stack({"444455556666", "eu-central-1", "other-bucket", "abcdefghij"});
    CHECK(stack.functions[0].environment[0].second == "other-bucket");
    CHECK(
        stack.permissions[0].source_arn ==
        "arn:aws:execute-api:eu-central-1:444455556666:abcdefghij/*/*/presign"
    );
    CHECK(stack.permissions[1].source_arn == "arn:aws:s3:::other-bucket");
    CHECK(stack.permissions[1].source_account == "444455556666");
    CHECK(
        stack.buckets[0].triggers[0].function_arn ==
        "arn:aws:lambda:eu-central-1:444455556666:function:worker-move-lambda"
    );
}
