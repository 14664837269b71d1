#include "emulator/protocol/json_input.hpp"
#include "emulator/protocol/query_answer.hpp"
#include "tests/catch.hpp"

#include <boost/json.hpp>

using namespace benchtop;
using namespace benchtop::protocol;

TEST_CASE("A request's JSON is an object or refused", "[protocol][json]") {
    CHECK(parse_json_object("").value().empty());
    CHECK(parse_json_object(R"({"a":1})").value().size() == 1);
    for (const char* bad : {"[]", "1", "{", "{\"a\":1}x", "\xff"}) {
        const auto refused = parse_json_object(bad);
        REQUIRE_FALSE(refused.has_value());
        CHECK(refused.error().code() == "SerializationException");
    }
    CHECK_FALSE(parse_json_object(std::string(40, '[') + std::string(40, ']')).has_value());
    std::string deep;
    for (int i = 0; i < 40; ++i) {
        deep += R"({"a":)";
    }
    CHECK_FALSE(parse_json_object(deep + "1" + std::string(40, '}')).has_value());
}

TEST_CASE("Members have the model's types; null counts as absent", "[protocol][json]") {
    const auto object =
        parse_json_object(R"({"s":"x","n":3,"d":1.5,"b":true,"o":{"k":"v"},"l":["a","b"],"z":null})"
        )
            .value();
    const JsonInput input(object);
    CHECK(input.string("s").value() == "x");
    CHECK_FALSE(input.string("z").value().has_value());
    CHECK_FALSE(input.has("z"));
    CHECK(input.integer("n").value() == 3);
    CHECK(input.number("n").value() == 3.0);
    CHECK(input.number("d").value() == 1.5);
    CHECK(input.boolean("b").value() == true);
    CHECK(input.strings("l").value()->size() == 2);
    CHECK(input.string_map("o").value()->at(0).second == "v");
    CHECK_FALSE(input.strings("missing").value().has_value());
    CHECK_FALSE(input.string("n").has_value());
    CHECK_FALSE(input.integer("d").has_value());
    CHECK_FALSE(input.integer("s").has_value());
    CHECK_FALSE(input.boolean("s").has_value());
    CHECK_FALSE(input.object("l").has_value());
    CHECK_FALSE(input.array("o").has_value());
    CHECK_FALSE(input.string_map("s").has_value());
}

TEST_CASE("A Query answer has a Result only when there is output", "[protocol]") {
    const Response full = query_answer("https://x/", "GetThing", "<A>1</A>", "id");
    CHECK(
        std::get<std::string>(full.body) ==
        "<GetThingResponse xmlns=\"https://x/\">\n  <GetThingResult><A>1</A></GetThingResult>\n"
        "  <ResponseMetadata>\n    <RequestId>id</RequestId>\n  </ResponseMetadata>\n"
        "</GetThingResponse>\n"
    );
    const Response none = query_answer("https://x/", "DropThing", "", "id");
    CHECK(std::get<std::string>(none.body).find("Result>") == std::string::npos);
}
