#include "emulator/apigateway/model.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace benchtop::apigateway {
namespace {

namespace json = boost::json;

json::array to_value(const std::vector<std::string>& texts) {
    json::array out;
    for (const auto& text : texts) {
        out.emplace_back(text);
    }
    return out;
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

// What is empty or false is left out: most documents are short.
void put_text(json::object& object, std::string_view name, const std::string& text) {
    if (!text.empty()) {
        object[name] = text;
    }
}

void put_flag(json::object& object, std::string_view name, bool flag) {
    if (flag) {
        object[name] = true;
    }
}

void put_time(json::object& object, std::string_view name, UtcInstant at) {
    if (at != UtcInstant{}) {
        object[name] = at.time_since_epoch().count();
    }
}

json::object to_value(const Pairs& pairs) {
    json::object out;
    for (const auto& [name, value] : pairs) {
        out[name] = value;
    }
    return out;
}

json::object to_value(const RouteSettings& settings) {
    json::object out;
    if (settings.burst) {
        out["burst"] = *settings.burst;
    }
    if (settings.rate) {
        out["rate"] = *settings.rate;
    }
    put_flag(out, "detailedMetrics", settings.detailed_metrics);
    return out;
}

json::object to_value(const Snapshot& snapshot) {
    json::array integrations;
    for (const auto& i : snapshot.integrations) {
        json::object integration{
            {"integrationId", i.id},
            {"integrationType", i.type},
            {"integrationUri", i.uri},
            {"payloadFormatVersion", i.payload_format_version},
            {"timeoutInMillis", i.timeout_in_millis}};
        put_text(integration, "description", i.description);
        put_flag(integration, "managed", i.managed);
        integrations.push_back(std::move(integration));
    }
    json::array routes;
    for (const auto& r : snapshot.routes) {
        json::object route{{"routeId", r.id}, {"routeKey", r.key}, {"target", r.target}};
        if (r.authorization_type != "NONE") {
            route["authorizationType"] = r.authorization_type;
        }
        put_text(route, "authorizerId", r.authorizer_id);
        put_text(route, "operationName", r.operation_name);
        put_flag(route, "managed", r.managed);
        if (!r.authorization_scopes.empty()) {
            route["authorizationScopes"] = to_value(r.authorization_scopes);
        }
        routes.push_back(std::move(route));
    }
    json::object out{{"integrations", std::move(integrations)}, {"routes", std::move(routes)}};
    if (!snapshot.authorizers.empty()) {
        json::array authorizers;
        for (const auto& authorizer : snapshot.authorizers) {
            authorizers.push_back(json::object{
                {"authorizerId", authorizer.id},
                {"name", authorizer.name},
                {"authorizerType", authorizer.type},
                {"identitySource", to_value(authorizer.identity_sources)},
                {"issuer", authorizer.issuer},
                {"audience", to_value(authorizer.audience)}});
        }
        out["authorizers"] = std::move(authorizers);
    }
    return out;
}

json::object to_value(const CorsConfiguration& cors) {
    json::object out{
        {"allowCredentials", cors.allow_credentials},
        {"allowHeaders", to_value(cors.allow_headers)},
        {"allowMethods", to_value(cors.allow_methods)},
        {"allowOrigins", to_value(cors.allow_origins)},
        {"exposeHeaders", to_value(cors.expose_headers)}};
    if (cors.max_age) {
        out["maxAge"] = *cors.max_age;
    }
    return out;
}

json::object to_value(const Stage& stage) {
    json::object out{
        {"stageName", stage.name},
        {"autoDeploy", stage.auto_deploy},
        {"deployed", to_value(stage.deployed)},
        {"stageVariables", to_value(stage.variables)}};
    put_text(out, "description", stage.description);
    put_text(out, "deploymentId", stage.deployment_id);
    put_text(out, "deploymentMessage", stage.deployment_message);
    put_time(out, "created", stage.created_at);
    put_time(out, "updated", stage.updated_at);
    if (json::object settings = to_value(stage.default_settings); !settings.empty()) {
        out["defaultSettings"] = std::move(settings);
    }
    if (!stage.route_settings.empty()) {
        json::array list;
        for (const auto& [key, settings] : stage.route_settings) {
            json::object one = to_value(settings);
            one["routeKey"] = key;
            list.push_back(std::move(one));
        }
        out["routeSettings"] = std::move(list);
    }
    put_text(out, "accessLogDestination", stage.access_log_destination);
    put_text(out, "accessLogFormat", stage.access_log_format);
    if (!stage.tags.empty()) {
        out["tags"] = to_value(stage.tags);
    }
    put_flag(out, "managed", stage.managed);
    return out;
}

std::string text_at(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string())
                                                  : std::string();
}

bool flag_at(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    return value != nullptr && value->is_bool() && value->get_bool();
}

std::optional<int> integer_at(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    if (value == nullptr || !value->is_int64() || value->get_int64() < -1 ||
        value->get_int64() > 1'000'000) {
        return std::nullopt;
    }
    return static_cast<int>(value->get_int64());
}

// Calls `visit` with every object of the array `name`; what is not one is passed over.
template <class Visit>
void each_object(const json::object& object, std::string_view name, Visit visit) {
    const json::value* value = object.if_contains(name);
    if (value == nullptr || !value->is_array()) {
        return;
    }
    for (const json::value& element : value->get_array()) {
        if (element.is_object()) {
            visit(element.get_object());
        }
    }
}

std::vector<std::string> texts_at(const json::object& object, std::string_view name) {
    std::vector<std::string> out;
    const json::value* value = object.if_contains(name);
    if (value != nullptr && value->is_array()) {
        for (const json::value& element : value->get_array()) {
            if (element.is_string()) {
                out.emplace_back(element.get_string());
            }
        }
    }
    return out;
}

const json::object* object_at(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    return value != nullptr && value->is_object() ? &value->get_object() : nullptr;
}

UtcInstant time_at(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    return value != nullptr && value->is_int64() ? UtcInstant{microseconds{value->get_int64()}}
                                                 : UtcInstant{};
}

Pairs pairs_at(const json::object& object, std::string_view name) {
    Pairs pairs;
    if (const json::object* given = object_at(object, name)) {
        for (const auto& member : *given) {
            if (member.value().is_string()) {
                pairs.emplace_back(member.key(), member.value().get_string());
            }
        }
    }
    return pairs;
}

RouteSettings settings_from(const json::object& object) {
    RouteSettings settings;
    settings.burst = integer_at(object, "burst");
    if (const json::value* rate = object.if_contains("rate");
        rate != nullptr && rate->is_number()) {
        settings.rate = rate->to_number<double>();
    }
    settings.detailed_metrics = flag_at(object, "detailedMetrics");
    return settings;
}

Snapshot snapshot_from(const json::object& object) {
    Snapshot out;
    each_object(object, "integrations", [&](const json::object& o) {
        out.integrations.push_back(
            {text_at(o, "integrationId"),
             text_at(o, "integrationType"),
             text_at(o, "integrationUri"),
             text_at(o, "payloadFormatVersion"),
             integer_at(o, "timeoutInMillis").value_or(30000),
             text_at(o, "description"),
             flag_at(o, "managed")}
        );
    });
    each_object(object, "routes", [&](const json::object& o) {
        Route route{text_at(o, "routeId"), text_at(o, "routeKey"), text_at(o, "target")};
        if (o.contains("authorizationType")) {
            route.authorization_type = text_at(o, "authorizationType");
        }
        route.authorizer_id = text_at(o, "authorizerId");
        route.authorization_scopes = texts_at(o, "authorizationScopes");
        route.operation_name = text_at(o, "operationName");
        route.managed = flag_at(o, "managed");
        out.routes.push_back(std::move(route));
    });
    each_object(object, "authorizers", [&](const json::object& o) {
        out.authorizers.push_back(
            {text_at(o, "authorizerId"),
             text_at(o, "name"),
             text_at(o, "authorizerType"),
             texts_at(o, "identitySource"),
             text_at(o, "issuer"),
             texts_at(o, "audience")}
        );
    });
    return out;
}

Stage stage_from(const json::object& object) {
    Stage stage;
    stage.name = text_at(object, "stageName");
    stage.auto_deploy = flag_at(object, "autoDeploy");
    if (const json::object* deployed = object_at(object, "deployed")) {
        stage.deployed = snapshot_from(*deployed);
    }
    stage.variables = pairs_at(object, "stageVariables");
    stage.description = text_at(object, "description");
    stage.deployment_id = text_at(object, "deploymentId");
    stage.deployment_message = text_at(object, "deploymentMessage");
    stage.created_at = time_at(object, "created");
    stage.updated_at = time_at(object, "updated");
    if (const json::object* settings = object_at(object, "defaultSettings")) {
        stage.default_settings = settings_from(*settings);
    }
    each_object(object, "routeSettings", [&](const json::object& o) {
        stage.route_settings.emplace_back(text_at(o, "routeKey"), settings_from(o));
    });
    stage.access_log_destination = text_at(object, "accessLogDestination");
    stage.access_log_format = text_at(object, "accessLogFormat");
    stage.tags = pairs_at(object, "tags");
    stage.managed = flag_at(object, "managed");
    return stage;
}

CorsConfiguration cors_from(const json::object& object) {
    CorsConfiguration cors;
    cors.allow_credentials = flag_at(object, "allowCredentials");
    cors.allow_headers = texts_at(object, "allowHeaders");
    cors.allow_methods = texts_at(object, "allowMethods");
    cors.allow_origins = texts_at(object, "allowOrigins");
    cors.expose_headers = texts_at(object, "exposeHeaders");
    cors.max_age = integer_at(object, "maxAge");
    return cors;
}

} // namespace

RouteSettings Stage::settings_of(std::string_view route_key) const {
    RouteSettings settings = default_settings;
    for (const auto& [key, given] : route_settings) {
        if (key == route_key) {
            settings.burst = given.burst ? given.burst : settings.burst;
            settings.rate = given.rate ? given.rate : settings.rate;
        }
    }
    return settings;
}

const Authorizer* Snapshot::authorizer(std::string_view id) const {
    const auto found = std::find_if(authorizers.begin(), authorizers.end(), [&](const auto& one) {
        return one.id == id;
    });
    return found == authorizers.end() ? nullptr : &*found;
}

void auto_deploy(ApiModel& model) {
    for (auto& stage : model.stages) {
        if (stage.auto_deploy) {
            stage.deployed = model.current;
        }
    }
}

std::string to_json(const ApiModel& model) {
    json::object out = to_value(model.current);
    json::array stages;
    for (const auto& stage : model.stages) {
        stages.push_back(to_value(stage));
    }
    out["stages"] = std::move(stages);
    if (model.cors) {
        out["corsConfiguration"] = to_value(*model.cors);
    }
    put_flag(out, "disableExecuteApiEndpoint", model.disable_execute_api_endpoint);
    if (!model.deployments.empty()) {
        json::array deployments;
        for (const auto& deployment : model.deployments) {
            json::object one{
                {"deploymentId", deployment.id}, {"snapshot", to_value(deployment.snapshot)}};
            put_text(one, "description", deployment.description);
            put_flag(one, "automatic", deployment.automatic);
            put_time(one, "created", deployment.created_at);
            deployments.push_back(std::move(one));
        }
        out["deployments"] = std::move(deployments);
    }
    put_text(out, "description", model.description);
    put_text(out, "version", model.version);
    if (model.api_key_selection != ApiModel{}.api_key_selection) {
        put_text(out, "apiKeySelection", model.api_key_selection);
    }
    if (!model.tags.empty()) {
        out["tags"] = to_value(model.tags);
    }
    return json::serialize(out);
}

std::optional<ApiModel> parse_model(std::string_view text) {
    boost::system::error_code ec;
    const json::value value = json::parse(text, ec);
    if (ec || !value.is_object()) {
        return std::nullopt;
    }
    const json::object& object = value.get_object();
    ApiModel model;
    model.current = snapshot_from(object);
    each_object(object, "stages", [&](const json::object& o) {
        model.stages.push_back(stage_from(o));
    });
    if (const json::value* cors = object.if_contains("corsConfiguration");
        cors != nullptr && cors->is_object()) {
        model.cors = cors_from(cors->get_object());
    }
    model.disable_execute_api_endpoint = flag_at(object, "disableExecuteApiEndpoint");
    each_object(object, "deployments", [&](const json::object& o) {
        const json::object* snapshot = object_at(o, "snapshot");
        model.deployments.push_back(
            {text_at(o, "deploymentId"),
             text_at(o, "description"),
             flag_at(o, "automatic"),
             time_at(o, "created"),
             snapshot != nullptr ? snapshot_from(*snapshot) : Snapshot{}}
        );
    });
    model.description = text_at(object, "description");
    model.version = text_at(object, "version");
    if (object.contains("apiKeySelection")) {
        model.api_key_selection = text_at(object, "apiKeySelection");
    }
    model.tags = pairs_at(object, "tags");
    return model;
}

std::optional<Api> parse_api(const store::HttpApi& row) {
    auto model = parse_model(row.document);
    if (!model) {
        return std::nullopt;
    }
    return Api{row, *std::move(model)};
}

} // namespace benchtop::apigateway
