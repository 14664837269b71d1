// Integrations and routes.
#include "emulator/apigateway/control_handlers.hpp"
#include "emulator/core/ids.hpp"

#include <algorithm>

namespace benchtop::apigateway {
namespace {

using protocol::JsonInput;
using protocol::JsonWriter;

constexpr std::size_t kRoutesMax = 300;
constexpr std::size_t kIntegrationsMax = 300;
constexpr std::size_t kOperationNameMax = 64;
constexpr std::size_t kScopesMax =
    10; // per route ("Quotas for configuring and running an HTTP API")

Result<void> read_integration(const service::Call& call, Integration& integration) {
    const JsonInput json(call.json);
    std::string connection = "INTERNET";
    std::string method = "POST";
    auto taken = all_of(
        {read_text(json, "integrationType", integration.type),
         read_text(json, "integrationUri", integration.uri),
         read_text(json, "payloadFormatVersion", integration.payload_format_version),
         read_text(json, "description", integration.description),
         read_text(json, "integrationMethod", method),
         read_text(json, "connectionType", connection)}
    );
    if (!taken) {
        return taken.error();
    }
    const auto timeout = json.integer("timeoutInMillis");
    if (!timeout) {
        return timeout.error();
    }
    if (*timeout) {
        integration.timeout_in_millis =
            static_cast<int>(std::clamp<std::int64_t>(**timeout, 0, 1'000'000));
    }
    if (connection != "INTERNET") {
        return bad_request("Benchtop has no VPC links: connectionType must be INTERNET.");
    }
    auto bounded = all_of(
        {refuse_members(
             call.json,
             {"requestParameters", "responseParameters", "integrationSubtype", "tlsConfig"},
             "of integrations is not something Benchtop has: leave it out."
         ),
         refuse_members(
             call.json,
             {"contentHandlingStrategy",
              "passthroughBehavior",
              "requestTemplates",
              "templateSelectionExpression"},
             "is for WebSocket APIs."
         ),
         refuse_members(
             call.json,
             {"credentialsArn"},
             "is not something Benchtop has: a function is invoked by its resource policy."
         ),
         refuse_members(
             call.json, {"connectionId"}, "is for VPC links, which Benchtop does not have."
         ),
         check_length("description", integration.description, kDescriptionMax)}
    );
    if (!bounded) {
        return bounded.error();
    }
    if (auto fits = check_integration(integration); !fits) {
        return fits.error();
    }
    if (method != "POST") {
        return bad_request("A function is invoked by POST: integrationMethod must be POST.");
    }
    return {};
}

Result<void> read_route(const service::Call& call, const LoadedApi& api, Route& route) {
    const JsonInput json(call.json);
    const std::string key = route.key;
    auto taken = all_of(
        {read_text(json, "routeKey", route.key),
         read_text(json, "target", route.target),
         read_text(json, "authorizationType", route.authorization_type),
         read_text(json, "authorizerId", route.authorizer_id),
         read_texts(json, "authorizationScopes", route.authorization_scopes),
         read_text(json, "operationName", route.operation_name),
         refuse_members(
             call.json,
             {"apiKeyRequired",
              "modelSelectionExpression",
              "requestModels",
              "requestParameters",
              "routeResponseSelectionExpression"},
             "is for WebSocket APIs."
         ),
         check_length("operationName", route.operation_name, kOperationNameMax),
         check_texts(
             "authorizationScopes", route.authorization_scopes, kScopesMax, kOperationNameMax
         )}
    );
    if (!taken) {
        return taken.error();
    }
    // UpdateApi alone changes it (model of the service, Route.ApiGatewayManaged).
    if (route.managed && route.key != key) {
        return managed_error("route");
    }
    if (auto shaped = check_route_key(route.key); !shaped) {
        return shaped.error();
    }
    if (auto fresh = check_route_is_new(api.model, route.key, route.id); !fresh) {
        return fresh.error();
    }
    constexpr std::string_view prefix = "integrations/";
    if (!route.target.empty()) {
        if (!route.target.starts_with(prefix)) {
            return bad_request("Invalid target specified: it must be integrations/INTEGRATION_ID");
        }
        if (auto found = find_integration(api, route.target.substr(prefix.size())); !found) {
            return found.error();
        }
    }
    if (route.authorization_type == "CUSTOM") {
        return bad_request(
            "Benchtop has no Lambda authorizers: authorizationType must be NONE, AWS_IAM or JWT."
        );
    }
    if (route.authorization_type != "NONE" && route.authorization_type != "AWS_IAM" &&
        route.authorization_type != "JWT") {
        return bad_request("Invalid authorizationType specified. Must be one of [NONE, AWS_IAM, "
                           "CUSTOM, JWT]");
    }
    if (route.authorization_type == "JWT") {
        if (route.authorizer_id.empty()) {
            return bad_request("AuthorizerId is required for authorizationType JWT");
        }
        if (auto found = find_authorizer(api, route.authorizer_id); !found) {
            return found.error();
        }
    } else {
        route.authorizer_id.clear();
    }
    return {};
}

Response integration_response(int status, const Integration& integration) {
    JsonWriter json;
    write_integration(json, integration);
    return json_response(status, std::move(json).take());
}

Response route_response(int status, const Route& route) {
    JsonWriter json;
    write_route(json, route);
    return json_response(status, std::move(json).take());
}

} // namespace

void write_integration(JsonWriter& json, const Integration& integration) {
    json.begin_object();
    if (integration.managed) {
        json.key("apiGatewayManaged").boolean(true);
    }
    json.member("connectionType", "INTERNET");
    if (!integration.description.empty()) {
        json.member("description", integration.description);
    }
    json.member("integrationId", integration.id)
        .member("integrationMethod", "POST")
        .member("integrationType", integration.type)
        .member("integrationUri", integration.uri)
        .member("payloadFormatVersion", integration.payload_format_version)
        .member("timeoutInMillis", std::int64_t{integration.timeout_in_millis})
        .end_object();
}

void write_route(JsonWriter& json, const Route& route) {
    json.begin_object();
    if (route.managed) {
        json.key("apiGatewayManaged").boolean(true);
    }
    json.key("apiKeyRequired").boolean(false);
    if (!route.authorization_scopes.empty()) {
        write_texts(json, "authorizationScopes", route.authorization_scopes);
    }
    json.member("authorizationType", route.authorization_type);
    if (!route.authorizer_id.empty()) {
        json.member("authorizerId", route.authorizer_id);
    }
    if (!route.operation_name.empty()) {
        json.member("operationName", route.operation_name);
    }
    json.member("routeId", route.id).member("routeKey", route.key);
    if (!route.target.empty()) {
        json.member("target", route.target);
    }
    json.end_object();
}

Result<Response> create_integration(store::WriteTx& tx, service::Call& call) {
    auto api = load_api(tx, call);
    if (!api) {
        return api.error();
    }
    Integration integration;
    if (auto read = read_integration(call, integration); !read) {
        return read.error();
    }
    auto& list = api->model.current.integrations;
    if (list.size() >= kIntegrationsMax) {
        return AwsError(429, "TooManyRequestsException", "Maximum number of integrations reached");
    }
    integration.id = make_api_id(call.context.random, 7);
    list.push_back(integration);
    save_api(tx, *api); // nothing refers to it yet: no deployment
    return integration_response(201, integration);
}

Result<Response> get_integration(const store::ReadTx& tx, service::Call& call) {
    const auto api = load_api(tx, call);
    if (!api) {
        return api.error();
    }
    const auto at = find_integration(*api, call.labels.at(1));
    if (!at) {
        return at.error();
    }
    return integration_response(200, api->model.current.integrations[*at]);
}

Result<Response> get_integrations(const store::ReadTx& tx, service::Call& call) {
    const auto api = load_api(tx, call);
    if (!api) {
        return api.error();
    }
    const auto& list = api->model.current.integrations;
    return write_items(call, list.size(), [&](JsonWriter& json, std::size_t i) {
        write_integration(json, list[i]);
    });
}

Result<Response> update_integration(store::WriteTx& tx, service::Call& call) {
    auto api = load_api(tx, call);
    if (!api) {
        return api.error();
    }
    const auto at = find_integration(*api, call.labels.at(1));
    if (!at) {
        return at.error();
    }
    Integration& integration = api->model.current.integrations[*at];
    if (auto read = read_integration(call, integration); !read) {
        return read.error();
    }
    const Integration updated = integration;
    deploy_automatically(api->model, call.context);
    save_api(tx, *api);
    return integration_response(200, updated);
}

Result<Response> delete_integration(store::WriteTx& tx, service::Call& call) {
    auto api = load_api(tx, call);
    if (!api) {
        return api.error();
    }
    const auto at = find_integration(*api, call.labels.at(1));
    if (!at) {
        return at.error();
    }
    auto& list = api->model.current.integrations;
    if (list[*at].managed) {
        return managed_error("integration");
    }
    for (const Route& route : api->model.current.routes) {
        if (route.target == "integrations/" + list[*at].id) {
            // From memory.
            return conflicting(
                "Cannot delete Integration '" + list[*at].id +
                "'. Integration is referenced by "
                "route '" +
                route.id + "' with route key '" + route.key + "'."
            );
        }
    }
    list.erase(list.begin() + static_cast<std::ptrdiff_t>(*at));
    save_api(tx, *api);
    return no_content();
}

Result<Response> create_route(store::WriteTx& tx, service::Call& call) {
    auto api = load_api(tx, call);
    if (!api) {
        return api.error();
    }
    Route route;
    if (auto read = read_route(call, *api, route); !read) {
        return read.error();
    }
    auto& list = api->model.current.routes;
    if (list.size() >= kRoutesMax) {
        return AwsError(429, "TooManyRequestsException", "Maximum number of routes reached");
    }
    route.id = make_api_id(call.context.random, 7);
    list.push_back(route);
    deploy_automatically(api->model, call.context);
    save_api(tx, *api);
    return route_response(201, route);
}

Result<Response> get_route(const store::ReadTx& tx, service::Call& call) {
    const auto api = load_api(tx, call);
    if (!api) {
        return api.error();
    }
    const auto at = find_route(*api, call.labels.at(1));
    if (!at) {
        return at.error();
    }
    return route_response(200, api->model.current.routes[*at]);
}

Result<Response> get_routes(const store::ReadTx& tx, service::Call& call) {
    const auto api = load_api(tx, call);
    if (!api) {
        return api.error();
    }
    const auto& list = api->model.current.routes;
    return write_items(call, list.size(), [&](JsonWriter& json, std::size_t i) {
        write_route(json, list[i]);
    });
}

Result<Response> update_route(store::WriteTx& tx, service::Call& call) {
    auto api = load_api(tx, call);
    if (!api) {
        return api.error();
    }
    const auto at = find_route(*api, call.labels.at(1));
    if (!at) {
        return at.error();
    }
    Route route = api->model.current.routes[*at];
    if (auto read = read_route(call, *api, route); !read) {
        return read.error();
    }
    api->model.current.routes[*at] = route;
    deploy_automatically(api->model, call.context);
    save_api(tx, *api);
    return route_response(200, route);
}

Result<Response> delete_route(store::WriteTx& tx, service::Call& call) {
    auto api = load_api(tx, call);
    if (!api) {
        return api.error();
    }
    const auto at = find_route(*api, call.labels.at(1));
    if (!at) {
        return at.error();
    }
    auto& list = api->model.current.routes;
    if (list[*at].managed) {
        return managed_error("route");
    }
    list.erase(list.begin() + static_cast<std::ptrdiff_t>(*at));
    deploy_automatically(api->model, call.context);
    save_api(tx, *api);
    return no_content();
}

} // namespace benchtop::apigateway
