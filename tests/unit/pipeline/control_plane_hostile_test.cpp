// Every operation of every control plane against requests nobody should send: none may end in
// anything but an answer of the service, and none may take the process with it.
#include "emulator/pipeline/service_tables.hpp"
#include "harness/lab.hpp"
#include "tests/catch.hpp"

#include <boost/json.hpp>

using namespace benchtop;
using namespace benchtop::harness;
using service::Protocol;

namespace {

// Members the operations read, so that each meets values of the wrong type.
constexpr const char* kMembers[] = {
    "FunctionName",
    "Runtime",
    "Role",
    "Handler",
    "Code",
    "Environment",
    "Timeout",
    "MemorySize",
    "Architectures",
    "EphemeralStorage",
    "TracingConfig",
    "LoggingConfig",
    "Tags",
    "Publish",
    "ZipFile",
    "S3Bucket",
    "S3Key",
    "StatementId",
    "Action",
    "Principal",
    "SourceArn",
    "Name",
    "FunctionVersion",
    "RoutingConfig",
    "DestinationConfig",
    "MaximumRetryAttempts",
    "ReservedConcurrentExecutions",
    "name",
    "protocolType",
    "target",
    "routeKey",
    "stageName",
    "corsConfiguration",
    "integrationType",
    "integrationUri",
    "payloadFormatVersion",
    "timeoutInMillis",
    "authorizationType",
    "authorizerType",
    "identitySource",
    "jwtConfiguration",
    "routeSettings",
    "defaultRouteSettings",
    "accessLogSettings",
    "stageVariables",
    "tags",
    "logGroupName",
    "logStreamName",
    "logEvents",
    "filterPattern",
    "startTime",
    "limit",
    "nextToken",
    "retentionInDays",
    "resourceArn",
    "logGroupIdentifier",
    "description"};

constexpr const char* kParameters[] = {
    "RoleName",
    "UserName",
    "GroupName",
    "PolicyName",
    "PolicyArn",
    "PolicyDocument",
    "AssumeRolePolicyDocument",
    "Path",
    "VersionId",
    "MaxItems",
    "Marker",
    "Tags.member.1.Key",
    "TagKeys.member.1",
    "AccessKeyId",
    "Status",
    "PermissionsBoundary",
    "MaxSessionDuration",
    "RoleArn",
    "RoleSessionName",
    "DurationSeconds",
    "Policy",
    "PolicyArns.member.1.arn",
    "PolicySourceArn",
    "ActionNames.member.1",
    "ResourceArns.member.1",
    "PolicyInputList.member.1",
    "ContextEntries.member.1.ContextKeyName",
    "Description"};

std::string with_all(const char* value) {
    std::string body = "{";
    for (const char* member : kMembers) {
        body += std::string(body.size() > 1 ? "," : "") + "\"" + member + "\":" + value;
    }
    return body + "}";
}

std::vector<std::string> json_bodies() {
    std::vector<std::string> bodies{"", "{", "[]", "null", "\"x\"", "\xff\xfe", "{}", "{\"a\":1}"};
    for (const char* value :
         {"null",
          "1",
          "-9223372036854775808",
          "1e308",
          "true",
          "\"\"",
          "\"x\"",
          "\"$LATEST\"",
          "\"arn:aws:lambda:us-east-2:111122223333:function:worker-move-lambda\"",
          "\"\\u0000\"",
          "[]",
          "[1]",
          "[\"\"]",
          "{}",
          "{\"\":\"\"}",
          "{\"Variables\":{\"AA\":\"b\"},\"Size\":1,\"Destination\":\"x\",\"issuer\":\"\"}"}) {
        bodies.push_back(with_all(value));
    }
    bodies.push_back(with_all(("\"" + std::string(2000, 'a') + "\"").c_str()));
    bodies.push_back(R"({"a":)" + std::string(2000, '[') + std::string(2000, ']') + "}");
    return bodies;
}

std::vector<std::string> form_bodies(std::string_view action) {
    std::vector<std::string> bodies;
    for (const char* value :
         {"",
          "x",
          "%00",
          "%ff",
          "-1",
          "99999999999999999999",
          "arn:aws:iam::111122223333:role/lambda-worker-role",
          "arn:",
          "arn:aws:iam::1",
          "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D",
          "lambda-worker-role"}) {
        std::string body = "Action=" + std::string(action) + "&Version=x";
        for (const char* parameter : kParameters) {
            body += std::string("&") + parameter + "=" + value;
        }
        bodies.push_back(std::move(body));
    }
    bodies.push_back("Action=" + std::string(action));
    bodies.push_back(
        "Action=" + std::string(action) + "&RoleName=" + std::string(5000, 'r') +
        "&PolicyDocument=" + std::string(5000, '[')
    );
    return bodies;
}

constexpr const char* kLabels[] = {
    "worker-move-lambda",
    "labpresign",
    "x",
    "..",
    "%00",
    "%2F%2F",
    "arn%3Aaws%3Alambda%3Aus-east-2%3A111122223333%3Afunction%3Aworker-move-lambda",
    "arn%3Aaws%3Aapigateway%3Aus-east-2%3A%3A%2Fapis%2Flabpresign%2Fstages%2Fprod",
    "%ff"};

std::string path_of(std::string_view pattern, std::string_view label) {
    std::string path;
    for (std::size_t at = 0; at < pattern.size();) {
        if (pattern[at] == '{') {
            path += label;
            at = pattern.find('}', at) + 1;
        } else {
            path += pattern[at++];
        }
    }
    return path;
}

void expect_an_answer(const ClientResponse& answer, const std::string& what) {
    INFO(what << " -> " << answer.status << " " << answer.body.substr(0, 300));
    CHECK((answer.status < 500 || answer.body.find("ServiceException") != std::string::npos));
    CHECK(answer.status >= 200);
}

} // namespace

TEST_CASE("No request of a control plane ends without an answer of the service", "[pipeline]") {
    Lab lab;
    std::size_t requests = 0;
    for (const auto& table : pipeline::service_tables()) {
        for (const auto& operation : table.operations) {
            if (operation.invoke != nullptr) {
                continue; // runs a function; its payloads are a matter of the functions' tests
            }
            const std::string what = std::string(table.name) + ":" + std::string(operation.name);
            if (table.protocol == Protocol::Query) {
                for (const auto& body : form_bodies(operation.name)) {
                    expect_an_answer(lab.call(table.name, "POST", "/", body), what + " " + body);
                    ++requests;
                }
                continue;
            }
            for (const auto& body : json_bodies()) {
                if (table.protocol == Protocol::Json11) {
                    expect_an_answer(
                        lab.call_json(
                            table.name,
                            std::string(table.target) + "." + std::string(operation.name),
                            body
                        ),
                        what + " " + body.substr(0, 200)
                    );
                    ++requests;
                    continue;
                }
                for (const char* label : kLabels) {
                    const std::string path =
                        path_of(operation.path, label) +
                        "?Qualifier=1&MaxItems=x&Marker=%00&maxResults=-1&nextToken=zz&tagKeys=a";
                    expect_an_answer(
                        lab.call(table.name, operation.method, path, body),
                        what + " " + path + " " + body.substr(0, 200)
                    );
                    ++requests;
                }
            }
        }
    }
    CHECK(requests > 5000);
    // The lab is none the worse: whoever may do everything still finds a control plane that works.
    CHECK(
        lab.call("sts", "POST", "/", "Action=GetCallerIdentity&Version=2011-06-15").status == 200
    );
}

TEST_CASE("One member gone wrong in a good request is told", "[pipeline]") {
    struct Good {
        std::string_view service;
        std::string_view method; // of Logs: the target
        std::string_view path;
        std::string_view body;
    };

    const Good requests[] = {
        {"lambda",
         "POST",
         "/2015-03-31/functions",
         R"({"FunctionName":"f","Runtime":"python3.11","Role":"arn:aws:iam::111122223333:role/lambda-worker-role","Handler":"a.b","Code":{"ZipFile":"UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==","S3Bucket":"b","S3Key":"k"},"Description":"d","Timeout":3,"MemorySize":128,"Publish":true,"Environment":{"Variables":{"AB":"c"}},"EphemeralStorage":{"Size":512},"Architectures":["x86_64"],"Tags":{"a":"b"},"TracingConfig":{"Mode":"Active"},"LoggingConfig":{"LogFormat":"Text"}})"},
        {"lambda",
         "PUT",
         "/2015-03-31/functions/worker-move-lambda/configuration",
         R"({"Timeout":4,"Environment":{"Variables":{"AB":"c"}},"Role":"arn:aws:iam::111122223333:role/lambda-worker-role","RevisionId":"r"})"},
        {"lambda",
         "POST",
         "/2015-03-31/functions/worker-move-lambda/policy",
         R"({"StatementId":"s","Action":"lambda:InvokeFunction","Principal":"s3.amazonaws.com","SourceArn":"arn:aws:s3:::b","SourceAccount":"111122223333"})"},
        {"lambda",
         "PUT",
         "/2019-09-25/functions/worker-move-lambda/event-invoke-config",
         R"({"MaximumRetryAttempts":1,"MaximumEventAgeInSeconds":60,"DestinationConfig":{"OnSuccess":{"Destination":"x"},"OnFailure":{}}})"},
        {"apigateway",
         "POST",
         "/v2/apis",
         R"({"name":"n","protocolType":"HTTP","target":"arn:aws:lambda:us-east-2:111122223333:function:worker-move-lambda","routeKey":"GET /x","corsConfiguration":{"allowOrigins":["*"],"maxAge":1,"allowCredentials":false},"tags":{"a":"b"}})"},
        {"apigateway",
         "POST",
         "/v2/apis/labpresign/routes",
         R"({"routeKey":"GET /{a}/{b+}","target":"integrations/x","authorizationType":"JWT","authorizerId":"x","authorizationScopes":["a"]})"},
        {"apigateway",
         "PATCH",
         "/v2/apis/labpresign/stages/prod",
         R"({"stageVariables":{"a":"b"},"defaultRouteSettings":{"throttlingBurstLimit":1,"throttlingRateLimit":1.5},"routeSettings":{"POST /presign":{"throttlingBurstLimit":1}},"accessLogSettings":{"destinationArn":"a","format":"f"},"deploymentId":"x"})"},
        {"apigateway",
         "POST",
         "/v2/apis/labpresign/authorizers",
         R"({"name":"n","authorizerType":"JWT","identitySource":["$request.header.A"],"jwtConfiguration":{"issuer":"https://i","audience":["a"]}})"},
        {"logs",
         "Logs_20140328.PutLogEvents",
         "",
         R"({"logGroupName":"g","logStreamName":"s","logEvents":[{"timestamp":1,"message":"m"}]})"},
        {"logs",
         "Logs_20140328.FilterLogEvents",
         "",
         R"({"logGroupName":"g","logStreamNames":["s"],"filterPattern":"{ $.a = 1 }","startTime":1,"endTime":2,"limit":3,"nextToken":"t"})"},
    };
    const char* const values[] = {
        "null",
        "1",
        "-1",
        "1e400",
        "99999999999999999999",
        "true",
        "\"\"",
        "[]",
        "{}",
        "[null]",
        "[{}]",
        "{\"a\":null}",
        "{\"a\":{}}",
        "\"\\ud800\"",
        "\"{\"",
        "\"$request.header.\"",
        "[[[]]]"};
    Lab lab;
    lab.call_json("logs", "Logs_20140328.CreateLogGroup", R"({"logGroupName":"g"})");
    lab.call_json(
        "logs", "Logs_20140328.CreateLogStream", R"({"logGroupName":"g","logStreamName":"s"})"
    );
    const auto send = [&](const Good& good, const boost::json::object& body) {
        const std::string text = boost::json::serialize(body);
        expect_an_answer(
            good.path.empty() ? lab.call_json(good.service, good.method, text)
                              : lab.call(good.service, good.method, good.path, text),
            std::string(good.path) + std::string(good.method) + " " + text
        );
    };
    for (const Good& good : requests) {
        const boost::json::object body = boost::json::parse(good.body).as_object();
        for (const auto& member : body) {
            for (const char* value : values) {
                boost::system::error_code ec;
                const boost::json::value wrong = boost::json::parse(value, ec);
                if (ec) {
                    continue;
                }
                boost::json::object changed = body;
                changed[member.key()] = wrong;
                send(good, changed);
                if (!member.value().is_object()) {
                    continue;
                }
                for (const auto& inner : member.value().get_object()) {
                    changed = body;
                    changed[member.key()].as_object()[inner.key()] = wrong;
                    send(good, changed);
                }
            }
            boost::json::object without = body;
            without.erase(member.key());
            send(good, without);
        }
    }
}
