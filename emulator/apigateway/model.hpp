// An HTTP API as data: what store::HttpApi::document holds, with AWS's member names. Routes,
// integrations and authorizers are what an administrator edits; a stage answers from the snapshot
// deployed to it.
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
    std::string description{};
    bool managed = false; // made by quick create, and changed by it only
};

struct Route {
    std::string id;
    std::string key;                        // "POST /presign", "ANY /{proxy+}", "$default"
    std::string target;                     // "integrations/ID"
    std::string authorization_type{"NONE"}; // NONE, AWS_IAM or JWT
    std::string authorizer_id{};
    std::vector<std::string> authorization_scopes{}; // any of them suffices
    std::string operation_name{};
    bool managed = false;
};

struct Authorizer {
    std::string id;
    std::string name;
    std::string type;                          // JWT
    std::vector<std::string> identity_sources; // "$request.header.Authorization"
    std::string issuer;
    std::vector<std::string> audience;
};

struct Snapshot {
    std::vector<Integration> integrations;
    std::vector<Route> routes;
    std::vector<Authorizer> authorizers{};

    const Authorizer* authorizer(std::string_view id) const; // nullptr: none
};

// Requests a second, and how many may come at once. Unset: the account's.
struct RouteSettings {
    std::optional<int> burst;
    std::optional<double> rate;
    bool detailed_metrics = false;
};

struct Stage {
    std::string name; // "prod" or "$default"
    bool auto_deploy = false;
    Snapshot deployed;
    std::vector<std::pair<std::string, std::string>> variables;
    std::string description{};
    std::string deployment_id{};
    std::string deployment_message{}; // lastDeploymentStatusMessage
    UtcInstant created_at{};
    UtcInstant updated_at{};
    RouteSettings default_settings{};
    std::vector<std::pair<std::string, RouteSettings>> route_settings{}; // by route key
    std::string access_log_destination{};
    std::string access_log_format{};
    std::vector<std::pair<std::string, std::string>> tags{};
    bool managed = false;

    // What holds for a route.
    RouteSettings settings_of(std::string_view route_key) const;
};

struct Deployment {
    std::string id;
    std::string description;
    bool automatic = false;
    UtcInstant created_at{};
    Snapshot snapshot;
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
    std::vector<Deployment> deployments; // oldest first
    std::string description;
    std::string version;
    std::string api_key_selection = "$request.header.x-api-key";
    std::vector<std::pair<std::string, std::string>> tags;
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
