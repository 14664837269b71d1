// Session tags: who may give them, what they do in policies, and what a chain of sessions hands on
// (IAM User Guide, "Pass session tags in AWS STS"; refusals as recorded, fixtures/iam/errors.json).
#include "tests/unit/iam/iam_fixture.hpp"

using namespace benchtop;
using namespace benchtop::tests;

namespace {

const std::string kTagTrust =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]}]})";

void role(
    IamBench& bench,
    const std::string& name,
    const std::string& trust,
    const std::string& policy,
    const Parameters& more = {}
) {
    Parameters parameters{{"RoleName", name}, {"AssumeRolePolicyDocument", trust}};
    parameters.insert(parameters.end(), more.begin(), more.end());
    bench.good("CreateRole", parameters);
    bench.good(
        "PutRolePolicy", {{"RoleName", name}, {"PolicyName", "own"}, {"PolicyDocument", policy}}
    );
}

std::string allow_if(std::string_view action, std::string_view condition) {
    return document(
        R"({"Effect":"Allow","Action":")" + std::string(action) +
        R"(","Resource":"*","Condition":)" + std::string(condition) + "}"
    );
}

const std::string kIfTeamIsBlue = R"({"StringEquals":{"aws:PrincipalTag/Team":"blue"}})";

Parameters tags(const std::vector<std::pair<std::string, std::string>>& given) {
    Parameters out;
    for (std::size_t n = 0; n < given.size(); ++n) {
        const std::string prefix = "Tags.member." + std::to_string(n + 1) + ".";
        out.emplace_back(prefix + "Key", given[n].first);
        out.emplace_back(prefix + "Value", given[n].second);
    }
    return out;
}

std::string list_roles(IamBench& bench, const harness::ClientCredentials& who) {
    return std::to_string(bench.send("iam", "ListRoles", {}, who).status);
}

std::string assumed(
    IamBench& bench,
    const std::string& name,
    const harness::ClientCredentials& who,
    const Parameters& more
) {
    Parameters parameters{
        {"RoleArn", "arn:aws:iam::111122223333:role/" + name}, {"RoleSessionName", "s1"}};
    parameters.insert(parameters.end(), more.begin(), more.end());
    return IamBench::outcome(bench.send("sts", "AssumeRole", parameters, who));
}

} // namespace

TEST_CASE("A session's tags are its principal tags, over the role's own", "[iam][tags]") {
    IamBench bench;
    role(bench, "r", kTagTrust, allow_if("iam:ListRoles", kIfTeamIsBlue), tags({{"Team", "red"}}));
    const auto admin = harness::Lab::administrator();
    CHECK(list_roles(bench, bench.assume("r")) == "403");
    CHECK(list_roles(bench, bench.assume("r", admin, tags({{"team", "blue"}}))) == "200");
    CHECK(list_roles(bench, bench.assume("r", admin, tags({{"Other", "blue"}}))) == "403");
    bench.good(
        "TagRole",
        {{"RoleName", "r"}, {"Tags.member.1.Key", "Team"}, {"Tags.member.1.Value", "blue"}}
    );
    CHECK(list_roles(bench, bench.assume("r")) == "200");
    CHECK(list_roles(bench, bench.assume("r", admin, tags({{"Team", "red"}}))) == "403");
}

TEST_CASE("A user's tags are principal tags, in variables too", "[iam][tags]") {
    IamBench bench;
    const auto user = bench.user(
        "u",
        document(
            R"({"Effect":"Allow","Action":"iam:GetRole","Resource":"arn:aws:iam::111122223333:role/${aws:PrincipalTag/Team}-*"})"
        )
    );
    bench.good("CreateRole", {{"RoleName", "blue-x"}, {"AssumeRolePolicyDocument", kLambdaTrust}});
    const auto read = [&] {
        return bench.send("iam", "GetRole", {{"RoleName", "blue-x"}}, user).status;
    };
    CHECK(read() == 403);
    bench.good(
        "TagUser",
        {{"UserName", "u"}, {"Tags.member.1.Key", "Team"}, {"Tags.member.1.Value", "blue"}}
    );
    CHECK(read() == 200);
}

TEST_CASE("Tags of the request and of the resource are conditions", "[iam][tags]") {
    IamBench bench;
    const auto maker = bench.user(
        "maker",
        allow_if(
            "iam:CreateRole",
            R"({"StringEquals":{"aws:RequestTag/Team":"blue"},"ForAllValues:StringEquals":{"aws:TagKeys":["Team"]}})"
        )
    );
    const auto make = [&](const std::string& name, const Parameters& more) {
        Parameters parameters{{"RoleName", name}, {"AssumeRolePolicyDocument", kLambdaTrust}};
        parameters.insert(parameters.end(), more.begin(), more.end());
        return bench.send("iam", "CreateRole", parameters, maker).status;
    };
    CHECK(make("a", {}) == 403);
    CHECK(make("a", tags({{"Team", "red"}})) == 403);
    CHECK(make("a", tags({{"Team", "blue"}, {"Other", "x"}})) == 403);
    CHECK(make("a", tags({{"Team", "blue"}})) == 200);
    const auto reader = bench.user(
        "reader", allow_if("iam:GetRole", R"({"StringEquals":{"aws:ResourceTag/Team":"blue"}})")
    );
    CHECK(bench.send("iam", "GetRole", {{"RoleName", "a"}}, reader).status == 200);
    bench.good("UntagRole", {{"RoleName", "a"}, {"TagKeys.member.1", "Team"}});
    CHECK(bench.send("iam", "GetRole", {{"RoleName", "a"}}, reader).status == 403);
}

TEST_CASE("The trust policy may ask for a tag of the request", "[iam][tags]") {
    IamBench bench;
    role(
        bench,
        "r",
        document(
            R"({"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringLike":{"aws:RequestTag/Team":"*"}}})"
        ),
        allow("iam:*")
    );
    const auto admin = harness::Lab::administrator();
    CHECK(assumed(bench, "r", admin, {}).starts_with("403 AccessDenied"));
    CHECK(assumed(bench, "r", admin, tags({{"Team", "blue"}})) == "200");
}

TEST_CASE("A transitive tag goes into the next session and stays", "[iam][tags]") {
    IamBench bench;
    role(bench, "first", kTagTrust, allow("sts:*"));
    role(bench, "second", kTagTrust, allow_if("iam:ListRoles", kIfTeamIsBlue));
    const auto admin = harness::Lab::administrator();
    Parameters given = tags({{"Team", "blue"}, {"Mine", "x"}});
    const auto plain = bench.assume("first", admin, given);
    CHECK(list_roles(bench, bench.assume("second", plain)) == "403");
    given.emplace_back("TransitiveTagKeys.member.1", "team");
    const auto transitive = bench.assume("first", admin, given);
    CHECK(list_roles(bench, bench.assume("second", transitive)) == "200");
    for (const char* const key : {"Team", "tEAM"}) {
        CHECK(
            assumed(bench, "second", transitive, tags({{key, "red"}})) ==
            "400 InvalidParameterValue: One of the specified transitive tag keys can't be set "
            "because it conflicts with a transitive tag key from the calling session."
        );
    }
    CHECK(assumed(bench, "second", transitive, tags({{"Mine", "y"}})) == "200");
}

TEST_CASE("A source identity stays for the whole chain", "[iam][tags]") {
    IamBench bench;
    role(bench, "first", kTagTrust, allow("sts:*"));
    role(
        bench,
        "second",
        kTagTrust,
        allow_if("iam:ListRoles", R"({"StringEquals":{"aws:SourceIdentity":"aj"}})")
    );
    const auto first =
        bench.assume("first", harness::Lab::administrator(), {{"SourceIdentity", "aj"}});
    CHECK(list_roles(bench, bench.assume("second", first)) == "200");
    CHECK(
        assumed(bench, "second", first, {{"SourceIdentity", "other"}}) ==
        "403 AccessDenied: SourceIdentity cannot be changed once it is set."
    );
    CHECK(list_roles(bench, bench.assume("second")) == "403");
}
