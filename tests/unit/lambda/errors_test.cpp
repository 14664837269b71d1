// Every row of fixtures/lambda/errors.json is a request and the refusal it meets, letter for
// letter. tests/tidy/control_plane_errors.py shows that every refusal in emulator/lambda is a row.
#include "tests/unit/lambda/lambda_fixture.hpp"

#include <fstream>
#include <sstream>

using namespace benchtop;
using namespace benchtop::tests;

namespace {

json::value read_table() {
    std::ifstream file(BENCHTOP_FIXTURES "/lambda/errors.json");
    std::stringstream text;
    text << file.rdbuf();
    REQUIRE(file);
    return json::parse(text.str());
}

// What every row finds: "f" with version 1, the alias "live" of it and a permission "s3"; "busy",
// which is being updated; "new", which is being made; "g" with two
// versions; "off" without concurrency; a bucket in another region.
void set_up(LambdaBench& bench) {
    const std::string f = at("f");
    bench.make("f");
    bench.make("g");
    bench.good(201, "POST", at("g/versions"));
    bench.good(200, "PUT", at("g/configuration"), {{"Timeout", 9}});
    bench.lab.pass(seconds{2});
    bench.good(201, "POST", at("g/versions"));
    bench.make("off");
    bench.good(
        200, "PUT", "/2017-10-31/functions/off/concurrency", {{"ReservedConcurrentExecutions", 0}}
    );
    bench.lab.send_signed(
        {"PUT",
         "http://eu-bucket-aj.s3.eu-west-1.amazonaws.com/",
         {},
         "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint>"
         "</CreateBucketConfiguration>"},
        harness::Lab::administrator(),
        "eu-west-1"
    );
    bench.make("busy");
    bench.good(201, "POST", f + "/versions");
    bench.good(201, "POST", f + "/aliases", {{"Name", "live"}, {"FunctionVersion", "1"}});
    bench.good(
        201,
        "POST",
        f + "/policy",
        {{"StatementId", "s3"},
         {"Action", "lambda:InvokeFunction"},
         {"Principal", "s3.amazonaws.com"}}
    );
    bench.good(200, "PUT", at("busy/configuration"), {{"Timeout", 9}});
    bench.good(201, "POST", kBase, LambdaBench::creation("new"));
}

// "ZIP", "EMPTY_ZIP" and "BOMB" stand for archives, "TEXT*N" for N letters a, "JSON*N" for
// a JSON text of N bytes.
json::value expanded(const json::value& value) {
    if (const json::object* object = value.if_object()) {
        json::object out;
        for (const auto& [key, member] : *object) {
            out[key] = expanded(member);
        }
        return out;
    }
    if (const json::array* array = value.if_array()) {
        json::array out;
        for (const json::value& item : *array) {
            out.push_back(expanded(item));
        }
        return out;
    }
    if (const json::string* text = value.if_string()) {
        if (*text == "ZIP") {
            return json::value(kZip);
        }
        if (*text == "BOMB") {
            return json::value(kBomb);
        }
        if (*text == "EMPTY_ZIP") {
            return json::value(kEmptyZip);
        }
        if (text->starts_with("JSON*")) {
            const auto size = std::stoul(std::string(*text).substr(5));
            return json::value('"' + std::string(size - 2, 'a') + '"');
        }
        if (text->starts_with("TEXT*")) {
            return json::value(std::string(std::stoul(std::string(*text).substr(5)), 'a'));
        }
    }
    return value;
}

std::string body_of(const json::object& row) {
    if (const json::value* raw = row.if_contains("raw")) {
        return std::string(expanded(*raw).as_string());
    }
    json::object body;
    const json::value* members = row.if_contains("body");
    if (row.if_contains("create") != nullptr) {
        body = LambdaBench::creation("made");
        members = row.if_contains("create");
    }
    if (members != nullptr) {
        const json::value wanted = expanded(*members);
        for (const auto& [key, value] : wanted.as_object()) {
            if (value.is_null()) {
                body.erase(key);
            } else {
                body[key] = value;
            }
        }
    }
    return body.empty() && members == nullptr ? std::string() : json::serialize(body);
}

} // namespace

TEST_CASE("Every row of the error table is what its request meets", "[lambda]") {
    const json::value table = read_table();
    for (const json::value& item : table.as_array()) {
        const json::object& row = item.as_object();
        if (row.if_contains("shown_by") != nullptr) {
            continue;
        }
        LambdaBench bench;
        set_up(bench);
        const std::string request(row.at("request").as_string());
        const std::size_t space = request.find(' ');
        std::vector<std::pair<std::string, std::string>> headers;
        if (const json::value* given = row.if_contains("headers")) {
            for (const auto& [name, value] : given->as_object()) {
                headers.emplace_back(name, value.as_string());
            }
        }
        const std::string body = body_of(row);
        const auto answer = bench.lab.call(
            "lambda",
            request.substr(0, space),
            request.substr(space + 1),
            body,
            harness::Lab::administrator(),
            std::move(headers)
        );
        INFO(json::serialize(row) << "\n" << answer.body);
        CHECK(answer.status == row.at("status").to_number<int>());
        CHECK(answer.headers.get("x-amzn-errortype") == std::string(row.at("code").as_string()));
        const json::object error = json::parse(answer.body).as_object();
        const bool capital = error.if_contains("Message") != nullptr;
        CHECK(capital == (row.if_contains("capital") != nullptr));
        const json::value& message = error.at(capital ? "Message" : "message");
        CHECK(json::serialize(message) == json::serialize(row.at("message")));
        CHECK((error.if_contains("Type") != nullptr) == (row.if_contains("untyped") == nullptr));
    }
}
