// Groups, streams, tags and retention.
#include "tests/unit/logs/logs_fixture.hpp"

using namespace benchtop;
using namespace benchtop::tests;
using namespace std::chrono_literals;

TEST_CASE("A group is described as AWS describes it", "[logs]") {
    LogsBench logs;
    logs.good("CreateLogGroup", {{"logGroupName", "/aws/lambda/f"}});
    const auto answer = logs.lab.logs("DescribeLogGroups", "{}");
    CHECK(
        answer.body ==
        R"({"logGroups":[{"logGroupName":"/aws/lambda/f","creationTime":)" +
            std::to_string(logs.now_ms()) +
            R"(,"metricFilterCount":0,"arn":"arn:aws:logs:us-east-2:111122223333:log-group:/aws/lambda/f:*",)"
            R"("storedBytes":0,"logGroupClass":"STANDARD",)"
            R"("logGroupArn":"arn:aws:logs:us-east-2:111122223333:log-group:/aws/lambda/f",)"
            R"("deletionProtectionEnabled":false}]})"
    );
    const auto found = logs.good("DescribeLogGroups", {{"logGroupNamePattern", "lambda"}});
    const auto& brief = found.at("logGroups").as_array().at(0).as_object();
    CHECK_FALSE(brief.contains("storedBytes"));
    CHECK_FALSE(brief.contains("deletionProtectionEnabled"));
}

TEST_CASE("Groups come by name, a page at a time", "[logs]") {
    LogsBench logs;
    for (const char* name : {"b", "a2", "a1", "c", "a3"}) {
        logs.good("CreateLogGroup", {{"logGroupName", name}});
    }
    std::string names;
    json::object input{{"logGroupNamePrefix", "a"}, {"limit", 2}};
    int pages = 0;
    while (true) {
        const auto page = logs.good("DescribeLogGroups", input);
        ++pages;
        for (const auto& group : page.at("logGroups").as_array()) {
            names += std::string(group.as_object().at("logGroupName").as_string()) + ' ';
        }
        if (!page.contains("nextToken")) {
            break;
        }
        input["nextToken"] = page.at("nextToken");
    }
    CHECK(names == "a1 a2 a3 ");
    CHECK(pages == 2);
    const auto two = logs.good(
        "DescribeLogGroups",
        {{"logGroupIdentifiers",
          json::array{"c", "arn:aws:logs:us-east-2:111122223333:log-group:b"}}}
    );
    CHECK(two.at("logGroups").as_array().size() == 2);
}

TEST_CASE("What AWS refuses about groups and streams is refused in its words", "[logs]") {
    LogsBench logs;
    logs.group_and_stream();
    CHECK(
        logs.refusal("CreateLogGroup", {{"logGroupName", "g"}}) ==
        "ResourceAlreadyExistsException: The specified log group already exists"
    );
    CHECK(
        logs.refusal("CreateLogStream", {{"logGroupName", "g"}, {"logStreamName", "s"}}) ==
        "ResourceAlreadyExistsException: The specified log stream already exists"
    );
    CHECK(
        logs.refusal("CreateLogStream", {{"logGroupName", "x"}, {"logStreamName", "s"}}) ==
        "ResourceNotFoundException: The specified log group does not exist."
    );
    CHECK(
        logs.refusal("DeleteLogStream", {{"logGroupName", "g"}, {"logStreamName", "x"}}) ==
        "ResourceNotFoundException: The specified log stream does not exist."
    );
    CHECK(
        logs.refusal("CreateLogGroup", {{"logGroupName", std::string(513, 'a')}}) ==
        "InvalidParameterException: Invalid LogGroup or LogStream, both must have length less than "
        "or equal to 512."
    );
    CHECK(
        logs.refusal("CreateLogGroup", {{"logGroupName", "a b"}}) ==
        "InvalidParameterException: 1 validation error detected: Value 'a b' at 'logGroupName' "
        "failed to satisfy constraint: Member must satisfy regular expression pattern: "
        R"([\.\-_/#A-Za-z0-9]+)"
    );
    CHECK(
        logs.refusal("CreateLogStream", {}) ==
        "InvalidParameterException: 2 validation errors detected: Value null at 'logGroupName' "
        "failed to satisfy constraint: Member must not be null; Value null at 'logStreamName' "
        "failed to satisfy constraint: Member must not be null"
    );
    CHECK(
        logs.refusal(
            "DescribeLogGroups", {{"logGroupNamePrefix", "a"}, {"logGroupNamePattern", "a"}}
        ) ==
        "InvalidParameterException: LogGroup name prefix and LogGroup name pattern are mutually "
        "exclusive parameters."
    );
    CHECK(
        logs.refusal("DescribeLogStreams", {{"logGroupName", "g"}, {"logGroupIdentifier", "g"}}) ==
        "ValidationException: LogGroup name and LogGroup ARN are mutually exclusive parameters."
    );
    CHECK(
        logs.refusal("DescribeLogGroups", {{"nextToken", "!"}}) ==
        "InvalidParameterException: The specified nextToken is invalid."
    );
    CHECK(
        logs.refusal("CreateLogGroup", {{"logGroupName", 7}}).starts_with("SerializationException")
    );
    CHECK(logs.refusal("StartQuery", {}).starts_with("UnknownOperationException"));
    CHECK(logs.refusal("StartLiveTail", {}).starts_with("UnknownOperationException"));
}

TEST_CASE("Streams are listed by name or by their last event", "[logs]") {
    LogsBench logs;
    logs.group_and_stream();
    for (const char* name : {"a", "z/[$LATEST]1"}) {
        logs.good("CreateLogStream", {{"logGroupName", "g"}, {"logStreamName", name}});
    }
    logs.put({{logs.now_ms() - 5, "one"}, {logs.now_ms(), "two"}});
    const auto names = [&](const json::object& input) {
        std::string text;
        const auto page = logs.good("DescribeLogStreams", input);
        for (const auto& stream : page.at("logStreams").as_array()) {
            text += std::string(stream.as_object().at("logStreamName").as_string()) + ' ';
        }
        return text;
    };
    CHECK(names({{"logGroupName", "g"}}) == "a s z/[$LATEST]1 ");
    CHECK(names({{"logGroupName", "g"}, {"descending", true}}) == "z/[$LATEST]1 s a ");
    CHECK(names({{"logGroupName", "g"}, {"logStreamNamePrefix", "z"}}) == "z/[$LATEST]1 ");
    CHECK(names({{"logGroupName", "g"}, {"orderBy", "LastEventTime"}, {"descending", true}}
    ).starts_with("s "));
    const auto page = logs.good(
        "DescribeLogStreams",
        {{"logGroupIdentifier", "arn:aws:logs:us-east-2:111122223333:log-group:g"},
         {"orderBy", "LastEventTime"},
         {"descending", true},
         {"limit", 1}}
    );
    const auto& stream = page.at("logStreams").as_array().at(0).as_object();
    CHECK(stream.at("firstEventTimestamp") == logs.now_ms() - 5);
    CHECK(stream.at("lastEventTimestamp") == logs.now_ms());
    CHECK(stream.at("arn") == "arn:aws:logs:us-east-2:111122223333:log-group:g:log-stream:s");
    CHECK(page.contains("nextToken"));
    CHECK(
        logs.refusal(
            "DescribeLogStreams",
            {{"logGroupName", "g"}, {"orderBy", "LastEventTime"}, {"logStreamNamePrefix", "a"}}
        ) == "InvalidParameterException: Cannot order by LastEventTime with a logStreamNamePrefix."
    );
}

TEST_CASE("A deleted group takes its streams and events along", "[logs]") {
    LogsBench logs;
    logs.group_and_stream();
    logs.put({{logs.now_ms(), "old"}});
    logs.good("DeleteLogGroup", {{"logGroupName", "g"}});
    CHECK(logs.refusal("DeleteLogGroup", {{"logGroupName", "g"}}).starts_with("ResourceNotFound"));
    logs.group_and_stream(); // the stream's name is free again
    CHECK(LogsBench::messages(logs.good("FilterLogEvents", {{"logGroupName", "g"}})) == "");
}

TEST_CASE("Retention hides what the lab's clock makes old, and removes it", "[logs]") {
    LogsBench logs;
    logs.group_and_stream();
    CHECK(
        logs.refusal("PutRetentionPolicy", {{"logGroupName", "g"}, {"retentionInDays", 2}})
            .find(
                "Value '2' at 'retentionInDays' failed to satisfy constraint: Member must satisfy "
                "enum value set: [1, 3, 5, 7,"
            ) != std::string::npos
    );
    logs.good("PutRetentionPolicy", {{"logGroupName", "g"}, {"retentionInDays", 3}});
    logs.put({{logs.now_ms(), "old"}});
    logs.lab.advance(std::chrono::days(2));
    CHECK(LogsBench::messages(logs.good("FilterLogEvents", {{"logGroupName", "g"}})) == "old");
    logs.lab.pass(1s);
    logs.put({{logs.now_ms(), "new"}});
    logs.lab.advance(std::chrono::days(1) + 1s);
    CHECK(LogsBench::messages(logs.good("FilterLogEvents", {{"logGroupName", "g"}})) == "new");
    CHECK(
        LogsBench::messages(
            logs.good("GetLogEvents", {{"logGroupName", "g"}, {"logStreamName", "s"}})
        ) == "new"
    );
    const auto late = logs.put({{logs.now_ms() - 4'000, "late"}});
    CHECK(late.at("rejectedLogEventsInfo").as_object().at("expiredLogEventEndIndex") == 1);
    logs.good("DeleteRetentionPolicy", {{"logGroupName", "g"}});
    // Gone for good: the advance removed it.
    CHECK(LogsBench::messages(logs.good("FilterLogEvents", {{"logGroupName", "g"}})) == "new");
    const auto group = logs.good("DescribeLogGroups", {}).at("logGroups").as_array().at(0);
    CHECK_FALSE(group.as_object().contains("retentionInDays"));
}

TEST_CASE("Tags are set and taken by either name of the operations", "[logs]") {
    LogsBench logs;
    const std::string arn = "arn:aws:logs:us-east-2:111122223333:log-group:g";
    logs.good("CreateLogGroup", {{"logGroupName", "g"}, {"tags", {{"env", "t"}}}});
    logs.good("TagResource", {{"resourceArn", arn}, {"tags", {{"a", "1"}, {"b", "2"}}}});
    logs.good("TagLogGroup", {{"logGroupName", "g"}, {"tags", {{"c", "3"}}}});
    logs.good("UntagResource", {{"resourceArn", arn}, {"tagKeys", {"a"}}});
    logs.good("UntagLogGroup", {{"logGroupName", "g"}, {"tags", {"env"}}});
    CHECK(
        logs.lab.logs("ListTagsLogGroup", R"({"logGroupName":"g"})").body ==
        R"({"tags":{"b":"2","c":"3"}})"
    );
    CHECK(
        logs.lab.logs("ListTagsForResource", R"({"resourceArn":")" + arn + R"("})").body ==
        R"({"tags":{"b":"2","c":"3"}})"
    );
    CHECK(logs.refusal(
                  "ListTagsForResource", {{"resourceArn", arn + "x"}}
    ).starts_with("ResourceNotFoundException"));
    json::object many;
    for (int i = 0; i < 49; ++i) {
        many["k" + std::to_string(i)] = "v";
    }
    CHECK(logs.refusal(
                  "TagResource", {{"resourceArn", arn}, {"tags", many}}
    ).starts_with("TooManyTagsException"));
}

TEST_CASE("The administrator's lab asks for logs:* on the ARNs AWS writes", "[logs]") {
    LogsBench logs;
    logs.group_and_stream();
    // The worker's role may do nothing here.
    harness::ClientCredentials nobody{
        "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", ""};
    logs.lab.write([&](store::WriteTx& tx) {
        store::User user;
        user.account = "111122223333";
        user.name = "aj";
        user.user_id = "AIDAEXAMPLEEXAMPLE123";
        tx.put_user(user);
        store::AccessKey key;
        key.access_key_id = nobody.access_key_id;
        key.secret = nobody.secret;
        key.account = user.account;
        key.principal_name = user.name;
        tx.put_access_key(key);
        tx.put_inline_policy(
            store::PrincipalKind::User,
            user.account,
            user.name,
            {"read",
             R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"logs:GetLogEvents",)"
             R"("Resource":"arn:aws:logs:us-east-2:111122223333:log-group:g:*"}})"}
        );
    });
    const std::string who =
        "AccessDeniedException: User: arn:aws:iam::111122223333:user/aj is not authorized to "
        "perform: ";
    CHECK(
        logs.refusal("CreateLogGroup", {{"logGroupName", "/x"}}, nobody) ==
        who + "logs:CreateLogGroup on resource: "
              "arn:aws:logs:us-east-2:111122223333:log-group:/x:log-stream: because no "
              "identity-based policy allows the logs:CreateLogGroup action"
    );
    CHECK(
        logs.refusal("DescribeLogGroups", {}, nobody) ==
        who + "logs:DescribeLogGroups on resource: "
              "arn:aws:logs:us-east-2:111122223333:log-group::log-stream: because no "
              "identity-based policy allows the logs:DescribeLogGroups action"
    );
    CHECK(
        logs.refusal("PutLogEvents", {{"logGroupName", "g"}, {"logStreamName", "s"}}, nobody)
            .find("log-group:g:log-stream:s because") != std::string::npos
    );
    CHECK(
        logs.lab.logs("GetLogEvents", R"({"logGroupName":"g","logStreamName":"s"})", nobody)
            .status == 200
    );
}
