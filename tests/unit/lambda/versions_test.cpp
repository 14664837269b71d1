// Versions, aliases, and the revisions by which clients notice that somebody else was faster.
#include "tests/unit/lambda/lambda_fixture.hpp"

using namespace benchtop;
using namespace benchtop::tests;

namespace {

const std::string kF = at("f");

std::size_t versions_of(LambdaBench& bench) {
    return bench.good(200, "GET", kF + "/versions").at("Versions").as_array().size();
}

} // namespace

TEST_CASE("What has not changed since the last version is not published again", "[lambda]") {
    LambdaBench bench;
    bench.make("f", {{"Publish", true}});
    // Not even under a description of its own (recorded, November 2025).
    const auto again = bench.good(201, "POST", kF + "/versions", {{"Description", "another"}});
    CHECK(bench.text(again, "Version") == "1");
    CHECK(bench.text(again, "Description") == "");
    CHECK(versions_of(bench) == 2);

    bench.good(200, "PUT", kF + "/configuration", {{"Timeout", 9}});
    bench.lab.pass(seconds{2});
    const auto second = bench.good(201, "POST", kF + "/versions", {{"Description", "second"}});
    CHECK(bench.text(second, "Version") == "2");
    CHECK(bench.text(second, "Description") == "second");
    CHECK(bench.text(bench.good(201, "POST", kF + "/versions"), "Version") == "2");
    CHECK(versions_of(bench) == 3);
}

TEST_CASE("Publishing changes the revision of $LATEST", "[lambda]") {
    LambdaBench bench;
    bench.make("f");
    const std::string before = bench.revision("f");
    const auto version = bench.good(201, "POST", kF + "/versions");
    CHECK(bench.revision("f") != before);
    CHECK(bench.revision("f:1") == bench.text(version, "RevisionId"));
    CHECK(bench.text(version, "State") == "Active");
}

TEST_CASE("New code published at once makes a version that is pending", "[lambda]") {
    LambdaBench bench;
    bench.make("f");
    const auto version =
        bench.good(200, "PUT", kF + "/code", {{"ZipFile", kZip}, {"Publish", true}});
    CHECK(bench.text(version, "Version") == "1");
    CHECK(bench.text(version, "State") == "Pending");
    CHECK(version.if_contains("LastUpdateStatus") == nullptr);
    bench.lab.pass(seconds{2});
    CHECK(
        bench.text(bench.good(200, "GET", kF + "/configuration?Qualifier=1"), "State") == "Active"
    );
}

TEST_CASE("An alias's revision changes with its policy, and is the policy's", "[lambda]") {
    LambdaBench bench;
    bench.make("f", {{"Publish", true}});
    const auto made =
        bench.good(201, "POST", kF + "/aliases", {{"Name", "live"}, {"FunctionVersion", "1"}});
    const std::string first = bench.text(made, "RevisionId");
    bench.good(
        201,
        "POST",
        kF + "/policy?Qualifier=live",
        {{"StatementId", "s3"},
         {"Action", "lambda:InvokeFunction"},
         {"Principal", "s3.amazonaws.com"},
         {"RevisionId", first}}
    );
    const std::string second =
        bench.text(bench.good(200, "GET", kF + "/aliases/live"), "RevisionId");
    CHECK(second != first);
    CHECK(
        bench.text(bench.good(200, "GET", kF + "/policy?Qualifier=live"), "RevisionId") == second
    );
    // The version the alias points to has a policy of its own: none.
    CHECK(bench.send("GET", kF + "/policy?Qualifier=1").status == 404);
}

TEST_CASE("Settings for asynchronous events go with their alias or version", "[lambda]") {
    LambdaBench bench;
    bench.make("f", {{"Publish", true}});
    bench.good(201, "POST", kF + "/aliases", {{"Name", "live"}, {"FunctionVersion", "1"}});
    const std::string config = "/2019-09-25/functions/f/event-invoke-config";
    for (const char* qualifier : {"1", "live", "%24LATEST"}) {
        bench.good(200, "PUT", config + "?Qualifier=" + qualifier, {{"MaximumRetryAttempts", 1}});
    }
    const auto listed = [&](const std::string& query) {
        return bench.good(200, "GET", config + "/list" + query);
    };
    CHECK(listed("").at("FunctionEventInvokeConfigs").as_array().size() == 3);
    const auto page = listed("?MaxItems=2");
    CHECK(page.at("FunctionEventInvokeConfigs").as_array().size() == 2);
    CHECK(page.if_contains("NextMarker") != nullptr);

    CHECK(bench.send("DELETE", kF + "/aliases/live").status == 204);
    CHECK(bench.send("DELETE", kF + "?Qualifier=1").status == 204);
    CHECK(bench.send("GET", config + "?Qualifier=live").status == 404);
    CHECK(bench.send("GET", config + "?Qualifier=1").status == 404);
    CHECK(listed("").at("FunctionEventInvokeConfigs").as_array().size() == 1);
}
