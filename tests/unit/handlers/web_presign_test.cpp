// The web handler: botocore's URLs byte for byte (fixtures/presign, made by generate.py), and every
// way to fail.
#include "handlers/web_presign/web_presign.hpp"
#include "tests/catch.hpp"
#include "tests/unit/handlers/fake_world.hpp"

#include <boost/json.hpp>

using namespace handlers;
using handlers::test::World;

namespace {

std::string answer(World& world, std::string_view event = "{}") {
    auto context = world.context();
    const auto outcome = web_presign::handle_json(event, context);
    return outcome ? *outcome : outcome.error().type() + ": " + outcome.error().message();
}

} // namespace

TEST_CASE("the web handler's answer equals the Python handler's", "[handlers][presign]") {
    const std::string name = GENERATE(
        "lab",
        "session_token",
        "content_type",
        "endpoint",
        "endpoint_default_port",
        "dotted_bucket",
        "odd_prefix",
        "leading_slash_and_dots",
        "week"
    );
    INFO(name);
    const auto fixture =
        boost::json::parse(test::read_file(FIXTURES_DIR "/presign/" + name + ".json"));
    World world;
    world.environment.variables.clear();
    for (const auto& variable : fixture.at("environment").as_object()) {
        world.environment.variables[std::string(variable.key())] =
            std::string(variable.value().as_string());
    }
    world.clock.now = fixture.at("now_ms").as_int64();
    CHECK(answer(world) == std::string(fixture.at("payload").as_string()));
    CHECK(world.s3.requests.empty());
}

TEST_CASE("defaults: prefix uploads/, 300 seconds", "[handlers][presign]") {
    World world;
    const std::string text = answer(world, R"({"version":"2.0","routeKey":"POST /presign"})");
    CHECK(
        text.find("s3Key\\\": \\\"uploads/upload-00010203-0405-4607-8809-0a0b0c0d0e0f.txt") !=
        std::string::npos
    );
    CHECK(
        text.find(
            "X-Amz-Expires=300&X-Amz-SignedHeaders=host&X-Amz-Security-Token=token%2F%2F%2B%3D%3D&"
        ) != std::string::npos
    );
    world.environment.variables["SIGN_CONTENT_TYPE"] = "text/plain";
    CHECK(answer(world).find("X-Amz-SignedHeaders=content-type%3Bhost&") != std::string::npos);
}

TEST_CASE("any JSON is an event for the web handler, other text is none", "[handlers][presign]") {
    World world;
    for (const char* event : {"null", "[]", "1", R"({"headers":3,"requestContext":[]})"}) {
        CHECK(answer(world, event).starts_with("{\"statusCode\": 200"));
    }
    for (const char* event : {"", "{", "{\"a\":\xFF}", "nul"}) {
        CHECK(
            answer(world, event).starts_with("Runtime.UnmarshalError: Unable to unmarshal input: ")
        );
    }
    CHECK(answer(world, std::string(100'000, '[')).starts_with("Runtime.UnmarshalError: "));
}

TEST_CASE("a bad EXPIRES_IN is found at init and at the first event", "[handlers][presign]") {
    const auto [value, message] = GENERATE(table<std::string, std::string>({
        {"five", "invalid literal for int() with base 10: 'five'"},
        {"", "invalid literal for int() with base 10: ''"},
        {"0", "EXPIRES_IN must be between 1 and 604800 seconds, not 0"},
        {"-1", "EXPIRES_IN must be between 1 and 604800 seconds, not -1"},
        {"604801", "EXPIRES_IN must be between 1 and 604800 seconds, not 604801"},
    }));
    World world;
    world.environment.variables["EXPIRES_IN"] = value;
    auto context = world.context();
    const auto init = web_presign::init(context);
    REQUIRE_FALSE(init);
    CHECK(init.error().type() == "ValueError");
    CHECK(init.error().message() == message);
    CHECK(answer(world) == "ValueError: " + message);
    world.environment.variables["EXPIRES_IN"] = "604800";
    CHECK(web_presign::init(context));
}

TEST_CASE("what is missing is said, and nothing is signed without it", "[handlers][presign]") {
    World world;
    auto& variables = world.environment.variables;
    SECTION("bucket") {
        variables.erase("BUCKET_NAME");
        CHECK(answer(world) == "TypeError: expected string or bytes-like object, got 'NoneType'");
    }
    SECTION("a bucket name that would change the host") {
        variables["BUCKET_NAME"] = "evil.example/x?";
        CHECK(answer(world).starts_with("ParamValidationError: Parameter validation "
                                        "failed:\nInvalid bucket name \"evil.example/x?\""));
    }
    SECTION("session token of a role") {
        variables.erase("AWS_SESSION_TOKEN");
        CHECK(
            answer(world) ==
            "PartialCredentialsError: Partial credentials found in env, missing: AWS_SESSION_TOKEN"
        );
    }
    SECTION("secret") {
        variables["AWS_SECRET_ACCESS_KEY"] = "";
        CHECK(
            answer(world) == "PartialCredentialsError: Partial credentials found in env, missing: "
                             "AWS_SECRET_ACCESS_KEY"
        );
    }
    SECTION("key id") {
        variables.erase("AWS_ACCESS_KEY_ID");
        CHECK(answer(world) == "NoCredentialsError: Unable to locate credentials");
    }
    SECTION("region") {
        variables.erase("AWS_REGION");
        CHECK(answer(world) == "NoRegionError: You must specify a region.");
    }
    SECTION("endpoint that is no URL") {
        variables["AWS_ENDPOINT_URL"] = "localhost:4566";
        CHECK(answer(world) == "ValueError: Invalid endpoint: localhost:4566");
    }
}
