// JSON out: compact, in order, always valid.
#include "emulator/protocol/json_writer.hpp"
#include "tests/catch.hpp"

#include <boost/json.hpp>

using namespace benchtop::protocol;

TEST_CASE("members keep their order and slashes stay", "[protocol][json]") {
    JsonWriter json;
    json.begin_object()
        .member("z", "a/b")
        .key("list")
        .begin_array()
        .number(-1)
        .boolean(true)
        .null()
        .begin_object()
        .end_object()
        .begin_array()
        .end_array()
        .raw("{\"r\":1}")
        .end_array()
        .member("a", 9007199254740993)
        .end_object();
    CHECK(
        std::move(json).take() ==
        R"({"z":"a/b","list":[-1,true,null,{},[],{"r":1}],"a":9007199254740993})"
    );
}

TEST_CASE("strings are escaped and always UTF-8", "[protocol][json]") {
    CHECK(
        json_quote("\"\\\b\f\n\r\t\x01\x1f\x7f") == "\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\""
    );
    CHECK(
        json_quote("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80") ==
        "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\""
    );
    const std::string replacement = "\xef\xbf\xbd";
    CHECK(json_quote("a\xff") == "\"a" + replacement + "\"");
    CHECK(json_quote("\xc0\xaf") == "\"" + replacement + replacement + "\"");
    CHECK(json_quote("\xed\xa0\x80") == "\"" + replacement + replacement + replacement + "\"");
    CHECK(json_quote("\xe2\x82") == "\"" + replacement + replacement + "\"");
    CHECK(json_quote("\xf4\x90\x80\x80x").size() == 2 + 4 * 3 + 1);
}

TEST_CASE("whatever the bytes, a reader takes the string", "[protocol][json]") {
    for (int first = 0; first < 256; ++first) {
        for (int second = 0; second < 256; ++second) {
            const std::string bytes{static_cast<char>(first), static_cast<char>(second), 'x'};
            boost::system::error_code error;
            boost::json::parse(json_quote(bytes), error);
            REQUIRE_FALSE(error);
        }
    }
}

TEST_CASE("JSON left open is a bug", "[protocol][json]") {
    JsonWriter json;
    json.begin_object();
    CHECK_THROWS_AS(std::move(json).take(), std::logic_error);
}
