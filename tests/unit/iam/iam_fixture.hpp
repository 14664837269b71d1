// IAM and STS as a client of the lab in memory sees them.
#pragma once

#include "emulator/core/encoding.hpp"
#include "harness/lab.hpp"
#include "tests/catch.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace benchtop::tests {

using Parameters = std::vector<std::pair<std::string, std::string>>;

inline constexpr const char* kLambdaTrust =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]})";
inline constexpr const char* kAccountTrust =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}]})";

// One statement as a document.
inline std::string document(std::string_view statement) {
    return R"({"Version":"2012-10-17","Statement":[)" + std::string(statement) + "]}";
}

inline std::string allow(std::string_view action, std::string_view resource = "*") {
    return document(
        R"({"Effect":"Allow","Action":")" + std::string(action) + R"(","Resource":")" +
        std::string(resource) + "\"}"
    );
}

// The text of the first element of that name; "" when there is none.
inline std::string element(std::string_view xml, std::string_view name) {
    const std::string open = "<" + std::string(name) + ">";
    const std::size_t begin = xml.find(open);
    if (begin == std::string_view::npos) {
        return {};
    }
    const std::size_t from = begin + open.size();
    return std::string(xml.substr(from, xml.find("</" + std::string(name) + ">", from) - from));
}

class IamBench {
public:
    harness::ClientResponse send(
        std::string_view service,
        std::string_view action,
        const Parameters& parameters,
        const harness::ClientCredentials& who = harness::Lab::administrator()
    ) {
        std::string form = "Action=" + std::string(action) +
                           "&Version=" + (service == "sts" ? "2011-06-15" : "2010-05-08");
        for (const auto& [name, value] : parameters) {
            form += "&" + name + "=" + percent_encode(value, SlashRule::Encode);
        }
        return lab.call(service, "POST", "/", form, who);
    }

    // The answer of a call of IAM that must succeed.
    std::string good(std::string_view action, const Parameters& parameters) {
        const auto answer = send("iam", action, parameters);
        INFO(action << " -> " << answer.body);
        REQUIRE(answer.status == 200);
        return answer.body;
    }

    // A user with an access key and, unless "", an inline policy.
    harness::ClientCredentials user(const std::string& name, const std::string& policy) {
        good("CreateUser", {{"UserName", name}});
        if (!policy.empty()) {
            good(
                "PutUserPolicy",
                {{"UserName", name}, {"PolicyName", "own"}, {"PolicyDocument", policy}}
            );
        }
        const std::string key = good("CreateAccessKey", {{"UserName", name}});
        return {element(key, "AccessKeyId"), element(key, "SecretAccessKey"), ""};
    }

    // The credentials of a session, or none with `refusal` set.
    harness::ClientCredentials assume(
        const std::string& role,
        const harness::ClientCredentials& who = harness::Lab::administrator(),
        const Parameters& more = {}
    ) {
        Parameters parameters{
            {"RoleArn", "arn:aws:iam::111122223333:role/" + role}, {"RoleSessionName", "session"}};
        parameters.insert(parameters.end(), more.begin(), more.end());
        const auto answer = send("sts", "AssumeRole", parameters, who);
        INFO(answer.body);
        REQUIRE(answer.status == 200);
        return {
            element(answer.body, "AccessKeyId"),
            element(answer.body, "SecretAccessKey"),
            element(answer.body, "SessionToken")};
    }

    // "STATUS" or "STATUS CODE: message" of ListRoles and the like.
    static std::string outcome(const harness::ClientResponse& answer) {
        std::string text = std::to_string(answer.status);
        if (answer.status >= 400) {
            text += " " + element(answer.body, "Code") + ": " + element(answer.body, "Message");
        }
        return text;
    }

    harness::Lab lab;
};

} // namespace benchtop::tests
