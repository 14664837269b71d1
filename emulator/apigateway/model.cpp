#include "emulator/apigateway/model.hpp"

#include <boost/json.hpp>

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

json::object to_value(const Snapshot& snapshot) {
    json::array integrations;
    for (const auto& i : snapshot.integrations) {
        integrations.push_back(json::object{
            {"integrationId", i.id},
            {"integrationType", i.type},
            {"integrationUri", i.uri},
            {"payloadFormatVersion", i.payload_format_version},
            {"timeoutInMillis", i.timeout_in_millis}});
    }
    json::array routes;
    for (const auto& r : snapshot.routes) {
        routes.push_back(json::object{{"routeId", r.id}, {"routeKey", r.key}, {"target", r.target}}
        );
    }
    return {{"integrations", std::move(integrations)}, {"routes", std::move(routes)}};
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

Snapshot snapshot_from(const json::object& object) {
    Snapshot out;
    each_object(object, "integrations", [&](const json::object& o) {
        out.integrations.push_back(
            {text_at(o, "integrationId"),
             text_at(o, "integrationType"),
             text_at(o, "integrationUri"),
             text_at(o, "payloadFormatVersion"),
             integer_at(o, "timeoutInMillis").value_or(30000)}
        );
    });
    each_object(object, "routes", [&](const json::object& o) {
        out.routes.push_back({text_at(o, "routeId"), text_at(o, "routeKey"), text_at(o, "target")});
    });
    return out;
}

Stage stage_from(const json::object& object) {
    Stage stage;
    stage.name = text_at(object, "stageName");
    stage.auto_deploy = flag_at(object, "autoDeploy");
    if (const json::value* deployed = object.if_contains("deployed");
        deployed != nullptr && deployed->is_object()) {
        stage.deployed = snapshot_from(deployed->get_object());
    }
    if (const json::value* variables = object.if_contains("stageVariables");
        variables != nullptr && variables->is_object()) {
        for (const auto& member : variables->get_object()) {
            if (member.value().is_string()) {
                stage.variables.emplace_back(member.key(), member.value().get_string());
            }
        }
    }
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
        json::object variables;
        for (const auto& [name, value] : stage.variables) {
            variables[name] = value;
        }
        stages.push_back(json::object{
            {"stageName", stage.name},
            {"autoDeploy", stage.auto_deploy},
            {"deployed", to_value(stage.deployed)},
            {"stageVariables", std::move(variables)}});
    }
    out["stages"] = std::move(stages);
    if (model.cors) {
        out["corsConfiguration"] = to_value(*model.cors);
    }
    if (model.disable_execute_api_endpoint) {
        out["disableExecuteApiEndpoint"] = true;
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
