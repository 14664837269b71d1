// Every row of fixtures/iam/errors.json is a call and the refusal it meets, letter for letter.
// tests/tidy/control_plane_errors.py shows that every refusal in emulator/iam and emulator/sts is a
// row.
#include "tests/unit/iam/iam_fixture.hpp"

#include <boost/json.hpp>

#include <fstream>
#include <sstream>

using namespace benchtop;
using namespace benchtop::tests;

namespace json = boost::json;

namespace {

json::value read_table() {
    std::ifstream file(BENCHTOP_FIXTURES "/iam/errors.json");
    std::stringstream text;
    text << file.rdbuf();
    REQUIRE(file);
    return json::parse(text.str());
}

// What every row finds. "aj" has two keys, an inline policy, the managed policy "m" and is in the
// group "g"; the role "r" has an inline policy, the managed policy "m" and trusts the account;
// "five" has five versions; "full" has ten policies.
void set_up(IamBench& bench) {
    const std::string get = allow("s3:GetObject");
    bench.good("CreateUser", {{"UserName", "aj"}});
    bench.good("CreateUser", {{"UserName", "keyed"}});
    bench.good("CreateUser", {{"UserName", "member"}});
    bench.good("CreateUser", {{"UserName", "inline"}});
    bench.good("CreateRole", {{"RoleName", "r"}, {"AssumeRolePolicyDocument", kAccountTrust}});
    bench.good("CreateRole", {{"RoleName", "inline"}, {"AssumeRolePolicyDocument", kLambdaTrust}});
    bench.good("CreateRole", {{"RoleName", "full"}, {"AssumeRolePolicyDocument", kLambdaTrust}});
    for (const char* group : {"g", "attached", "inline"}) {
        bench.good("CreateGroup", {{"GroupName", group}});
    }
    bench.good("AddUserToGroup", {{"GroupName", "g"}, {"UserName", "member"}});
    bench.good("CreateAccessKey", {{"UserName", "keyed"}});
    bench.good("CreateAccessKey", {{"UserName", "keyed"}});
    bench.good("CreatePolicy", {{"PolicyName", "m"}, {"PolicyDocument", get}});
    bench.good("CreatePolicy", {{"PolicyName", "five"}, {"PolicyDocument", get}});
    const std::string arn = "arn:aws:iam::111122223333:policy/";
    for (int n = 0; n < 4; ++n) {
        bench.good("CreatePolicyVersion", {{"PolicyArn", arn + "five"}, {"PolicyDocument", get}});
    }
    bench.good("AttachRolePolicy", {{"RoleName", "r"}, {"PolicyArn", arn + "m"}});
    bench.good(
        "PutRolePolicy", {{"RoleName", "r"}, {"PolicyName", "all"}, {"PolicyDocument", allow("*")}}
    );
    bench.good("AttachUserPolicy", {{"UserName", "aj"}, {"PolicyArn", arn + "m"}});
    bench.good("AttachGroupPolicy", {{"GroupName", "attached"}, {"PolicyArn", arn + "m"}});
    for (const auto& [action, parameter] :
         {std::pair("PutUserPolicy", "UserName"),
          std::pair("PutRolePolicy", "RoleName"),
          std::pair("PutGroupPolicy", "GroupName")}) {
        bench.good(action, {{parameter, "inline"}, {"PolicyName", "p"}, {"PolicyDocument", get}});
    }
    for (int n = 0; n < 10; ++n) {
        const std::string name = "full" + std::to_string(n);
        bench.good("CreatePolicy", {{"PolicyName", name}, {"PolicyDocument", get}});
        bench.good("AttachRolePolicy", {{"RoleName", "full"}, {"PolicyArn", arn + name}});
    }
}

// "TEXT*N" stands for N letters a, "LONG*N" for a policy with N of them in it.
std::string expanded(const json::string& given) {
    const std::string text(given);
    if (text.starts_with("TEXT*")) {
        return std::string(std::stoul(text.substr(5)), 'a');
    }
    if (text.starts_with("LONG*")) {
        const std::string name(std::stoul(text.substr(5)), 'a');
        return allow("s3:GetObject", "arn:aws:s3:::b/" + name);
    }
    if (text.starts_with("TRUST*")) {
        const std::string sid(std::stoul(text.substr(6)), 'a');
        return document(
            R"({"Sid":")" + sid +
            R"(","Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"})"
        );
    }
    return text;
}

} // namespace

TEST_CASE("Every row of the error table is what its call meets", "[iam]") {
    const json::value table = read_table();
    for (const json::value& item : table.as_array()) {
        const json::object& row = item.as_object();
        if (row.if_contains("shown_by") != nullptr) {
            continue;
        }
        IamBench bench;
        set_up(bench);
        Parameters parameters;
        std::string service = "iam";
        std::string action;
        for (const auto& [name, value] : row.at("call").as_object()) {
            if (name == "Action") {
                action = value.as_string();
            } else if (name == "Service") {
                service = value.as_string();
            } else {
                parameters.emplace_back(name, expanded(value.as_string()));
            }
        }
        harness::ClientCredentials who = harness::Lab::administrator();
        if (row.if_contains("in_session") != nullptr) {
            who = bench.assume("r");
        }
        const auto answer = bench.send(service, action, parameters, who);
        INFO(json::serialize(row) << "\n" << answer.body);
        CHECK(answer.status == row.at("status").to_number<int>());
        CHECK(element(answer.body, "Code") == std::string(row.at("code").as_string()));
        CHECK(element(answer.body, "Type") == "Sender");
        CHECK(element(answer.body, "Message") == std::string(row.at("message").as_string()));
        CHECK(answer.headers.get("content-type") == "text/xml");
        CHECK(answer.headers.get("x-amzn-requestid") == element(answer.body, "RequestId"));
    }
}
