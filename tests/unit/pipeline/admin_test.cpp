// /_benchtop/: the table of pages and its description say the same, and no web page gets in.
#include "emulator/pipeline/admin/admin.hpp"
#include "emulator/pipeline/admin/openapi.hpp"
#include "harness/lab.hpp"
#include "tests/catch.hpp"

#include <set>
#include <yaml-cpp/yaml.h>

using namespace benchtop;
using namespace benchtop::harness;

namespace {

std::string page(std::string_view path) {
    return std::string(kEndpoint) + std::string(path);
}

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return result;
}

// "get /_benchtop/clock getClock"
std::set<std::string> served() {
    std::set<std::string> rows;
    for (const auto& row : pipeline::admin_routes()) {
        rows.insert(
            lower(row.method) + " " + std::string(row.path) + " " + std::string(row.operation_id)
        );
    }
    return rows;
}

std::set<std::string> documented() {
    std::set<std::string> rows;
    const YAML::Node document = YAML::Load(std::string(pipeline::openapi_text()));
    for (const auto& path : document["paths"]) {
        for (const auto& operation : path.second) {
            rows.insert(
                operation.first.as<std::string>() + " " + path.first.as<std::string>() + " " +
                operation.second["operationId"].as<std::string>()
            );
        }
    }
    return rows;
}

std::vector<std::string> names_in(std::string_view path) {
    std::vector<std::string> names;
    for (auto open = path.find('{'); open != path.npos; open = path.find('{', open + 1)) {
        names.emplace_back(path.substr(open + 1, path.find('}', open) - open - 1));
    }
    return names;
}

} // namespace

TEST_CASE("Every page is described and every description is of a page", "[pipeline]") {
    const auto rows = served();
    CHECK(rows.size() == pipeline::admin_routes().size());
    CHECK(documented() == rows);
}

TEST_CASE("The description says what a path's names are and what comes back", "[pipeline]") {
    const YAML::Node document = YAML::Load(std::string(pipeline::openapi_text()));
    CHECK(document["openapi"].as<std::string>() == "3.1.0");
    std::set<std::string> ids;
    for (const auto& path : document["paths"]) {
        for (const auto& operation : path.second) {
            INFO(operation.first << " " << path.first);
            CHECK(ids.insert(operation.second["operationId"].as<std::string>()).second);
            CHECK(operation.second["summary"].as<std::string>().ends_with('.'));
            std::vector<std::string> parameters;
            for (const auto& parameter : operation.second["parameters"]) {
                if (parameter["in"].as<std::string>() == "path") {
                    parameters.push_back(parameter["name"].as<std::string>());
                }
            }
            CHECK(parameters == names_in(path.first.as<std::string>()));
            for (const auto& response : operation.second["responses"]) {
                const auto reference = response.second["$ref"];
                if (!reference) {
                    CHECK(response.second["description"]);
                    continue;
                }
                const auto name = reference.as<std::string>();
                constexpr std::string_view prefix = "#/components/responses/";
                REQUIRE(name.starts_with(prefix));
                CHECK(document["components"]["responses"][name.substr(prefix.size())]);
            }
        }
    }
}

TEST_CASE("The description is served", "[pipeline]") {
    Lab lab;
    const auto answer = lab.send({"GET", page("/_benchtop/openapi.yaml"), {}, ""});
    CHECK(answer.status == 200);
    CHECK(answer.headers.get("content-type") == "application/yaml");
    CHECK(answer.body == pipeline::openapi_text());
}

TEST_CASE("A web page of another origin, and one by another name, get nowhere", "[pipeline]") {
    Lab lab;
    for (const auto& row : pipeline::admin_routes()) {
        INFO(row.method << " " << row.path);
        const auto refused = lab.send(
            {std::string(row.method), page(row.path), {{"Origin", "http://example.com"}}, ""}
        );
        CHECK(refused.status == 403);
        const auto rebound = lab.send(
            {std::string(row.method), page(row.path), {{"Host", "evil.example.com:4566"}}, ""}
        );
        CHECK(rebound.status != 200);
        CHECK(rebound.headers.get("content-type") != "application/json");
    }
}

TEST_CASE("An unknown page and an unknown method are told apart", "[pipeline]") {
    Lab lab;
    CHECK(lab.send({"GET", page("/_benchtop/nothing"), {}, ""}).status == 404);
    CHECK(lab.send({"GET", page("/_benchtop/logs/a/b"), {}, ""}).status == 404);
    CHECK(lab.send({"GET", page("/_benchtop/logs/"), {}, ""}).status == 404);
    const auto wrong = lab.send({"DELETE", page("/_benchtop/clock"), {}, ""});
    CHECK(wrong.status == 405);
    CHECK(wrong.headers.get("allow") == "GET");
    CHECK(lab.send({"HEAD", page("/_benchtop/clock"), {}, ""}).status == 200);
}

TEST_CASE("A change that was decided before a reset is not made after it", "[pipeline]") {
    Lab lab;
    pipeline::Services& services = lab.services();
    const std::string body = R"({"by": "301s"})";
    RequestHead head;
    head.method = "POST";
    head.target = "/_benchtop/clock/advance";
    head.headers.add("Host", "127.0.0.1:4566");
    head.content_length = body.size();
    pipeline::Exchange exchange(services);
    REQUIRE(std::holds_alternative<pipeline::ReadBody>(exchange.begin(head)));
    REQUIRE_FALSE(exchange.body(as_bytes(body)).has_value());
    pipeline::Action action = exchange.body_end();
    auto* const commit = std::get_if<pipeline::Commit>(&action);
    REQUIRE(commit != nullptr);
    ++services.era;
    auto status = store::CommitStatus::Failed;
    commit->job.done = [&status](store::CommitStatus given) { status = given; };
    services.store.write(std::move(commit->job));
    const pipeline::Action end = exchange.committed(status);
    const auto* const answer = std::get_if<pipeline::Respond>(&end);
    REQUIRE(answer != nullptr);
    CHECK(answer->response.status == 503);
    const auto* const text = std::get_if<std::string>(&answer->response.body);
    REQUIRE(text != nullptr);
    CHECK(text->find("<Code>ServiceUnavailable</Code>") != std::string::npos);
    services.store.read([](const store::ReadTx& tx) {
        CHECK(tx.time_axis().total() == microseconds::zero());
    });
}
