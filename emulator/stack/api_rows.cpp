// Codes and messages: API Gateway V2 API reference; sentences that name Benchtop are its own.
#include "emulator/stack/api_rows.hpp"

#include "emulator/apigateway/model.hpp"

#include <algorithm>
#include <array>

namespace benchtop::stack {
namespace {

namespace json = boost::json;
using apigateway::ApiModel;
using Kind = ApiPartSpec::Kind;

AwsError bad_request(const std::string& message) {
    return AwsError(400, "BadRequestException", message);
}

AwsError conflict(const std::string& message) {
    return AwsError(409, "ConflictException", message);
}

std::string text_at(const json::object& settings, std::string_view name) {
    const json::value* const value = settings.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

bool flag_at(const json::object& settings, std::string_view name) {
    const json::value* const value = settings.if_contains(name);
    return value != nullptr && value->is_bool() && value->get_bool();
}

std::vector<std::string> texts_at(const json::object& settings, std::string_view name) {
    std::vector<std::string> out;
    const json::value* const value = settings.if_contains(name);
    for (const json::value& one :
         value != nullptr && value->is_array() ? value->get_array() : json::array()) {
        out.emplace_back(one.get_string());
    }
    return out;
}

Result<void>
check_members(const json::object& settings, std::initializer_list<std::string_view> known) {
    for (const auto& [name, value] : settings) {
        if (std::find(known.begin(), known.end(), std::string_view(name)) == known.end()) {
            return bad_request("Benchtop does not keep " + std::string(name) + " in a stack.");
        }
    }
    return {};
}

apigateway::CorsConfiguration cors_of(const json::object& settings) {
    apigateway::CorsConfiguration cors;
    cors.allow_credentials = flag_at(settings, "allowCredentials");
    cors.allow_headers = texts_at(settings, "allowHeaders");
    cors.allow_methods = texts_at(settings, "allowMethods");
    cors.allow_origins = texts_at(settings, "allowOrigins");
    cors.expose_headers = texts_at(settings, "exposeHeaders");
    if (const json::value* const age = settings.if_contains("maxAge")) {
        cors.max_age = age->to_number<int>();
    }
    return cors;
}

Result<void> add_integration(ApiModel& model, const ApiPartSpec& spec) {
    const json::object& settings = spec.settings;
    if (auto known = check_members(
            settings,
            {"integrationType", "integrationUri", "payloadFormatVersion", "timeoutInMillis"}
        );
        !known) {
        return known.error();
    }
    apigateway::Integration integration;
    integration.id = spec.id;
    integration.type = text_at(settings, "integrationType");
    integration.uri = text_at(settings, "integrationUri");
    integration.payload_format_version = text_at(settings, "payloadFormatVersion");
    if (integration.type != "AWS_PROXY" || integration.uri.find(":lambda:") == std::string::npos) {
        return bad_request("Benchtop's integrations are AWS_PROXY ones with a function's ARN.");
    }
    if (integration.payload_format_version != "1.0" &&
        integration.payload_format_version != "2.0") {
        return bad_request("PayloadFormatVersion is a required parameter for integration");
    }
    if (const json::value* const timeout = settings.if_contains("timeoutInMillis")) {
        integration.timeout_in_millis = timeout->to_number<int>();
        if (integration.timeout_in_millis < 50 || integration.timeout_in_millis > 30000) {
            return bad_request("Timeout should be between 50 ms and 30000 ms");
        }
    }
    model.current.integrations.push_back(std::move(integration));
    return {};
}

bool is_route_key(std::string_view key) {
    constexpr std::array methods{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "ANY"};
    if (key == "$default") {
        return true;
    }
    const std::size_t space = key.find(' ');
    return space != std::string_view::npos &&
           std::find(methods.begin(), methods.end(), key.substr(0, space)) != methods.end() &&
           key.substr(space + 1).starts_with('/') && key.find(' ', space + 1) == key.npos;
}

Result<void> add_route(ApiModel& model, const ApiPartSpec& spec) {
    const json::object& settings = spec.settings;
    if (auto known =
            check_members(settings, {"routeKey", "target", "authorizationType", "operationName"});
        !known) {
        return known.error();
    }
    const std::string key = text_at(settings, "routeKey");
    const std::string target = text_at(settings, "target");
    if (!is_route_key(key)) {
        return bad_request(
            "The provided route key is not formatted properly for HTTP protocol. Format should be "
            "\"<HTTP METHOD> /<RESOURCE PATH>\" or \"$default\""
        );
    }
    if (settings.contains("operationName") || (settings.contains("authorizationType") &&
                                               text_at(settings, "authorizationType") != "NONE")) {
        return bad_request("Benchtop does not keep a route's authorization in a stack.");
    }
    for (const apigateway::Route& route : model.current.routes) {
        if (route.key == key) {
            return conflict("Route with key " + key + " already exists for this API");
        }
    }
    const auto& integrations = model.current.integrations;
    if (!target.empty() &&
        std::none_of(integrations.begin(), integrations.end(), [&](const auto& one) {
            return target == "integrations/" + one.id;
        })) {
        return bad_request("Invalid integration identifier specified");
    }
    model.current.routes.push_back({spec.id, key, target});
    return {};
}

Result<void> add_stage(
    ApiModel& model, const ApiPartSpec& spec, const std::map<std::string, std::string>& deployments
) {
    const json::object& settings = spec.settings;
    if (auto known =
            check_members(settings, {"stageName", "autoDeploy", "stageVariables", "deploymentId"});
        !known) {
        return known.error();
    }
    if (std::any_of(model.stages.begin(), model.stages.end(), [&](const auto& one) {
            return one.name == spec.id;
        })) {
        return conflict("Stage already exists");
    }
    apigateway::Stage stage;
    stage.name = spec.id;
    stage.auto_deploy = flag_at(settings, "autoDeploy");
    if (const json::value* const variables = settings.if_contains("stageVariables")) {
        for (const auto& [name, value] : variables->as_object()) {
            stage.variables.emplace_back(name, value.as_string());
        }
    }
    if (const std::string id = text_at(settings, "deploymentId"); !id.empty()) {
        const auto found = deployments.find(spec.api_id + "/" + id);
        const auto deployed =
            found != deployments.end() ? apigateway::parse_model(found->second) : std::nullopt;
        if (!deployed || stage.auto_deploy) {
            return deployed ? bad_request("Deployment id cannot be set when autoDeploy is true")
                            : AwsError(404, "NotFoundException", "Invalid deployment identifier");
        }
        stage.deployed = deployed->current;
    }
    model.stages.push_back(std::move(stage));
    return {};
}

Result<void> deploy_to_stage(ApiModel& model, const ApiPartSpec& spec) {
    const std::string name = text_at(spec.settings, "stageName");
    if (name.empty()) {
        return {};
    }
    for (apigateway::Stage& stage : model.stages) {
        if (stage.name == name) {
            stage.deployed = model.current;
            return {};
        }
    }
    return AwsError(404, "NotFoundException", "Invalid stage identifier specified");
}

} // namespace

Result<bool> ApiRows::make_api(const ApiPartSpec& spec) {
    if (tx_.find_api(spec.api_id)) {
        kept_.insert(spec.api_id);
        return false;
    }
    const json::object& settings = spec.settings;
    if (auto known = check_members(
            settings, {"name", "protocolType", "corsConfiguration", "disableExecuteApiEndpoint"}
        );
        !known) {
        return known.error();
    }
    if (text_at(settings, "protocolType") != "HTTP") {
        return bad_request("Benchtop's APIs are of ProtocolType HTTP.");
    }
    ApiModel model;
    if (const json::value* const cors = settings.if_contains("corsConfiguration")) {
        model.cors = cors_of(cors->as_object());
    }
    model.disable_execute_api_endpoint = flag_at(settings, "disableExecuteApiEndpoint");
    store::HttpApi api;
    api.api_id = spec.api_id;
    api.account = stack_.account;
    api.region = stack_.region;
    api.name = text_at(settings, "name");
    api.document = apigateway::to_json(model);
    api.created_at = now_;
    tx_.put_api(api);
    return true;
}

Result<bool> ApiRows::make(const ApiPartSpec& spec) {
    if (spec.kind == Kind::Api) {
        return make_api(spec);
    }
    if (kept_.contains(spec.api_id)) {
        return false;
    }
    const auto row = tx_.find_api(spec.api_id);
    auto api = row ? apigateway::parse_api(*row) : std::nullopt;
    if (!api) {
        return AwsError(
            404, "NotFoundException", "Invalid API identifier specified " + spec.api_id
        );
    }
    Result<void> added;
    switch (spec.kind) {
    case Kind::Integration:
        added = add_integration(api->model, spec);
        break;
    case Kind::Route:
        added = add_route(api->model, spec);
        break;
    case Kind::Stage:
        added = add_stage(api->model, spec, deployments_);
        break;
    case Kind::Deployment:
        deployments_[spec.api_id + "/" + spec.id] = row->document;
        added = deploy_to_stage(api->model, spec);
        break;
    case Kind::Authorizer:
    case Kind::Api:
        added = bad_request("Benchtop does not keep authorizers in a stack.");
        break;
    }
    if (!added) {
        return added.error();
    }
    apigateway::auto_deploy(api->model);
    api->row.document = apigateway::to_json(api->model);
    tx_.put_api(api->row);
    return true;
}

} // namespace benchtop::stack
