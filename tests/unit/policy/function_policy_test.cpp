#include "emulator/policy/function_policy.hpp"
#include "emulator/policy/trust.hpp"
#include "tests/catch.hpp"

using namespace benchtop::policy;

namespace {

constexpr const char* kArn = "arn:aws:lambda:us-east-2:111122223333:function:f";

FunctionPermission permission(std::string id, std::string principal) {
    FunctionPermission made;
    made.statement_id = std::move(id);
    made.action = "lambda:InvokeFunction";
    made.principal = std::move(principal);
    return made;
}

} // namespace

TEST_CASE("a statement has the members Lambda gives it, in its order", "[policy]") {
    FunctionPermission s3 = permission("s3", "s3.amazonaws.com");
    s3.source_arn = "arn:aws:s3:::b";
    s3.source_account = "111122223333";
    CHECK(
        function_statement(s3, kArn) ==
        R"({"Sid":"s3","Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"lambda:InvokeFunction","Resource":"arn:aws:lambda:us-east-2:111122223333:function:f","Condition":{"StringEquals":{"AWS:SourceAccount":"111122223333"},"ArnLike":{"AWS:SourceArn":"arn:aws:s3:::b"}}})"
    );
    CHECK(
        function_statement(permission("a", "111122223333"), kArn)
            .find(R"("Principal":{"AWS":"arn:aws:iam::111122223333:root"})") != std::string::npos
    );
    CHECK(
        function_statement(permission("a", "*"), kArn).find(R"("Principal":"*")") !=
        std::string::npos
    );
}

TEST_CASE("statements come and go by their ids", "[policy]") {
    const auto one = with_statement("", permission("a", "*"), kArn);
    REQUIRE(one.has_value());
    CHECK_FALSE(with_statement(*one, permission("a", "*"), kArn).has_value());
    const auto two = with_statement(*one, permission("b", "*"), kArn);
    REQUIRE(two.has_value());
    CHECK_FALSE(without_statement(*two, "c").has_value());
    CHECK(without_statement(*two, "b") == one);
    CHECK(without_statement(*one, "a") == "");
}

TEST_CASE("a trust policy names who may assume", "[policy]") {
    constexpr const char* role = "arn:aws:iam::111122223333:role/r";
    constexpr const char* lambda =
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]})";
    CHECK(service_may_assume(lambda, role, "111122223333", "lambda.amazonaws.com"));
    CHECK_FALSE(service_may_assume(lambda, role, "111122223333", "ec2.amazonaws.com"));
    CHECK_FALSE(service_may_assume("damaged", role, "111122223333", "lambda.amazonaws.com"));
}
