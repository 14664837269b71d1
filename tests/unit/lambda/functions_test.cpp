// Names, settings and hostile bodies of functions.
#include "tests/unit/lambda/lambda_fixture.hpp"

using namespace benchtop;
using namespace benchtop::tests;

TEST_CASE("A function is found under every form of its name", "[lambda]") {
    LambdaBench bench;
    bench.make("f");
    for (const std::string_view name :
         {"f",
          "f%3A%24LATEST",
          "function%3Af",
          "111122223333%3Af",
          "111122223333%3Afunction%3Af",
          "us-east-2%3A111122223333%3Afunction%3Af",
          "arn%3Aaws%3Alambda%3Aus-east-2%3A111122223333%3Afunction%3Af",
          "arn%3Aaws%3Alambda%3Aus-east-2%3A111122223333%3Af"}) {
        INFO(name);
        const auto found = bench.good(200, "GET", at(name) + "/configuration");
        CHECK(bench.text(found, "FunctionName") == "f");
    }
}

TEST_CASE("Lambda's own defaults stand in a configuration", "[lambda]") {
    LambdaBench bench;
    const auto made = bench.make("f");
    CHECK(bench.text(made, "State") == "Pending");
    CHECK(bench.text(made, "StateReasonCode") == "Creating");
    CHECK(made.if_contains("LastUpdateStatus") == nullptr);
    CHECK(made.if_contains("Environment") == nullptr);
    CHECK(made.at("Timeout") == 3);
    CHECK(made.at("MemorySize") == 128);
    CHECK(made.at("EphemeralStorage") == json::parse(R"({"Size":512})"));
    CHECK(made.at("Architectures") == json::parse(R"(["x86_64"])"));
    CHECK(
        made.at("LoggingConfig") ==
        json::parse(R"({"LogFormat":"Text","LogGroup":"/aws/lambda/f"})")
    );
    CHECK(made.at("SnapStart") == json::parse(R"({"ApplyOn":"None","OptimizationStatus":"Off"})"));
    const auto active = bench.good(200, "GET", at("f/configuration"));
    CHECK(bench.text(active, "State") == "Active");
    CHECK(bench.text(active, "LastUpdateStatus") == "Successful");
}

TEST_CASE("A function may write to a log group of another name", "[lambda]") {
    LambdaBench bench;
    bench.make("f", {{"LoggingConfig", {{"LogGroup", "cool_lambda"}}}});
    const auto found = bench.good(200, "GET", at("f/configuration"));
    CHECK(
        found.at("LoggingConfig") == json::parse(R"({"LogFormat":"Text","LogGroup":"cool_lambda"})")
    );
}

TEST_CASE("Settings that ask for nothing are no refusal", "[lambda]") {
    LambdaBench bench;
    bench.make(
        "f",
        {{"DeadLetterConfig", {{"TargetArn", ""}}},
         {"VpcConfig", {{"SubnetIds", json::array{}}, {"SecurityGroupIds", json::array{}}}},
         {"Layers", json::array{}},
         {"SnapStart", {{"ApplyOn", "None"}}}}
    );
    CHECK(bench.send("GET", at("f")).status == 200);
}

TEST_CASE("A published version is asked for and deleted by its number", "[lambda]") {
    LambdaBench bench;
    const std::string f = at("f");
    bench.make("f", {{"Publish", true}});
    CHECK(bench.send("DELETE", f + "?Qualifier=1233").status == 204); // no such version (recorded)
    CHECK(bench.send("DELETE", f + "?Qualifier=1").status == 204);
    CHECK(
        bench.refusal("GET", f + "?Qualifier=1") ==
        "404 ResourceNotFoundException: Function not found: " + std::string(kFunctions) + "f:1"
    );
    CHECK(bench.send("DELETE", f).status == 204);
    CHECK(
        bench.refusal("DELETE", f) ==
        "404 ResourceNotFoundException: Function not found: " + std::string(kFunctions) + "f"
    );
}

TEST_CASE("Bodies of every wrong shape are refused and change nothing", "[lambda]") {
    LambdaBench bench;
    bench.make("f");
    const std::string before = bench.revision("f");
    for (const char* body :
         {"",
          "[]",
          "null",
          "{",
          "\"text\"",
          R"({"Timeout":"three"})",
          R"({"Timeout":1e99})",
          R"({"Environment":[]})",
          R"({"Environment":{"Variables":{"AB":1}}})",
          R"({"Architectures":{}})",
          R"({"Role":null,"MemorySize":-9223372036854775808})"}) {
        for (const auto& [method, path] :
             {std::pair("POST", std::string(kBase)),
              std::pair("PUT", at("f/code")),
              std::pair("POST", at("f/policy")),
              std::pair("POST", at("f/aliases"))}) {
            INFO(method << " " << path << " " << body);
            const auto answer = bench.lab.call("lambda", method, path, body);
            CHECK(answer.status >= 400);
            CHECK(answer.status < 500);
            CHECK_FALSE(answer.headers.get("x-amzn-errortype").empty());
        }
    }
    CHECK(bench.revision("f") == before);
}
