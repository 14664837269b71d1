// SimulatePrincipalPolicy, as recorded (localstack snapshot test_iam, 2024).
#include "tests/unit/iam/iam_fixture.hpp"

using namespace benchtop;
using namespace benchtop::tests;

namespace {

constexpr const char* kPolicy =
    R"({"Version": "2012-10-17", "Statement": {"Sid": "", "Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}})";

std::string simulate(IamBench& bench, const std::string& entity, const std::string& action) {
    return bench.good(
        "SimulatePrincipalPolicy",
        {{"PolicySourceArn", "arn:aws:iam::111122223333:" + entity},
         {"ActionNames.member.1", action},
         {"ResourceArns.member.1", "arn:aws:s3:::bucket"}}
    );
}

} // namespace

TEST_CASE("The simulator says where the deciding statement stands", "[iam]") {
    IamBench bench;
    bench.good("CreatePolicy", {{"PolicyName", "m"}, {"PolicyDocument", kPolicy}});
    const std::string arn = "arn:aws:iam::111122223333:policy/m";
    bench.good("CreateUser", {{"UserName", "u"}});
    bench.good("CreateGroup", {{"GroupName", "g"}});
    bench.good("CreateRole", {{"RoleName", "r"}, {"AssumeRolePolicyDocument", kLambdaTrust}});
    bench.good("AttachUserPolicy", {{"UserName", "u"}, {"PolicyArn", arn}});
    bench.good("AttachGroupPolicy", {{"GroupName", "g"}, {"PolicyArn", arn}});
    bench.good("AttachRolePolicy", {{"RoleName", "r"}, {"PolicyArn", arn}});
    for (const char* entity : {"user/u", "group/g", "role/r"}) {
        INFO(entity);
        const std::string allowed = simulate(bench, entity, "s3:PutObject");
        CHECK(element(allowed, "EvalDecision") == "allowed");
        CHECK(element(allowed, "SourcePolicyId") == "m");
        CHECK(element(allowed, "SourcePolicyType") == "IAM Policy");
        CHECK(element(allowed, "StartPosition") == "<Line>1</Line><Column>41</Column>");
        CHECK(element(allowed, "EndPosition") == "<Line>1</Line><Column>113</Column>");
        CHECK(element(allowed, "EvalResourceDecision") == "allowed");
        CHECK(element(allowed, "AllowedByOrganizations") == "true");
        const std::string denied = simulate(bench, entity, "s3:GetObjectVersion");
        CHECK(element(denied, "EvalDecision") == "implicitDeny");
        CHECK(element(denied, "EvalResourceDecision") == "implicitDeny");
        CHECK(denied.find("SourcePolicyId") == std::string::npos);
    }
}

TEST_CASE("Statements are counted over lines, strings and lists", "[iam]") {
    IamBench bench;
    bench.user(
        "u",
        "{\n \"Version\": \"2012-10-17\",\n \"Statement\": [\n"
        "  {\"Sid\": \"a\", \"Effect\": \"Allow\", \"Action\": \"s3:GetObject\", "
        "\"Resource\": \"arn:aws:s3:::b/}]{\\\"\"},\n"
        "  {\"Effect\": \"Deny\", \"Action\": [\"s3:PutObject\"], \"Resource\": \"*\",\n"
        "   \"Condition\": {\"Bool\": {\"aws:SecureTransport\": \"false\"}}},\n"
        "  {\"Effect\": \"Deny\", \"Action\": \"s3:DeleteObject\", \"Resource\": \"*\"}\n ]\n}"
    );
    const std::string denied = simulate(bench, "user/u", "s3:DeleteObject");
    CHECK(element(denied, "EvalDecision") == "explicitDeny");
    CHECK(element(denied, "SourcePolicyId") == "user_u_own");
    CHECK(element(denied, "StartPosition") == "<Line>7</Line><Column>4</Column>");
    CHECK(element(denied, "EndPosition") == "<Line>7</Line><Column>67</Column>");
}
