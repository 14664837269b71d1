// CloudWatch Logs as a client of the lab in memory sees it.
#pragma once

#include "harness/lab.hpp"
#include "tests/catch.hpp"

#include <boost/json.hpp>

#include <string>
#include <vector>

namespace benchtop::tests {

namespace json = boost::json;

class LogsBench {
public:
    // The answer of an operation that must succeed; an empty body gives an empty object.
    json::object good(std::string_view operation, const json::object& input) {
        const auto answer = lab.logs(operation, json::serialize(input));
        INFO(operation << " " << json::serialize(input) << " -> " << answer.body);
        REQUIRE(answer.status == 200);
        CHECK(answer.headers.get("content-type") == "application/x-amz-json-1.1");
        return answer.body.empty() ? json::object{} : json::parse(answer.body).as_object();
    }

    // "CODE: message" of one that must not.
    std::string refusal(
        std::string_view operation,
        const json::object& input,
        const harness::ClientCredentials& who = harness::Lab::administrator()
    ) {
        const auto answer = lab.logs(operation, json::serialize(input), who);
        INFO(operation << " " << json::serialize(input) << " -> " << answer.body);
        REQUIRE(answer.status == 400);
        const auto error = json::parse(answer.body).as_object();
        return std::string(error.at("__type").as_string()) + ": " +
               std::string(error.at("message").as_string());
    }

    std::int64_t now_ms() const { return to_epoch_ms(lab.now()); }

    void group_and_stream() {
        good("CreateLogGroup", {{"logGroupName", "g"}});
        good("CreateLogStream", {{"logGroupName", "g"}, {"logStreamName", "s"}});
    }

    json::object put(const std::vector<std::pair<std::int64_t, std::string>>& events) {
        json::array list;
        for (const auto& [at, message] : events) {
            list.push_back({{"timestamp", at}, {"message", message}});
        }
        return good(
            "PutLogEvents",
            {{"logGroupName", "g"}, {"logStreamName", "s"}, {"logEvents", std::move(list)}}
        );
    }

    // The messages of an answer's events, joined by commas.
    static std::string messages(const json::object& answer) {
        std::string text;
        for (const auto& event : answer.at("events").as_array()) {
            text += text.empty() ? "" : ",";
            text += std::string(event.as_object().at("message").as_string());
        }
        return text;
    }

    harness::Lab lab;
};

} // namespace benchtop::tests
