// The line a policy lacks: for roles, users, trust and bucket policies, and functions.
#include "emulator/tutor/missing_permission.hpp"
#include "tests/catch.hpp"

using namespace benchtop;
using namespace benchtop::tutor;

namespace {

using Source = policy::Decision::Source;

policy::Principal worker() {
    policy::Principal who;
    who.kind = policy::Principal::Kind::AssumedRole;
    who.account = "111122223333";
    who.arn = "arn:aws:sts::111122223333:assumed-role/worker/move";
    who.role_arn = "arn:aws:iam::111122223333:role/service/worker";
    return who;
}

MissingPermission
ask(const policy::Principal& who,
    std::string_view action,
    std::string_view resource,
    Source source = Source::Identity,
    bool explicit_deny = false,
    const std::vector<std::string>& policies = {}) {
    return missing_permission({who, action, resource, source, explicit_deny, policies});
}

} // namespace

TEST_CASE("A role lacks a statement for the folder of the object", "[tutor]") {
    const std::vector<std::string> policies{"inline policy move of role worker"};
    const auto missing =
        ask(worker(),
            "s3:GetObject",
            "arn:aws:s3:::b/uploads/sub/a.txt",
            Source::Identity,
            false,
            policies);
    CHECK(
        missing.statement ==
        R"({"Sid":"AllowGetObject","Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/uploads/*"})"
    );
    CHECK(
        missing.add_to ==
        "a policy of the role worker, which has: inline policy move of role worker"
    );
    CHECK(
        missing.command ==
        "aws iam put-role-policy --role-name worker --policy-name AllowGetObject --policy-document "
        R"('{"Version":"2012-10-17","Statement":[{"Sid":"AllowGetObject","Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/uploads/*"}]}')"
    );
}

TEST_CASE("Resources are widened for objects only", "[tutor]") {
    CHECK(grantable_resource("arn:aws:s3:::b/top.txt") == "arn:aws:s3:::b/*");
    CHECK(grantable_resource("arn:aws:s3:::b") == "arn:aws:s3:::b");
    CHECK(grantable_resource("arn:aws:iam::1:role/x/y") == "arn:aws:iam::1:role/x/y");
    CHECK(grantable_resource("*") == "*");
}

TEST_CASE("A user gets a user's policy; quotes survive the shell", "[tutor]") {
    policy::Principal who;
    who.kind = policy::Principal::Kind::User;
    who.arn = "arn:aws:iam::111122223333:user/students/ann";
    const auto missing = ask(who, "iam:PassRole", "arn:aws:iam::111122223333:role/web");
    CHECK(missing.command.starts_with(
        "aws iam put-user-policy --user-name ann --policy-name AllowPassRole "
    ));
    CHECK(missing.add_to == "a policy of the user ann, which has none yet");
    CHECK(shell_quoted("it's") == R"('it'\''s')");
}

TEST_CASE("What refuses decides where the line belongs", "[tutor]") {
    CHECK(
        ask(worker(), "s3:PutObject", "arn:aws:s3:::b/k", Source::Boundary).add_to ==
        "the permissions boundary of the role worker"
    );
    CHECK(
        ask(worker(), "s3:PutObject", "arn:aws:s3:::b/k", Source::Session).add_to ==
        "the session policy that AssumeRole was given"
    );
    const auto other_account = ask(worker(), "s3:PutObject", "arn:aws:s3:::b/k", Source::Resource);
    CHECK(other_account.add_to == "the bucket policy of b");
    CHECK(other_account.statement.ends_with(
        R"("Principal":{"AWS":"arn:aws:iam::111122223333:role/service/worker"}})"
    ));
    const auto trust =
        ask(worker(), "sts:AssumeRole", "arn:aws:iam::111122223333:role/other", Source::Resource);
    CHECK(trust.add_to == "the trust policy of the role other");
    CHECK(trust.command.starts_with("aws iam update-assume-role-policy --role-name other "));
    CHECK(ask(policy::Principal{}, "s3:GetObject", "arn:aws:s3:::b/k", Source::Resource)
              .statement.ends_with(R"("Principal":"*"})"));
}

TEST_CASE("No line helps against an explicit Deny", "[tutor]") {
    const auto missing = ask(worker(), "s3:PutObject", "arn:aws:s3:::b/k", Source::Identity, true);
    CHECK(missing.statement.empty());
    CHECK(missing.command.empty());
    CHECK(missing.add_to.find("Narrow or remove it") != std::string::npos);
}

TEST_CASE("A service gets add-permission", "[tutor]") {
    const auto missing = missing_invoke_permission(
        "arn:aws:lambda:us-east-2:111122223333:function:move",
        "s3.amazonaws.com",
        "arn:aws:s3:::b",
        "111122223333"
    );
    CHECK(
        missing.command ==
        "aws lambda add-permission --function-name move --statement-id s3-may-invoke --action "
        "lambda:InvokeFunction --principal s3.amazonaws.com --source-arn 'arn:aws:s3:::b' "
        "--source-account 111122223333"
    );
    CHECK(missing.add_to == "the resource policy of the function move");
}
