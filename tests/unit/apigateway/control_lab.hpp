// API Gateway's control plane as a client meets it: JSON in and out, on a lab in memory.
#pragma once

#include "emulator/core/encoding.hpp"
#include "harness/lab.hpp"
#include "tests/catch.hpp"

#include <boost/json.hpp>

#include <string>
#include <string_view>

namespace benchtop::apigateway {

namespace json = boost::json;

inline const std::string kAccount = "111122223333";
inline const std::string kFunction =
    "arn:aws:lambda:us-east-2:" + kAccount + ":function:web-presign-lambda";

class ControlLab {
public:
    harness::Lab lab;

    harness::ClientResponse
    call(std::string_view method, const std::string& path, const json::value& body = {}) {
        return lab.call(
            "apigateway",
            method,
            "/v2/" + path,
            body.is_null() ? std::string() : json::serialize(body)
        );
    }

    // The answer's document; the call must be given `status`.
    json::object
    ok(int status, std::string_view method, const std::string& path, const json::value& body = {}) {
        const auto answer = call(method, path, body);
        INFO(std::string(method) << " " << path << ": " << answer.body);
        REQUIRE(answer.status == status);
        return answer.body.empty() ? json::object() : json::parse(answer.body).as_object();
    }

    // "400 BadRequestException"
    std::string
    refused(std::string_view method, const std::string& path, const json::value& body = {}) {
        const auto answer = call(method, path, body);
        UNSCOPED_INFO(std::string(method) << " " << path << ": " << answer.body);
        return std::to_string(answer.status) + " " +
               std::string(answer.headers.get("x-amzn-errortype"));
    }

    std::string make_api(json::object more = {}) {
        more.emplace("name", "an-api");
        more.emplace("protocolType", "HTTP");
        return text(ok(201, "POST", "apis", more), "apiId");
    }

    std::string make_integration(const std::string& api, const std::string& uri = kFunction) {
        return text(
            ok(201,
               "POST",
               "apis/" + api + "/integrations",
               {{"integrationType", "AWS_PROXY"},
                {"integrationUri", uri},
                {"payloadFormatVersion", "2.0"}}),
            "integrationId"
        );
    }

    std::string make_route(const std::string& api, const std::string& key, json::object more = {}) {
        more["routeKey"] = key;
        if (!more.contains("target")) {
            more["target"] = "integrations/" + make_integration(api);
        }
        return text(ok(201, "POST", "apis/" + api + "/routes", more), "routeId");
    }

    void make_stage(const std::string& api, const std::string& name, bool auto_deploy = true) {
        ok(201,
           "POST",
           "apis/" + api + "/stages",
           {{"stageName", name}, {"autoDeploy", auto_deploy}});
    }

    void permit(const std::string& api, const std::string& qualifier = "") {
        const auto answer = lab.call(
            "lambda",
            "POST",
            "/2015-03-31/functions/web-presign-lambda/policy" +
                (qualifier.empty() ? "" : "?Qualifier=" + qualifier),
            json::serialize(json::object{
                {"StatementId", api + qualifier},
                {"Action", "lambda:InvokeFunction"},
                {"Principal", "apigateway.amazonaws.com"},
                {"SourceArn", "arn:aws:execute-api:us-east-2:" + kAccount + ":" + api + "/*"}})
        );
        REQUIRE(answer.status == 201);
    }

    // A request to the deployed API.
    harness::ClientResponse
    ask(const std::string& api,
        std::string_view method,
        const std::string& path,
        std::vector<std::pair<std::string, std::string>> headers = {}) {
        return lab.send(
            {std::string(method),
             "http://" + api + ".execute-api.us-east-2.amazonaws.com" + path,
             std::move(headers),
             ""}
        );
    }

    static std::string text(const json::object& object, std::string_view member) {
        return std::string(object.at(member).as_string());
    }
};

} // namespace benchtop::apigateway
