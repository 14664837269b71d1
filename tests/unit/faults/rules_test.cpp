// Rules of faults: what they match, how often they fire, what JSON they take.
#include "emulator/faults/rules.hpp"
#include "tests/catch.hpp"

#include <boost/json.hpp>

#include <algorithm>

using namespace benchtop;
using namespace benchtop::faults;

namespace {

FaultRule rule(const char* text) {
    const auto result = rule_of(boost::json::parse(text).as_object());
    INFO(text << (result ? "" : " " + result.error().message()));
    REQUIRE(result.has_value());
    return *result;
}

CallPoint copy_of(std::string key) {
    return {"worker-move-lambda", "", "s3", "CopyObject", "student-bucket", std::move(key)};
}

EventPoint event_for(std::string function) {
    return {"arn:aws:lambda:us-east-2:111122223333:function:" + std::move(function), "", "b", "k"};
}

// 'x' where a call met a fault.
std::string pattern(FaultRules& rules, int calls) {
    std::string result;
    for (int i = 0; i < calls; ++i) {
        result += rules.at_call(copy_of("k")).empty() ? '.' : 'x';
    }
    return result;
}

std::string pattern_of(const char* text, int calls, std::uint64_t seed = 0) {
    FaultRules rules;
    rules.set({rule(text)}, seed);
    return pattern(rules, calls);
}

} // namespace

TEST_CASE("A rule fires where its patterns fit", "[faults]") {
    const auto fires = [](const char* text, const CallPoint& point) {
        FaultRules rules;
        rules.set({rule(text)}, 0);
        return !rules.at_call(point).empty();
    };
    CHECK(fires(R"({"kind": "error"})", copy_of("a")));
    CHECK(fires(R"({"kind": "error", "operation": "Copy*"})", copy_of("a")));
    CHECK_FALSE(fires(R"({"kind": "error", "operation": "Copy"})", copy_of("a")));
    CHECK(fires(R"({"kind": "error", "key": "uploads/*.txt"})", copy_of("uploads/a b.txt")));
    CHECK(fires(R"({"kind": "error", "key": "*a*b*"})", copy_of("xxaxxaxb")));
    CHECK_FALSE(fires(R"({"kind": "error", "key": "*a*b*c"})", copy_of("xxaxxaxb")));
    CHECK(fires(R"({"kind": "error", "key": "?"})", copy_of("a")));
    CHECK_FALSE(fires(R"({"kind": "error", "key": "?"})", copy_of("")));
    CHECK_FALSE(fires(R"({"kind": "error", "function": "another"})", copy_of("a")));
    CHECK_FALSE(fires(R"({"kind": "error", "service": "lambda"})", copy_of("a")));
    CHECK_FALSE(fires(R"({"kind": "error", "bucket": "other"})", copy_of("a")));
    CHECK_FALSE(fires(R"({"kind": "error", "on": "event"})", copy_of("a")));
}

TEST_CASE("An event's function is known by its name, with or without a qualifier", "[faults]") {
    FaultRules rules;
    rules.set({rule(R"({"on": "event", "kind": "duplicate", "function": "worker"})")}, 0);
    CHECK(rules.at_event(event_for("worker")).size() == 1);
    CHECK(rules.at_event(event_for("worker:live")).size() == 1);
    CHECK(rules.at_event(event_for("worker-2")).empty());
    CHECK(rules.rules().front().seen == 2);
}

TEST_CASE("How often a rule fires", "[faults]") {
    CHECK(pattern_of(R"({"kind": "error"})", 4) == "xxxx");
    CHECK(pattern_of(R"({"kind": "error", "nth": 3})", 6) == "..x...");
    CHECK(pattern_of(R"({"kind": "error", "every": 2})", 6) == ".x.x.x");
    CHECK(pattern_of(R"({"kind": "error", "times": 2})", 6) == "xx....");
    CHECK(pattern_of(R"({"kind": "error", "every": 2, "times": 2})", 8) == ".x.x....");
    CHECK(pattern_of(R"({"kind": "error", "probability": 0})", 4) == "....");
}

TEST_CASE("A probability repeats with its seed", "[faults]") {
    const char* const text = R"({"kind": "error", "probability": 0.3})";
    const std::string first = pattern_of(text, 1000, 7);
    CHECK(pattern_of(text, 1000, 7) == first);
    CHECK(pattern_of(text, 1000, 8) != first);
    const auto fired = std::count(first.begin(), first.end(), 'x');
    CHECK(fired > 230);
    CHECK(fired < 370);
}

TEST_CASE("What one rule draws does not depend on another's matches", "[faults]") {
    FaultRules rules;
    rules.set(
        {rule(R"({"kind": "error", "probability": 0.3})"),
         rule(R"({"kind": "throttle", "probability": 0.5, "key": "other"})")},
        7
    );
    std::string met;
    for (int i = 0; i < 100; ++i) {
        met += rules.at_call(copy_of("k")).empty() ? '.' : 'x';
    }
    CHECK(met == pattern_of(R"({"kind": "error", "probability": 0.3})", 100, 7));
}

TEST_CASE("Delays come first, then one kind; each event's duplicates add up", "[faults]") {
    FaultRules rules;
    rules.set(
        {rule(R"({"kind": "throttle"})"),
         rule(R"({"kind": "error"})"),
         rule(R"({"kind": "delay", "delay": "2s"})"),
         rule(R"({"on": "event", "kind": "duplicate"})"),
         rule(R"({"on": "event", "kind": "duplicate", "delay": "1s"})")},
        0
    );
    const auto call = rules.at_call(copy_of("k"));
    REQUIRE(call.size() == 2);
    CHECK(call[0] == Fault{FaultKind::Delay, seconds{2}, ""});
    CHECK(call[1].kind == FaultKind::Throttle);
    CHECK(rules.rules()[1].fired == 0);
    CHECK(rules.at_event(event_for("f")).size() == 2);
}

TEST_CASE("No rules are quiet, and counts begin anew with the rules", "[faults]") {
    FaultRules rules;
    CHECK(rules.is_quiet());
    CHECK(rules.add(rule(R"({"kind": "error", "nth": 1})")));
    CHECK_FALSE(rules.is_quiet());
    CHECK(pattern(rules, 2) == "x.");
    rules.set({rule(R"({"kind": "error", "nth": 1})")}, 0);
    CHECK(pattern(rules, 2) == "x.");
    rules.set({}, 0);
    CHECK(rules.is_quiet());
    for (std::size_t i = 0; i < FaultRules::kRulesMax; ++i) {
        CHECK(rules.add(rule(R"({"kind": "error"})")));
    }
    CHECK_FALSE(rules.add(rule(R"({"kind": "error"})")));
}

TEST_CASE("A rule is written as it is read", "[faults]") {
    const char* const text = R"({"on": "call", "kind": "error", "function": "f", "service": "s3",
        "operation": "PutObject", "bucket": "b", "key": "k*", "delay": "1500ms", "code": "SlowDown",
        "nth": 2, "times": 1, "probability": 0.25})";
    boost::json::object expected = boost::json::parse(text).as_object();
    expected["seen"] = 0;
    expected["fired"] = 0;
    boost::json::object written = document_of(rule(text));
    CHECK(boost::json::value(written) == boost::json::value(expected));
    CHECK(rule_of(written).has_value());
}

TEST_CASE("What is no rule is refused with the reason", "[faults]") {
    const std::pair<const char*, const char*> wrong[] = {
        {R"({})", "which kind"},
        {R"({"kind": "explode"})", "kind is"},
        {R"({"kind": 3})", "kind is"},
        {R"({"kind": "crash"})", "crash does not happen"},
        {R"({"kind": "duplicate"})", "does not happen to a call"},
        {R"({"kind": "timeout", "on": "event"})", "does not happen to an event"},
        {R"({"kind": "error", "on": "moon"})", "on is"},
        {R"({"kind": "delay"})", "how long"},
        {R"({"kind": "delay", "delay": "61s"})", "at most 60s"},
        {R"({"kind": "delay", "delay": "-1s"})", "at most 60s"},
        {R"({"kind": "error", "code": "Teapot"})", "code is"},
        {R"({"kind": "error", "nth": 0})", "nth is"},
        {R"({"kind": "error", "nth": -1})", "nth is"},
        {R"({"kind": "error", "every": "2"})", "every is"},
        {R"({"kind": "error", "probability": 1.1})", "probability is"},
        {R"({"kind": "error", "key": 3})", "key is"},
        {R"({"kind": "error", "on": "event", "service": "s3"})", "no service"},
        {R"({"kind": "error", "colour": "red"})", "no member colour"}};
    for (const auto& [text, reason] : wrong) {
        INFO(text);
        const auto result = rule_of(boost::json::parse(text).as_object());
        REQUIRE_FALSE(result.has_value());
        CHECK(result.error().message().find(reason) != std::string::npos);
    }
    const std::string long_key(2000, 'a');
    CHECK_FALSE(rule_of({{"kind", "error"}, {"key", long_key}}).has_value());
}
