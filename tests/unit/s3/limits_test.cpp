// AWS's limits, each at its boundary: the largest that is taken and the smallest that is not.
#include "emulator/core/encoding.hpp"
#include "tests/catch.hpp"
#include "tests/unit/s3/object_fixture.hpp"

using namespace benchtop;
using namespace benchtop::s3;
using namespace benchtop::s3::test;

namespace {

constexpr std::uint64_t kLargestPut = 5'368'709'120;         // 5 GiB
constexpr std::uint64_t kLargestObject = 50'000'000'000'000; // 50 TB

std::string error_of(const Answer& answer) {
    return std::to_string(answer.status) + " " + answer.code + " " + answer.extra;
}

// What a PUT of that length gets before its first byte.
std::string announced(std::uint64_t length) {
    RequestHead head;
    head.method = "PUT";
    head.target = "/lab/k";
    head.headers.add("Host", "localhost:4566");
    head.content_length = length;
    auth::Authenticated who;
    who.type = auth::AuthType::RestHeader;
    who.version = 4;
    who.payload = auth::PayloadHash::Unsigned;
    const auto plan = plan_body(head, who);
    if (plan) {
        return "taken";
    }
    const AwsError refusal = plan.error();
    std::string text = refusal.code();
    for (const auto& [name, value] : refusal.extra()) {
        text += " " + name + "=" + value;
    }
    return text;
}

std::size_t count(std::string_view text, std::string_view part) {
    std::size_t found = 0;
    for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) {
        ++found;
    }
    return found;
}

} // namespace

TEST_CASE("A single PUT carries 5 GiB and no byte more", "[s3][limits]") {
    CHECK(announced(kLargestPut) == "taken");
    CHECK(
        announced(kLargestPut + 1) ==
        "EntityTooLarge ProposedSize=5368709121 MaxSizeAllowed=5368709120"
    );
}

TEST_CASE("An object of 50 TB has its size everywhere", "[s3][limits]") {
    ObjectBench bench;
    bench.write([](store::WriteTx& tx) {
        store::Object object;
        object.key = "huge";
        object.size = kLargestObject;
        object.etag = "d41d8cd98f00b204e9800998ecf8427e-10000";
        tx.put_object(tx.find_bucket("lab")->id, object);
        return true;
    });
    const auto head = bench.send("HEAD", "/lab/huge");
    CHECK(head.status == 200);
    CHECK(head.response.head_length == kLargestObject);
    CHECK(
        bench.send(
                 "HEAD", "/lab/huge", {{"Range", "bytes=49999999999999-"}}
        ).header_map.get("Content-Range") == "bytes 49999999999999-49999999999999/50000000000000"
    );
    CHECK(count(bench.send("GET", "/lab").body, "<Size>50000000000000</Size>") == 1);
}

TEST_CASE("A key has up to 1,024 bytes", "[s3][limits]") {
    ObjectBench bench;
    const std::string longest(1024, 'k');
    CHECK(bench.send("PUT", "/lab/" + longest, {}, "x").status == 200);
    CHECK(
        error_of(bench.send("PUT", "/lab/" + longest + "k", {}, "x")) ==
        "400 KeyTooLongError Size=1025;MaxSizeAllowed=1024;"
    );
    // Bytes of UTF-8, not letters.
    std::string umlauts;
    for (int i = 0; i < 512; ++i) {
        umlauts += "%C3%BC";
    }
    CHECK(bench.send("PUT", "/lab/" + umlauts, {}, "x").status == 200);
    CHECK(
        error_of(bench.send("PUT", "/lab/" + umlauts + "u", {}, "x")) ==
        "400 KeyTooLongError Size=1025;MaxSizeAllowed=1024;"
    );
}

TEST_CASE("User metadata has up to 2 KB, names included", "[s3][limits]") {
    ObjectBench bench;
    const auto put = [&](std::size_t value) {
        return bench.send(
            "PUT",
            "/lab/k",
            {{"x-amz-meta-abc", std::string(value - 1024, 'v')},
             {"x-amz-meta-def", std::string(1024 - 6, 'v')}},
            "x"
        );
    };
    CHECK(put(2048).status == 200);
    CHECK(error_of(put(2049)) == "400 MetadataTooLarge Size=2049;MaxSizeAllowed=2048;");
}

TEST_CASE("An object has up to 10 tags", "[s3][limits]") {
    ObjectBench bench;
    const auto put = [&](int tags) {
        std::string text;
        for (int i = 0; i < tags; ++i) {
            text += (i == 0 ? "" : "&") + std::string("t") + std::to_string(i) + "=v";
        }
        return bench.send("PUT", "/lab/k", {{"x-amz-tagging", text}}, "x");
    };
    CHECK(put(10).status == 200);
    const auto refused = put(11);
    CHECK(refused.status == 400);
    CHECK(refused.code == "BadRequest");
    CHECK(refused.message == "Object tags cannot be greater than 10");
}

TEST_CASE("A page lists up to 1,000 keys, whatever is asked for", "[s3][limits]") {
    ObjectBench bench;
    bench.write([](store::WriteTx& tx) {
        for (int i = 0; i < 1001; ++i) {
            store::Object object;
            object.key = std::to_string(i);
            object.etag = "e";
            tx.put_object(tx.find_bucket("lab")->id, object);
        }
        return true;
    });
    for (const std::string query : {"", "?max-keys=5000", "?list-type=2&max-keys=1001"}) {
        const auto page = bench.send("GET", "/lab" + query);
        INFO(query);
        CHECK(count(page.body, "<Contents>") == 1000);
        CHECK(count(page.body, "<IsTruncated>true</IsTruncated>") == 1);
    }
    const auto exact = bench.send("GET", "/lab?prefix=1&max-keys=112");
    CHECK(count(exact.body, "<Contents>") == 112);
    CHECK(count(exact.body, "<IsTruncated>false</IsTruncated>") == 1);
}
