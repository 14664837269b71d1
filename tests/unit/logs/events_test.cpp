// Events: what a batch must be, pages forwards and backwards, and the search.
#include "tests/unit/logs/logs_fixture.hpp"

using namespace benchtop;
using namespace benchtop::tests;
using namespace std::chrono_literals;

namespace {

std::string put_refusal(LogsBench& logs, const json::array& events) {
    return logs.refusal(
        "PutLogEvents", {{"logGroupName", "g"}, {"logStreamName", "s"}, {"logEvents", events}}
    );
}

json::object event(std::int64_t at, std::string_view message) {
    return {{"timestamp", at}, {"message", message}};
}

} // namespace

TEST_CASE("A batch is refused for its order, its size and its span", "[logs]") {
    LogsBench logs;
    logs.group_and_stream();
    const std::int64_t now = logs.now_ms();
    CHECK(
        put_refusal(logs, {event(now, "b"), event(now - 1, "a")}) ==
        "InvalidParameterException: Log events in a single PutLogEvents request must be in "
        "chronological order."
    );
    CHECK(
        put_refusal(logs, {event(now - 86'400'001, "a"), event(now, "b")}) ==
        "InvalidParameterException: The batch of log events in a single PutLogEvents request "
        "cannot span more than 24 hours."
    );
    CHECK(
        put_refusal(logs, {event(now, std::string(1'048'576 - 25, 'x'))}) ==
        "InvalidParameterException: Upload too large: 1048577 bytes exceeds limit of 1048576"
    );
    logs.put({{now, std::string(1'048'576 - 26, 'x')}});
    CHECK(put_refusal(logs, {}).find("length greater than or equal to 1") != std::string::npos);
    CHECK(
        put_refusal(logs, {event(now, "")}).find("'logEvents.1.member.message'") !=
        std::string::npos
    );
    json::array many;
    for (int i = 0; i < 10'001; ++i) {
        many.push_back(event(now, "x"));
    }
    CHECK(put_refusal(logs, many).find("less than or equal to 10000") != std::string::npos);
    CHECK(
        logs.refusal(
            "PutLogEvents",
            {{"logGroupName", "g"}, {"logStreamName", "x"}, {"logEvents", {event(now, "a")}}}
        ) == "ResourceNotFoundException: The specified log stream does not exist."
    );
}

TEST_CASE("Events too old or too new are left out and counted", "[logs]") {
    LogsBench logs;
    logs.group_and_stream();
    const std::int64_t now = logs.now_ms();
    constexpr std::int64_t day = 86'400'000;
    const auto answer = logs.put(
        {{now - 15 * day, "ancient"},
         {now - 14 * day - 1, "old"},
         {now, "fine"},
         {now + 7'200'000, "nearly"},
         {now + 7'200'001, "new"}}
    );
    const auto& rejected = answer.at("rejectedLogEventsInfo").as_object();
    CHECK(rejected.at("tooOldLogEventEndIndex") == 2);
    CHECK(rejected.at("tooNewLogEventStartIndex") == 4);
    CHECK_FALSE(rejected.contains("expiredLogEventEndIndex"));
    CHECK(
        LogsBench::messages(logs.good("FilterLogEvents", {{"logGroupName", "g"}})) == "fine,nearly"
    );
    CHECK_FALSE(logs.put({{now, "x"}}).contains("rejectedLogEventsInfo"));
    const auto none = logs.put({{now - 20 * day, "gone"}});
    CHECK(none.at("rejectedLogEventsInfo").as_object().at("tooOldLogEventEndIndex") == 1);
}

TEST_CASE("GetLogEvents goes forwards and backwards until its token stands still", "[logs]") {
    LogsBench logs;
    logs.group_and_stream();
    const std::int64_t now = logs.now_ms();
    logs.put({{now, "1"}, {now, "2"}, {now, "3"}, {now + 1, "4"}, {now + 2, "5"}});
    json::object input{{"logGroupName", "g"}, {"logStreamName", "s"}, {"limit", 2}};

    auto page = logs.good("GetLogEvents", input);
    CHECK(LogsBench::messages(page) == "4,5"); // the newest page, oldest first
    std::string token(page.at("nextBackwardToken").as_string());
    CHECK(token.size() == 60);
    CHECK(token.starts_with("b/"));
    std::string seen;
    while (true) {
        input["nextToken"] = token;
        page = logs.good("GetLogEvents", input);
        const std::string next(page.at("nextBackwardToken").as_string());
        if (next == token) {
            CHECK(page.at("events").as_array().empty());
            break;
        }
        seen += LogsBench::messages(page) + ';';
        token = next;
    }
    CHECK(seen == "2,3;1;");
    // From before the first, forwards again.
    input["nextToken"] = page.at("nextForwardToken");
    CHECK(LogsBench::messages(logs.good("GetLogEvents", input)) == "1,2");

    input.erase("nextToken");
    input["startFromHead"] = true;
    page = logs.good("GetLogEvents", input);
    CHECK(LogsBench::messages(page) == "1,2");
    input["nextToken"] = page.at("nextForwardToken");
    page = logs.good("GetLogEvents", input);
    CHECK(LogsBench::messages(page) == "3,4");
    input["nextToken"] = page.at("nextForwardToken");
    page = logs.good("GetLogEvents", input);
    CHECK(LogsBench::messages(page) == "5");
    input["nextToken"] = page.at("nextForwardToken");
    page = logs.good("GetLogEvents", input);
    CHECK(page.at("nextForwardToken") == input.at("nextToken"));
    // The token waits for what comes later.
    logs.put({{now + 3, "6"}});
    CHECK(LogsBench::messages(logs.good("GetLogEvents", input)) == "6");
    input["nextToken"] = "f/1/s";
    CHECK(
        logs.refusal("GetLogEvents", input) ==
        "InvalidParameterException: The specified nextToken is invalid."
    );
}

TEST_CASE(
    "The ends of a time range: GetLogEvents leaves its end out, the search does not", "[logs]"
) {
    LogsBench logs;
    logs.group_and_stream();
    const std::int64_t now = logs.now_ms();
    logs.put({{now, "a"}, {now + 1, "b"}, {now + 2, "c"}});
    const json::object range{{"logGroupName", "g"}, {"startTime", now + 1}, {"endTime", now + 2}};
    json::object get = range;
    get["logStreamName"] = "s";
    CHECK(LogsBench::messages(logs.good("GetLogEvents", get)) == "b");
    CHECK(LogsBench::messages(logs.good("FilterLogEvents", range)) == "b,c");
    get["limit"] = 10'001;
    CHECK(
        logs.refusal("GetLogEvents", get) ==
        "InvalidParameterException: 1 validation error detected: Value '10001' at 'limit' failed "
        "to satisfy constraint: Member must have value less than or equal to 10000"
    );
}

TEST_CASE("An empty stream's token brings what is put later", "[logs]") {
    LogsBench logs;
    logs.group_and_stream();
    json::object input{{"logGroupName", "g"}, {"logStreamName", "s"}, {"startFromHead", true}};
    const auto empty = logs.good("GetLogEvents", input);
    CHECK(empty.at("events").as_array().empty());
    logs.put({{logs.now_ms(), "later"}});
    input["nextToken"] = empty.at("nextForwardToken");
    CHECK(LogsBench::messages(logs.good("GetLogEvents", input)) == "later");
}

TEST_CASE("The search goes through all streams by time and gives stable ids", "[logs]") {
    LogsBench logs;
    logs.group_and_stream();
    logs.good("CreateLogStream", {{"logGroupName", "g"}, {"logStreamName", "t"}});
    const std::int64_t now = logs.now_ms();
    logs.put({{now, "1 ERROR"}, {now + 2, "3 ok"}});
    logs.good(
        "PutLogEvents",
        {{"logGroupName", "g"}, {"logStreamName", "t"}, {"logEvents", {event(now + 1, "2 ERROR")}}}
    );
    const auto all = logs.good("FilterLogEvents", {{"logGroupName", "g"}, {"interleaved", true}});
    CHECK(LogsBench::messages(all) == "1 ERROR,2 ERROR,3 ok");
    CHECK(all.at("searchedLogStreams").as_array().empty());
    CHECK_FALSE(all.contains("nextToken"));
    const auto& second = all.at("events").as_array().at(1).as_object();
    CHECK(second.at("logStreamName") == "t");
    CHECK(second.at("eventId").as_string().size() == 56);
    const auto errors =
        logs.good("FilterLogEvents", {{"logGroupName", "g"}, {"filterPattern", "ERROR"}});
    CHECK(LogsBench::messages(errors) == "1 ERROR,2 ERROR");
    CHECK(errors.at("events").as_array().at(1).as_object().at("eventId") == second.at("eventId"));
    CHECK(
        LogsBench::messages(
            logs.good("FilterLogEvents", {{"logGroupName", "g"}, {"logStreamNames", {"s"}}})
        ) == "1 ERROR,3 ok"
    );
    CHECK(
        LogsBench::messages(
            logs.good("FilterLogEvents", {{"logGroupName", "g"}, {"logStreamNamePrefix", "t"}})
        ) == "2 ERROR"
    );
    CHECK(
        logs.refusal("FilterLogEvents", {{"logGroupName", "g"}, {"logStreamNames", {"x"}}}) ==
        "ResourceNotFoundException: The specified log stream does not exist."
    );
    CHECK(
        logs.refusal("FilterLogEvents", {{"logGroupName", "g"}, {"nextToken", "abc"}}) ==
        "InvalidParameterException: The specified nextToken is invalid."
    );
}

TEST_CASE("A search ends when its token is absent, not when a page is empty", "[logs]") {
    LogsBench logs;
    logs.group_and_stream();
    std::vector<std::pair<std::int64_t, std::string>> batch;
    for (int i = 0; i < 10'000; ++i) {
        batch.emplace_back(logs.now_ms(), "dull");
    }
    for (int i = 0; i < 6; ++i) {
        logs.put(batch);
    }
    logs.put({{logs.now_ms(), "needle"}});
    json::object input{{"logGroupName", "g"}, {"filterPattern", "needle"}};
    const auto first = logs.good("FilterLogEvents", input);
    CHECK(first.at("events").as_array().empty());
    REQUIRE(first.contains("nextToken"));
    input["nextToken"] = first.at("nextToken");
    const auto second = logs.good("FilterLogEvents", input);
    CHECK(LogsBench::messages(second) == "needle");
    CHECK_FALSE(second.contains("nextToken"));
}
