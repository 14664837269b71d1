// Ranges, part numbers, conditional reads and conditional writes, as tables.
#include "emulator/s3/ops/range.hpp"
#include "tests/unit/s3/object_fixture.hpp"

using namespace benchtop;
using namespace benchtop::s3;
using namespace benchtop::s3::test;

namespace {

constexpr const char* kEtag = "\"e80b5017098950fc58aad83c8c14978e\""; // of "abcdef"
constexpr const char* kStored = "Sat, 21 Feb 2026 00:07:57 GMT";
constexpr const char* kBefore = "Sat, 21 Feb 2026 00:07:56 GMT";
constexpr const char* kFuture = "Sun, 21 Feb 2027 00:07:56 GMT";

} // namespace

TEST_CASE("One byte range is answered, everything else is ignored or 416", "[s3][range]") {
    ObjectBench bench;
    bench.send("PUT", "/lab/k", {}, "abcdef");
    bench.send("PUT", "/lab/empty");

    struct Row {
        const char* range;
        int status;
        const char* body;
        const char* content_range;
    };

    const Row rows[] = {
        {"bytes=0-4", 206, "abcde", "bytes 0-4/6"},
        {"bytes=5-", 206, "f", "bytes 5-5/6"},
        {"bytes=-3", 206, "def", "bytes 3-5/6"},
        {"bytes=0-0", 206, "a", "bytes 0-0/6"},
        {"bytes=2-100", 206, "cdef", "bytes 2-5/6"},
        {"bytes=2-99999999999999999999999", 206, "cdef", "bytes 2-5/6"},
        {"bytes=-100", 206, "abcdef", "bytes 0-5/6"},
        {"bytes=1-0", 200, "abcdef", ""},
        {"bytes=-", 200, "abcdef", ""},
        {"bytes=0--1", 200, "abcdef", ""},
        {"bytes=abc", 200, "abcdef", ""},
        {"bytes=0-1,3-4", 200, "abcdef", ""},
        {"lines=0-1", 200, "abcdef", ""},
    };
    for (const auto& row : rows) {
        INFO(row.range);
        const auto got = bench.send("GET", "/lab/k", {{"Range", row.range}});
        CHECK(got.status == row.status);
        CHECK(got.body == row.body);
        CHECK(got.header_map.get("content-range") == row.content_range);
        const auto head = bench.send("HEAD", "/lab/k", {{"Range", row.range}});
        CHECK(head.status == row.status);
        CHECK(head.response.head_length == got.body.size());
    }
    for (const char* range : {"bytes=6-", "bytes=6-7", "bytes=-0", "bytes=99999999999999999999-"}) {
        INFO(range);
        const auto got = bench.send("GET", "/lab/k", {{"Range", range}});
        CHECK(got.status == 416);
        CHECK(got.code == "InvalidRange");
        CHECK(got.message == "The requested range is not satisfiable");
        CHECK(got.extra == "RangeRequested=" + std::string(range) + ";ActualObjectSize=6;");
    }
    for (const char* range : {"bytes=0-", "bytes=0-4", "bytes=-1"}) {
        CHECK(bench.send("GET", "/lab/empty", {{"Range", range}}).status == 416);
    }
}

TEST_CASE("A range of a large body is a slice of its file", "[s3][range]") {
    ObjectBench bench;
    std::string large(store::kSmallBodyMax + 1000, 'x');
    large.replace(large.size() - 3, 3, "end");
    bench.send("PUT", "/lab/large", {}, large);
    CHECK(bench.send("GET", "/lab/large").body == large);
    const auto tail = bench.send("GET", "/lab/large", {{"Range", "bytes=-4"}});
    CHECK(tail.body == "xend");
}

TEST_CASE("A plain object has one part", "[s3][range]") {
    ObjectBench bench;
    bench.send("PUT", "/lab/k", {}, "abcdef");
    const auto first = bench.send("GET", "/lab/k?partNumber=1");
    CHECK(first.status == 206);
    CHECK(first.header_map.get("content-range") == "bytes 0-5/6");
    CHECK(first.body == "abcdef");
    const auto second = bench.send("GET", "/lab/k?partNumber=2");
    CHECK(second.status == 416);
    CHECK(second.code == "InvalidPartNumber");
    CHECK(second.extra == "ActualPartCount=1;PartNumberRequested=2;");
    for (const char* number : {"0", "-1", "10001", "x", ""}) {
        const auto bad = bench.send("GET", std::string("/lab/k?partNumber=") + number);
        CHECK(bad.code == "InvalidArgument");
        CHECK(bad.message == "Part number must be an integer between 1 and 10000, inclusive");
        CHECK(bad.extra == "ArgumentName=partNumber;ArgumentValue=" + std::string(number) + ";");
    }
    CHECK(
        bench.send("GET", "/lab/k?partNumber=0", {{"Range", "bytes=0-1"}}).message ==
        "Cannot specify both Range header and partNumber query parameter"
    );
}

TEST_CASE("Conditional reads", "[s3][conditional]") {
    ObjectBench bench;
    bench.send("PUT", "/lab/k", {}, "abcdef");
    bench.now += seconds(100);

    struct Row {
        HeaderList headers;
        int status;
        const char* condition;
    };

    const Row rows[] = {
        {{{"If-Match", kEtag}}, 200, ""},
        {{{"If-Match", "e80b5017098950fc58aad83c8c14978e"}}, 200, ""},
        {{{"If-Match", "*"}}, 200, ""},
        {{{"If-Match", "\"x\", \"e80b5017098950fc58aad83c8c14978e\""}}, 200, ""},
        {{{"If-Match", "\"x\""}}, 412, "If-Match"},
        {{{"If-Unmodified-Since", kStored}}, 200, ""},
        {{{"If-Unmodified-Since", kBefore}}, 412, "If-Unmodified-Since"},
        {{{"If-Unmodified-Since", "yesterday"}}, 200, ""},
        {{{"If-Match", kEtag}, {"If-Unmodified-Since", kBefore}}, 200, ""},
        {{{"If-None-Match", kEtag}}, 304, ""},
        {{{"If-None-Match", "*"}}, 304, ""},
        {{{"If-None-Match", "\"x\""}}, 200, ""},
        {{{"If-Modified-Since", kStored}}, 304, ""},
        {{{"If-Modified-Since", kBefore}}, 200, ""},
        {{{"If-Modified-Since", kFuture}}, 200, ""},
        {{{"If-None-Match", "\"x\""}, {"If-Modified-Since", kStored}}, 200, ""},
        {{{"If-Match", "\"x\""}, {"If-None-Match", kEtag}}, 412, "If-Match"},
    };
    for (const auto& row : rows) {
        for (const char* method : {"GET", "HEAD"}) {
            INFO(row.headers[0].first + ": " + row.headers[0].second);
            const auto got = bench.send(method, "/lab/k", row.headers);
            CHECK(got.status == row.status);
            if (row.status == 412) {
                CHECK(got.code == "PreconditionFailed");
                CHECK(got.extra == "Condition=" + std::string(row.condition) + ";");
            }
            if (row.status == 304) {
                CHECK(
                    got.headers ==
                    "Last-Modified: " + std::string(kStored) + "\nETag: " + kEtag + "\n"
                );
                CHECK(got.response.framing == Framing::None);
                CHECK(got.body.empty());
            }
        }
    }
}

TEST_CASE("Conditional writes", "[s3][conditional]") {
    struct Row {
        const char* key; // "old" exists
        HeaderList headers;
        int status;
        const char* code;
        const char* extra;
    };

    const char* const value_refused = "We don't accept the provided value of ";
    const std::string none_match = std::string("Header=If-None-Match;additionalMessage=") +
                                   value_refused + "If-None-Match header for this API;";
    const std::string match = std::string("Header=If-Match;additionalMessage=") + value_refused +
                              "If-Match header for this API;";
    const Row rows[] = {
        {"new", {{"If-None-Match", "*"}}, 200, "", ""},
        {"old", {{"If-None-Match", "*"}}, 412, "PreconditionFailed", "Condition=If-None-Match;"},
        {"old", {{"If-None-Match", "\"x\""}}, 501, "NotImplemented", none_match.c_str()},
        {"old", {{"If-Match", kEtag}}, 200, "", ""},
        {"old", {{"If-Match", "\"x\""}}, 412, "PreconditionFailed", "Condition=If-Match;"},
        {"old", {{"If-Match", ""}}, 412, "PreconditionFailed", "Condition=If-Match;"},
        {"new", {{"If-Match", "\"x\""}}, 404, "NoSuchKey", "Key=new;"},
        {"old", {{"If-Match", "*"}}, 501, "NotImplemented", match.c_str()},
        {"old",
         {{"If-Match", kEtag}, {"If-None-Match", "*"}},
         501,
         "NotImplemented",
         "Header=If-Match,If-None-Match;additionalMessage=Multiple conditional request headers "
         "present in the request;"},
    };
    for (const bool copies : {false, true}) {
        for (const auto& row : rows) {
            INFO(row.key << " " << row.headers[0].first + ": " + row.headers[0].second);
            ObjectBench bench;
            bench.send("PUT", "/lab/old", {}, "abcdef");
            bench.send("PUT", "/lab/source", {}, "hello");
            HeaderList headers = row.headers;
            if (copies) {
                headers.emplace_back("x-amz-copy-source", "lab/source");
            }
            const auto answer = bench.send("PUT", "/lab/" + std::string(row.key), headers);
            CHECK(answer.status == row.status);
            CHECK(answer.code == row.code);
            CHECK(answer.extra == row.extra);
        }
    }
}
