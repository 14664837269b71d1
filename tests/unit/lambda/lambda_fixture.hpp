// Lambda's control plane as a client of the lab in memory sees it. Functions made here have an
// archive, which nothing runs: it is their settings that are looked at.
#pragma once

#include "harness/lab.hpp"
#include "tests/catch.hpp"

#include <boost/json.hpp>

#include <string>
#include <string_view>

namespace benchtop::tests {

namespace json = boost::json;

// An archive with lambda_function.py, and one with nothing in it.
inline constexpr std::string_view kZip =
    "UEsDBBQAAAAAAAAAIQB7R5BaNQAAADUAAAASAAAAbGFtYmRhX2Z1bmN0aW9uLnB5ZGVmIGxhbWJkYV9oYW5kbGVyKGV2"
    "ZW50LCBjb250ZXh0KToKICAgIHJldHVybiBldmVudApQSwECFAMUAAAAAAAAACEAe0eQWjUAAAA1AAAAEgAAAAAAAAAA"
    "AAAApAEAAAAAbGFtYmRhX2Z1bmN0aW9uLnB5UEsFBgAAAAABAAEAQAAAAGUAAAAAAA==";
inline constexpr std::string_view kEmptyZip = "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==";
// Says of its one file that it is 262144001 bytes long.
inline constexpr std::string_view kBomb =
    "UEsDBBQAAAAIAAAAIQB7R5BaNQAAAAEAoA8SAAAAbGFtYmRhX2Z1bmN0aW9uLnB5ZGVmIGxhbWJkYV9oYW5kbGVyKGV2"
    "ZW50LCBjb250ZXh0KToKICAgIHJldHVybiBldmVudApQSwECFAMUAAAACAAAACEAe0eQWjUAAAABAKAPEgAAAAAAAAAA"
    "AAAApAEAAAAAbGFtYmRhX2Z1bmN0aW9uLnB5UEsFBgAAAAABAAEAQAAAAGUAAAAAAA==";
inline constexpr std::string_view kRole = "arn:aws:iam::111122223333:role/lambda-worker-role";
inline constexpr std::string_view kFunctions = "arn:aws:lambda:us-east-2:111122223333:function:";
inline constexpr std::string_view kBase = "/2015-03-31/functions";

// The path of a function, or of what is below it.
inline std::string at(std::string_view name) {
    std::string path(kBase);
    path += '/';
    path += name;
    return path;
}

class LambdaBench {
public:
    harness::ClientResponse send(
        std::string_view method,
        std::string_view path,
        const json::object& body = {},
        const harness::ClientCredentials& who = harness::Lab::administrator()
    ) {
        const bool bodiless = method == "GET" || method == "DELETE";
        return lab.call("lambda", method, path, bodiless ? "" : json::serialize(body), who);
    }

    // The answer of a request that must succeed; an empty body gives an empty object.
    json::object good(
        int status, std::string_view method, std::string_view path, const json::object& body = {}
    ) {
        const auto answer = send(method, path, body);
        INFO(method << " " << path << " -> " << answer.body);
        REQUIRE(answer.status == status);
        CHECK(answer.headers.get("content-type") == "application/json");
        CHECK(answer.headers.get("x-amzn-requestid").size() == 36);
        return answer.body.empty() ? json::object{} : json::parse(answer.body).as_object();
    }

    // "STATUS CODE: message" of one that must not.
    std::string refusal(
        std::string_view method,
        std::string_view path,
        const json::object& body = {},
        const harness::ClientCredentials& who = harness::Lab::administrator()
    ) {
        return refusal_of(send(method, path, body, who));
    }

    static std::string refusal_of(const harness::ClientResponse& answer) {
        INFO(answer.body);
        REQUIRE(answer.status >= 400);
        const json::object error = json::parse(answer.body).as_object();
        const json::value* text = error.if_contains("message");
        text = text != nullptr ? text : error.if_contains("Message");
        REQUIRE(text != nullptr);
        return std::to_string(answer.status) + " " +
               std::string(answer.headers.get("x-amzn-errortype")) + ": " +
               (text->is_null() ? std::string("null") : std::string(text->as_string()));
    }

    static json::object creation(std::string_view name) {
        return {
            {"FunctionName", name},
            {"Runtime", "python3.11"},
            {"Role", kRole},
            {"Handler", "lambda_function.lambda_handler"},
            {"Code", {{"ZipFile", kZip}}}};
    }

    // A function that has become active.
    json::object make(std::string_view name, const json::object& more = {}) {
        json::object body = creation(name);
        for (const auto& member : more) {
            body[member.key()] = member.value();
        }
        auto made = good(201, "POST", kBase, body);
        lab.pass(seconds{2});
        return made;
    }

    std::string text(const json::object& object, std::string_view member) {
        return std::string(object.at(member).as_string());
    }

    std::string revision(std::string_view function) {
        return text(good(200, "GET", at(function) + "/configuration"), "RevisionId");
    }

    harness::Lab lab;
};

} // namespace benchtop::tests
