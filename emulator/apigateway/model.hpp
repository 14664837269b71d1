// An HTTP API as data: what store::HttpApi::document holds, with AWS's member names. Routes and
// integrations are what an administrator edits; a stage answers from the snapshot deployed to it.
#pragma once

#include "emulator/store/rows.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace benchtop::apigateway {

struct Integration {
    std::string id;
    std::string type;                   // "AWS_PROXY"
    std::string uri;                    // function ARN, plain or wrapped in an apigateway ARN
    std::string payload_format_version; // "2.0" or "1.0"
    int timeout_in_millis = 30000;      // 50..30000
};

struct Route {
    std::string id;
    std::string key;    // "POST /presign", "ANY /{proxy+}", "$default"
    std::string target; // "integrations/ID"
};

struct Snapshot {
    std::vector<Integration> integrations;
    std::vector<Route> routes;
};

struct Stage {
    std::string name; // "prod" or "$default"
    bool auto_deploy = false;
    Snapshot deployed;
    std::vector<std::pair<std::string, std::string>> variables;
};

struct CorsConfiguration {
    bool allow_credentials = false;
    std::vector<std::string> allow_headers;
    std::vector<std::string> allow_methods;
    std::vector<std::string> allow_origins;
    std::vector<std::string> expose_headers;
    std::optional<int> max_age; // seconds
};

struct ApiModel {
    Snapshot current;
    std::vector<Stage> stages;
    std::optional<CorsConfiguration> cors;
    bool disable_execute_api_endpoint = false;
};

// What a change of routes or integrations does: every stage with autoDeploy gets them at once.
void auto_deploy(ApiModel& model);

std::string to_json(const ApiModel& model);
// nullopt: not a text this program wrote.
std::optional<ApiModel> parse_model(std::string_view text);

// A stored API, parsed once and shared by requests.
struct Api {
    store::HttpApi row;
    ApiModel model;

    // "ID.execute-api.REGION.amazonaws.com"
    std::string domain_name() const {
        return row.api_id + ".execute-api." + row.region + ".amazonaws.com";
    }
};

std::optional<Api> parse_api(const store::HttpApi& row);

} // namespace benchtop::apigateway
