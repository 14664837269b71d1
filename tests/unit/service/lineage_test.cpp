// Which chains of requests are loops.
#include "emulator/service/lineage.hpp"
#include "tests/catch.hpp"

using namespace benchtop;
using namespace benchtop::service;

namespace {

constexpr std::string_view kA = "arn:aws:lambda:us-east-2:111122223333:function:a";
constexpr std::string_view kB = "arn:aws:lambda:us-east-2:111122223333:function:b";

// Invocations until the chain is stopped, the functions taking turns.
int invocations(const std::vector<std::string_view>& functions) {
    std::string header =
        "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0";
    for (int i = 0; i < 1000; ++i) {
        const auto function = functions[static_cast<std::size_t>(i) % functions.size()];
        const auto lineage = lineage_of_invocation(header, function);
        if (!lineage) {
            return i;
        }
        header = trace_root_of(header, *lineage) + ";Sampled=0";
    }
    return -1;
}

} // namespace

TEST_CASE("a function that invokes itself is stopped after 16 rounds", "[service][loop]") {
    CHECK(invocations({kA}) == 16);
    CHECK(invocations({kA, kB}) == 32);
    // One that joins a chain late counts its own rounds.
    CHECK(invocations({kB, kA, kA, kA, kA}) > 16);
}

TEST_CASE("the lineage is one entry a function, the newest first", "[service][loop]") {
    const std::string a = lineage_hash(kA);
    const std::string b = lineage_hash(kB);
    CHECK(lineage_of_invocation("", kA) == "1:" + a + ":0");
    const std::string header = "Root=1-2-3;Lineage=1:" + a + ":0;Parent=4";
    CHECK(lineage_of_invocation(header, kA) == "1:" + a + ":1");
    CHECK(lineage_of_invocation(header, kB) == "1:" + b + ":0,1:" + a + ":0");
    CHECK(trace_root_of(header, "x") == "Root=1-2-3;Lineage=x");
    CHECK(trace_root_of("Sampled=0", "x") == ";Lineage=x");
}

TEST_CASE("headers of strangers begin a new chain", "[service][loop]") {
    const std::string fresh = "1:" + lineage_hash(kA) + ":0";
    for (const std::string& header :
         {std::string("Lineage"),
          std::string("Lineage=;;;"),
          std::string("Lineage=,,1:,:::"),
          std::string("=;="),
          std::string("Lineage=25:8a6b3d92:1"),
          "Root=" + std::string(2000, 'x') + ";Lineage=1:" + lineage_hash(kA) + ":99"}) {
        CHECK(lineage_of_invocation(header, kA) == fresh);
    }
    CHECK(
        lineage_of_invocation("Lineage=1:" + lineage_hash(kA) + ":x", kA) ==
        "1:" + lineage_hash(kA) + ":1"
    );
    std::string many = "Lineage=";
    for (int i = 0; i < 60; ++i) {
        many += "1:0000000" + std::to_string(i % 10) + ":0,";
    }
    CHECK(lineage_of_invocation(many, kA)->size() < 220);
}
