// Filter patterns: the user guide's own examples, and what is no pattern.
#include "emulator/logs/filter_pattern.hpp"
#include "tests/catch.hpp"

using namespace benchtop;
using logs::FilterPattern;

namespace {

bool matches(std::string_view pattern, std::string_view message) {
    const auto parsed = FilterPattern::parse(pattern);
    INFO(pattern);
    REQUIRE(parsed.has_value());
    return parsed->matches(message);
}

std::string refusal(std::string_view pattern) {
    const auto parsed = FilterPattern::parse(pattern);
    INFO(pattern);
    REQUIRE(parsed.has_error());
    CHECK(parsed.error().code() == "InvalidParameterException");
    return parsed.error().message();
}

constexpr std::string_view kEvent = R"({
  "eventType": "UpdateTrail", "sourceIPAddress": "111.111.111.111",
  "arrayKey": ["value", "another value"],
  "objectList": [{"name": "a", "id": 1}, {"name": "b", "id": 2}],
  "SomeObject": null, "cluster.name": "c", "flag": true, "latency": 12.5, "code": 404})";

} // namespace

TEST_CASE("Terms: all, any, none, and phrases", "[logs]") {
    CHECK(matches("", "anything"));
    CHECK(matches("  ", "anything"));
    CHECK(matches("ERROR", "[ERROR 400] BAD REQUEST"));
    CHECK_FALSE(matches("error", "[ERROR 400] BAD REQUEST")); // case counts
    CHECK(matches("ERROR REQUEST", "[ERROR 400] BAD REQUEST"));
    CHECK_FALSE(matches("ERROR ARGUMENTS", "[ERROR 400] BAD REQUEST"));
    CHECK(matches("?ERROR ?WARN", "WARN: low"));
    CHECK_FALSE(matches("?ERROR ?WARN", "INFO: low"));
    CHECK(matches("ERROR -ARGUMENTS", "ERROR one"));
    CHECK_FALSE(matches("ERROR -ARGUMENTS", "ERROR ARGUMENTS"));
    CHECK(matches("-DEBUG", "INFO x"));
    CHECK(matches("\"INTERNAL SERVER ERROR\"", "500 INTERNAL SERVER ERROR"));
    CHECK_FALSE(matches("\"INTERNAL SERVER ERROR\"", "INTERNAL ERROR"));
    CHECK(matches(R"(-"exact phrase" a)", "a phrase"));
    CHECK(matches(R"("say \"hi\"")", R"(say "hi" now)"));
    CHECK(matches("?ERROR INFO", "INFO only")); // beside others, optional terms are ignored
}

TEST_CASE("JSON conditions", "[logs]") {
    const auto yes = [](std::string_view pattern) { CHECK(matches(pattern, kEvent)); };
    const auto no = [](std::string_view pattern) { CHECK_FALSE(matches(pattern, kEvent)); };
    yes(R"({ $.eventType = "UpdateTrail" })");
    yes("{$.eventType=UpdateTrail}");
    yes(R"({ $.eventType = "*Trail" })");
    no(R"({ $.eventType = "updatetrail" })");
    yes("{ $.sourceIPAddress != 123.123.* }");
    no("{ $.sourceIPAddress != 111.111.* }");
    yes(R"({ $.arrayKey[0] = "value" })");
    yes(R"({ $.arrayKey[*] = "another value" })");
    no(R"({ $.arrayKey[7] = "value" })");
    yes("{ $.objectList[1].id = 2 }");
    yes("{ $.SomeObject IS NULL }");
    yes("{ $.SomeOtherObject NOT EXISTS }");
    no("{ $.eventType NOT EXISTS }");
    yes("{ $.flag IS TRUE }");
    no("{ $.flag IS FALSE }");
    yes("{ $.latency > 10 }");
    yes("{ $.latency <= 12.5 }");
    no("{ $.latency < 1e1 }");
    yes("{ $.code = 404 }");
    yes("{ $.code = 4* }");
    no("{ $.code != 404 }");
    no("{ $.missing != 404 }");
    yes(R"({ $['cluster.name'] = "c" })");
    yes(R"({ ($.code = 404) && ($.flag IS TRUE) })");
    no(R"({ $.code = 404 && $.flag IS FALSE })");
    yes(R"({ $.code = 1 && $.flag IS TRUE || $.eventType = "U*" })"); // AND binds first
    no(R"({ $.code = 1 && ($.flag IS TRUE || $.eventType = "U*") })");
    CHECK_FALSE(matches("{ $.code = 404 }", "not JSON"));
    CHECK_FALSE(matches("{ $.code = 404 }", "[404]"));
}

TEST_CASE("What is no pattern is refused", "[logs]") {
    CHECK(refusal("[abc") == "Benchtop does not evaluate space-delimited filter patterns.");
    CHECK(refusal("a.b") == "Invalid character(s) in term 'a.b'");
    CHECK(refusal("%x%") == "Benchtop does not evaluate regular expressions.");
    for (const char* pattern :
         {"{",
          "{}",
          "{ }",
          "{ $.a }",
          "{ $ = 1 }",
          "{ $.a = }",
          "{ $.a > x }",
          "{ ($.a = 1 }",
          "{ $.a = 1 && }",
          "{ $.a = \"x }",
          "{ $.a[ = 1 }",
          "{ $.a IS MAYBE }",
          "\"open",
          "{ $.a = %x% }"}) {
        CHECK(refusal(pattern) == "Invalid filter pattern");
    }
    CHECK(
        refusal("{" + std::string(500, '(') + "$.a=1" + std::string(500, ')') + "}") ==
        "Invalid filter pattern"
    );
}
