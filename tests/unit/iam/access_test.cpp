// Why a user or a session may or may not: identity, boundary, session and trust policies on real
// operations (IAM User Guide, "Policy evaluation logic"). The engine's own tables are in
// tests/unit/policy; here it is what the store holds that decides.
#include "tests/unit/iam/iam_fixture.hpp"

using namespace benchtop;
using namespace benchtop::tests;

namespace {

const std::string kBoundary = "arn:aws:iam::111122223333:policy/boundary";
const std::string kRoles = "arn:aws:iam::111122223333:role/";

// ListRoles as that caller.
std::string list_roles(IamBench& bench, const harness::ClientCredentials& who) {
    return IamBench::outcome(bench.send("iam", "ListRoles", {}, who));
}

std::string refused(std::string_view who, std::string_view why) {
    return "403 AccessDenied: User: arn:aws:" + std::string(who) +
           " is not authorized to perform: iam:ListRoles on resource: "
           "arn:aws:iam::111122223333:role/ " +
           std::string(why);
}

void role(IamBench& bench, const std::string& name, const std::string& trust) {
    bench.good("CreateRole", {{"RoleName", name}, {"AssumeRolePolicyDocument", trust}});
}

void give(IamBench& bench, const std::string& name, const std::string& policy) {
    bench.good(
        "PutRolePolicy", {{"RoleName", name}, {"PolicyName", "own"}, {"PolicyDocument", policy}}
    );
}

} // namespace

TEST_CASE("A user may do what an identity policy allows, in one of three places", "[iam]") {
    IamBench bench;
    const auto nothing = bench.user("nothing", "");
    const auto own = bench.user("own", allow("iam:List*"));
    const auto attached = bench.user("attached", "");
    const auto member = bench.user("member", "");
    const std::string who = "iam::111122223333:user/nothing";
    CHECK(
        list_roles(bench, nothing) ==
        refused(who, "because no identity-based policy allows the iam:ListRoles action")
    );
    CHECK(list_roles(bench, own) == "200");
    bench.good(
        "AttachUserPolicy",
        {{"UserName", "attached"}, {"PolicyArn", "arn:aws:iam::aws:policy/AdministratorAccess"}}
    );
    CHECK(list_roles(bench, attached) == "200");
    bench.good("CreateGroup", {{"GroupName", "g"}});
    bench.good(
        "PutGroupPolicy",
        {{"GroupName", "g"}, {"PolicyName", "p"}, {"PolicyDocument", allow("iam:ListRoles")}}
    );
    bench.good("AddUserToGroup", {{"GroupName", "g"}, {"UserName", "member"}});
    CHECK(list_roles(bench, member) == "200");
    bench.good("RemoveUserFromGroup", {{"GroupName", "g"}, {"UserName", "member"}});
    CHECK(list_roles(bench, member).starts_with("403"));
}

TEST_CASE("A boundary takes away, and gives nothing", "[iam]") {
    IamBench bench;
    const auto user = bench.user("u", allow("*"));
    const std::string who = "iam::111122223333:user/u";
    bench.good("CreatePolicy", {{"PolicyName", "boundary"}, {"PolicyDocument", allow("s3:*")}});
    bench.good(
        "PutUserPermissionsBoundary", {{"UserName", "u"}, {"PermissionsBoundary", kBoundary}}
    );
    CHECK(
        list_roles(bench, user) ==
        refused(who, "because no permissions boundary allows the iam:ListRoles action")
    );
    bench.good(
        "CreatePolicyVersion",
        {{"PolicyArn", kBoundary},
         {"PolicyDocument", document(R"({"Effect":"Deny","Action":"iam:*","Resource":"*"})")},
         {"SetAsDefault", "true"}}
    );
    CHECK(list_roles(bench, user)
              .starts_with(refused(who, "with an explicit deny in a permissions boundary")));
    bench.good(
        "CreatePolicyVersion",
        {{"PolicyArn", kBoundary}, {"PolicyDocument", allow("*")}, {"SetAsDefault", "true"}}
    );
    CHECK(list_roles(bench, user) == "200");
    bench.good("DeleteUserPolicy", {{"UserName", "u"}, {"PolicyName", "own"}});
    CHECK(
        list_roles(bench, user) ==
        refused(who, "because no identity-based policy allows the iam:ListRoles action")
    );
}

TEST_CASE("A session may do what its role and its session policy both allow", "[iam]") {
    IamBench bench;
    role(bench, "r", kAccountTrust);
    give(bench, "r", allow("iam:*"));
    const std::string who = "sts::111122223333:assumed-role/r/session";
    CHECK(list_roles(bench, bench.assume("r")) == "200");
    const auto narrow =
        bench.assume("r", harness::Lab::administrator(), {{"Policy", allow("iam:GetRole")}});
    CHECK(
        list_roles(bench, narrow) ==
        refused(who, "because no session policy allows the iam:ListRoles action")
    );
    const auto denied = bench.assume(
        "r",
        harness::Lab::administrator(),
        {{"Policy", document(R"({"Effect":"Deny","Action":"iam:ListRoles","Resource":"*"})")}}
    );
    CHECK(list_roles(bench, denied) == refused(who, "with an explicit deny in a session policy"));
    // What is taken from the role is taken from its sessions at once.
    const auto session = bench.assume("r");
    bench.good("DeleteRolePolicy", {{"RoleName", "r"}, {"PolicyName", "own"}});
    CHECK(
        list_roles(bench, session) ==
        refused(who, "because no identity-based policy allows the iam:ListRoles action")
    );
}

TEST_CASE("A denial wins over every permission", "[iam]") {
    IamBench bench;
    const auto user = bench.user("u", allow("*"));
    bench.good(
        "PutUserPolicy",
        {{"UserName", "u"},
         {"PolicyName", "no"},
         {"PolicyDocument", document(R"({"Effect":"Deny","Action":"iam:List*","Resource":"*"})")}}
    );
    CHECK(
        list_roles(bench, user) ==
        refused("iam::111122223333:user/u", "with an explicit deny in an identity-based policy")
    );
    CHECK(IamBench::outcome(bench.send("sts", "GetCallerIdentity", {}, user)) == "200");
}

TEST_CASE("Who may assume a role its trust policy says", "[iam]") {
    IamBench bench;
    const auto user = bench.user("u", "");
    const auto assume = [&](const std::string& name, const harness::ClientCredentials& who) {
        return IamBench::outcome(bench.send(
            "sts", "AssumeRole", {{"RoleArn", kRoles + name}, {"RoleSessionName", "s1"}}, who
        ));
    };
    const auto no = [](const std::string& name) {
        return "403 AccessDenied: User: arn:aws:iam::111122223333:user/u is not authorized to "
               "perform: sts:AssumeRole on resource: " +
               kRoles + name;
    };
    role(bench, "lambdas", kLambdaTrust);
    role(bench, "accounts", kAccountTrust);
    role(
        bench,
        "users",
        document(
            R"({"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/u"},"Action":"sts:AssumeRole"})"
        )
    );
    role(
        bench,
        "external",
        document(
            R"({"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/u"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"7"}}})"
        )
    );
    // The same words whether the role is there or not.
    CHECK(assume("absent", user) == no("absent"));
    CHECK(assume("lambdas", user) == no("lambdas"));
    // The account's trust needs an identity policy beside it, the user's own does not.
    CHECK(assume("accounts", user) == no("accounts"));
    CHECK(assume("users", user) == "200");
    CHECK(assume("external", user) == no("external"));
    CHECK(
        IamBench::outcome(bench.send(
            "sts",
            "AssumeRole",
            {{"RoleArn", kRoles + "external"}, {"RoleSessionName", "s1"}, {"ExternalId", "7"}},
            user
        )) == "200"
    );
    bench.good(
        "PutUserPolicy",
        {{"UserName", "u"}, {"PolicyName", "p"}, {"PolicyDocument", allow("sts:AssumeRole")}}
    );
    CHECK(assume("accounts", user) == "200");
    CHECK(assume("lambdas", user) == no("lambdas"));
}

TEST_CASE("Sessions end by the clock, keys by being turned off", "[iam]") {
    IamBench bench;
    role(bench, "r", kAccountTrust);
    give(bench, "r", allow("iam:*"));
    const auto session =
        bench.assume("r", harness::Lab::administrator(), {{"DurationSeconds", "900"}});
    bench.lab.pass(seconds{899});
    CHECK(list_roles(bench, session) == "200");
    bench.lab.pass(seconds{2});
    CHECK(
        list_roles(bench, session) ==
        "403 ExpiredToken: The security token included in the request is expired"
    );
    const auto user = bench.user("u", allow("*"));
    CHECK(list_roles(bench, user) == "200");
    bench.good(
        "UpdateAccessKey",
        {{"UserName", "u"}, {"AccessKeyId", user.access_key_id}, {"Status", "Inactive"}}
    );
    CHECK(
        list_roles(bench, user) ==
        "403 InvalidClientTokenId: The security token included in the request is invalid."
    );
}

TEST_CASE("Hostile forms are refused in order", "[iam][hostile]") {
    IamBench bench;
    for (const char* form :
         {"",
          "Action",
          "Action=",
          "Action=CreateRole",
          "Action=CreateRole&Version=2010-05-08&RoleName=%00",
          "Action=CreateRole&Version=2010-05-08&RoleName=a&AssumeRolePolicyDocument=%ff%fe",
          "Action=CreateRole&Version=2010-05-08&RoleName=a&AssumeRolePolicyDocument=%7B%7D",
          "Action=ListRoles&Version=2010-05-08&MaxItems=-1",
          "Action=ListRoles&Version=2010-05-08&MaxItems=99999999999999999999999",
          "Action=ListRoles&Version=2010-05-08&Marker=%ff",
          "%%%&&&==="}) {
        INFO(form);
        const auto answer = bench.lab.call("iam", "POST", "/", form);
        CHECK(answer.status >= 400);
        CHECK(answer.status < 500);
        CHECK_FALSE(element(answer.body, "Code").empty());
    }
    // Lists of members are read to an end that is ours.
    std::string form = "Action=SimulateCustomPolicy&Version=2010-05-08&PolicyInputList.member.1=x";
    for (int n = 1; n <= 3000; ++n) {
        form += "&ActionNames.member." + std::to_string(n) + "=s3:*";
    }
    CHECK(bench.lab.call("iam", "POST", "/", form).status == 400);
}
