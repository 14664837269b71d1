// The harness as an engineer writes it: client, clock, expectations.
#include "harness/expect.hpp"
#include "harness/lab.hpp"
#include "tests/catch.hpp"

using namespace benchtop;
using namespace benchtop::harness;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view kBucket = stack::kLabBucket;

constexpr std::string_view kMayRead = R"({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]})";

ClientResponse answer_of(int status, std::string body) {
    ClientResponse answer;
    answer.status = status;
    answer.body = std::move(body);
    return answer;
}

} // namespace

TEST_CASE("an upload after 301 s is refused in S3's words", "[face]") {
    Lab lab{7};
    lab.deploy(lab_stack());
    const Presigned url = lab.client("student").presign();
    lab.clock().advance(301s);
    CHECK(lab.put(url, "x") == refused("Request has expired"));
    CHECK(lab.put(url, "x") == refused(403, "AccessDenied"));
    CHECK_FALSE(lab.put(url, "x") == refused(400, "AccessDenied"));
    CHECK_FALSE(lab.put(url, "x") == refused("Request has"));
    CHECK_FALSE(lab.put(url, "x") == answered(200));
}

TEST_CASE("an upload in time arrives, and the worker moves it", "[face]") {
    Lab lab{7};
    lab.deploy(lab_stack());
    const Presigned url = lab.client("student").presign();
    lab.clock().pass(299s);
    CHECK(lab.put(url, "x") == answered(200));
    CHECK(lab.has_object(kBucket, "processed/" + url.s3_key.substr(8)));
    CHECK_FALSE(lab.has_object(kBucket, url.s3_key));
}

TEST_CASE("a lab of a seed begins empty, with an administrator", "[face]") {
    Lab lab{1};
    Client administrator(lab, "", Lab::administrator());
    CHECK(administrator.list_objects(kBucket) == refused(404, "NoSuchBucket"));
    CHECK(lab.presign().upload_url.empty());
    lab.deploy(lab_stack());
    CHECK(administrator.list_objects(kBucket) == answered(200));
}

TEST_CASE("a client may do nothing until it is told so", "[face]") {
    Lab lab;
    Client administrator(lab, "", Lab::administrator());
    REQUIRE(administrator.put_object(kBucket, "notes/a b+c.txt", "hello") == answered(200));
    Client student = lab.client("student");
    CHECK(student.get_object(kBucket, "notes/a b+c.txt") == refused(403, "AccessDenied"));
    student.may(kMayRead);
    const ClientResponse got = student.get_object(kBucket, "notes/a b+c.txt");
    CHECK(got == answered(200));
    CHECK(got.body == "hello");
    CHECK(student.delete_object(kBucket, "notes/a b+c.txt") == refused(403, "AccessDenied"));
    CHECK_THROWS_AS(student.may("{}"), std::invalid_argument);
}

TEST_CASE("a role's session does what the role may, when it may be assumed", "[face]") {
    Lab lab;
    const std::string arn = "arn:aws:iam::" + lab.stack().account + ":role/operator";
    Client administrator(lab, "", Lab::administrator());
    CHECK_THROWS_AS(administrator.assume_role(arn), std::invalid_argument);
    const auto iam = [&](const std::string& form) {
        return administrator.call("iam", "POST", "/", form + "&Version=2010-05-08");
    };
    REQUIRE(
        iam("Action=CreateRole&RoleName=operator&AssumeRolePolicyDocument="
            "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22"
            "%2C%22Principal%22%3A%7B%22AWS%22%3A%22" +
            lab.stack().account + "%22%7D%2C%22Action%22%3A%22sts%3AAssumeRole%22%7D%7D") ==
        answered(200)
    );
    Client session = administrator.assume_role(arn);
    CHECK(session.list_objects(kBucket) == refused(403, "AccessDenied"));
    CHECK_THROWS_AS(session.may(kMayRead), std::invalid_argument);
}

TEST_CASE("a stack that is refused leaves nothing behind", "[face]") {
    Lab lab{1};
    CHECK_THROWS_WITH(
        lab.deploy("Resources:\n  Pool:\n    Type: AWS::Cognito::UserPool\n"),
        Catch::Contains("AWS::Cognito::UserPool")
    );
    stack::Stack broken = lab_stack();
    broken.buckets.front().triggers.front().function_arn = "arn:aws:lambda:us-east-2:1:function:x";
    CHECK_THROWS_AS(lab.deploy(broken), std::invalid_argument);
    Client administrator(lab, "", Lab::administrator());
    CHECK(administrator.list_objects(kBucket) == refused(404, "NoSuchBucket"));
    lab.deploy(lab_stack());
    CHECK(administrator.list_objects(kBucket) == answered(200));
}

TEST_CASE("an error is found in every protocol's form", "[face]") {
    const auto error = [](const ClientResponse& answer) {
        const WireError found = wire_error(answer);
        return found.code + '|' + found.message;
    };
    CHECK(
        error(answer_of(
            404,
            "<?xml version=\"1.0\"?>\n<Error><Code>NoSuchKey</Code><Message>m"
            "</Message></Error>"
        )) == "NoSuchKey|m"
    );
    CHECK(
        error(answer_of(
            403,
            "<ErrorResponse xmlns=\"u\"><Error><Type>Sender</Type><Code>C</Code>"
            "<Message>m</Message></Error></ErrorResponse>"
        )) == "C|m"
    );
    CHECK(error(answer_of(404, R"({"message":"Not Found"})")) == "|Not Found");
    CHECK(
        error(answer_of(400, R"({"__type":"com.amazonaws.x#NotFound:u","Message":"m"})")) ==
        "NotFound|m"
    );
    ClientResponse lambda = answer_of(404, R"({"Type":"User","Message":"m"})");
    lambda.headers.add("x-amzn-ErrorType", "ResourceNotFoundException");
    CHECK(error(lambda) == "ResourceNotFoundException|m");
    CHECK(error(answer_of(500, "")) == "|");
    CHECK(error(answer_of(500, "{")) == "|");
    CHECK(error(answer_of(500, "[1]")) == "|");
}

TEST_CASE("one seed gives one lab, another seed another", "[face]") {
    const auto url_of = [](std::uint64_t seed) {
        Lab lab{seed};
        lab.deploy(lab_stack());
        return lab.presign().upload_url;
    };
    const std::string url = url_of(3);
    CHECK(url == url_of(3));
    CHECK(url != url_of(4));
}
