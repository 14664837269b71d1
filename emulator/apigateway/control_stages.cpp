// Stages and deployments.
#include "emulator/apigateway/control_handlers.hpp"
#include "emulator/core/ids.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace benchtop::apigateway {
namespace {

using protocol::JsonInput;
using protocol::JsonWriter;

constexpr std::size_t kStagesMax = 10;
constexpr std::size_t kVariablesMax = 100;
constexpr std::size_t kVariableNameMax = 64;
constexpr std::size_t kVariableValueMax = 512;
constexpr std::size_t kLogFormatBytesMax = 3 * 1024; // "Access log template size"
constexpr std::size_t kLogDestinationMax = 2048;     // Benchtop's own

bool is_stage_name(std::string_view name) {
    return name == "$default" || (!name.empty() && name.size() <= 128 &&
                                  std::all_of(name.begin(), name.end(), [](char c) {
                                      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                             (c >= '0' && c <= '9') || c == '_' || c == '-';
                                  }));
}

// The shortest text that reads back the same: "100.0", "0.5", "1e-09".
std::string number_text(double number) {
    std::array<char, 32> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
    std::string out(text.data(), end);
    return out.find_first_of(".e") == std::string::npos ? out + ".0" : out;
}

// What the model allows of a variable's value beside letters and digits.
bool is_variable_text(std::string_view text, std::string_view more) {
    return std::all_of(text.begin(), text.end(), [more](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               more.find(c) != std::string_view::npos;
    });
}

void write_settings(JsonWriter& json, const RouteSettings& settings) {
    json.begin_object().key("detailedMetricsEnabled").boolean(settings.detailed_metrics);
    if (settings.burst) {
        json.member("throttlingBurstLimit", std::int64_t{*settings.burst});
    }
    if (settings.rate) {
        json.key("throttlingRateLimit").raw(number_text(*settings.rate));
    }
    json.end_object();
}

Result<void> read_settings(const boost::json::object& members, RouteSettings& settings) {
    const JsonInput json(members);
    const auto burst = json.integer("throttlingBurstLimit");
    const auto rate = json.number("throttlingRateLimit");
    if (!burst) {
        return burst.error();
    }
    if (!rate) {
        return rate.error();
    }
    if ((*burst && (**burst < 0 || **burst > 5000)) || (*rate && (**rate < 0 || **rate > 10000))) {
        return bad_request("Throttling limits must be between 0 and the account's: a burst of 5000 "
                           "and a rate of 10000");
    }
    if (*burst) {
        settings.burst = static_cast<int>(**burst);
    }
    if (*rate) {
        settings.rate = **rate;
    }
    return all_of(
        {read_flag(json, "detailedMetricsEnabled", settings.detailed_metrics),
         refuse_members(members, {"dataTraceEnabled", "loggingLevel"}, "is for WebSocket APIs.")}
    );
}

Result<void> check_log(const Stage& stage) {
    if (stage.access_log_format.size() > kLogFormatBytesMax) {
        return bad_request("Invalid access log format specified. Must be at most 3072 bytes");
    }
    return check_length("destinationArn", stage.access_log_destination, kLogDestinationMax);
}

Result<void> read_stage_settings(const JsonInput& json, const LoadedApi& api, Stage& stage) {
    const auto defaults = json.object("defaultRouteSettings");
    const auto routes = json.object("routeSettings");
    const auto log = json.object("accessLogSettings");
    for (const auto* member : {&defaults, &routes, &log}) {
        if (!*member) {
            return member->error();
        }
    }
    if (*defaults != nullptr) {
        if (auto read = read_settings(**defaults, stage.default_settings); !read) {
            return read.error();
        }
    }
    if (*routes != nullptr) {
        for (const auto& [key, value] : **routes) {
            const std::string route_key(key);
            const auto& known = api.model.current.routes;
            if (std::none_of(known.begin(), known.end(), [&](const Route& route) {
                    return route.key == route_key;
                })) {
                return missing(
                    "Unable to find Route by key " + route_key +
                    " within the provided RouteSettings"
                );
            }
            if (!value.is_object()) {
                return bad_request("Invalid routeSettings specified");
            }
            RouteSettings settings;
            if (auto read = read_settings(value.get_object(), settings); !read) {
                return read.error();
            }
            std::erase_if(stage.route_settings, [&](const auto& old) {
                return old.first == route_key;
            });
            stage.route_settings.emplace_back(route_key, settings);
        }
    }
    if (*log != nullptr) {
        const JsonInput members(**log);
        return all_of(
            {read_text(members, "destinationArn", stage.access_log_destination),
             read_text(members, "format", stage.access_log_format),
             check_log(stage)}
        );
    }
    return {};
}

Result<void> read_stage(const service::Call& call, LoadedApi& api, Stage& stage) {
    const JsonInput json(call.json);
    bool auto_deploy = stage.auto_deploy;
    std::string deployment_id;
    auto taken = all_of(
        {read_text(json, "description", stage.description),
         read_flag(json, "autoDeploy", auto_deploy),
         read_text(json, "deploymentId", deployment_id),
         read_map(json, "stageVariables", stage.variables),
         read_stage_settings(json, api, stage),
         refuse_members(call.json, {"clientCertificateId"}, "is for WebSocket APIs."),
         check_length("description", stage.description, kDescriptionMax)}
    );
    if (!taken) {
        return taken.error();
    }
    std::erase_if(stage.variables, [](const auto& variable) { return variable.second.empty(); });
    for (const auto& [name, value] : stage.variables) {
        if (name.size() > kVariableNameMax || value.size() > kVariableValueMax) {
            return bad_request("Stage variable " + name + " is too long");
        }
        if (!is_variable_text(name, "_") || !is_variable_text(value, "-._~:/?#&=,")) {
            return bad_request(
                "Stage variable names may have letters, digits and _, their values also "
                "-.~:/?#&=,"
            );
        }
    }
    if (stage.variables.size() > kVariablesMax) {
        return bad_request("A stage may have at most 100 stage variables");
    }
    stage.auto_deploy = auto_deploy;
    if (!deployment_id.empty()) {
        if (stage.auto_deploy) {
            return bad_request("Deployment ID cannot be set on a stage with AutoDeploy enabled");
        }
        const auto& known = api.model.deployments;
        const auto found = std::find_if(known.begin(), known.end(), [&](const Deployment& one) {
            return one.id == deployment_id;
        });
        if (found == known.end()) {
            return missing("Invalid deployment identifier specified");
        }
        deploy_to(stage, *found, call.context.now);
    }
    return {};
}

Response stage_response(int status, const Stage& stage) {
    JsonWriter json;
    write_stage(json, stage);
    return json_response(status, std::move(json).take());
}

void write_deployment(JsonWriter& json, const Deployment& deployment) {
    json.begin_object().key("autoDeployed").boolean(deployment.automatic);
    json.member("createdDate", time_text(deployment.created_at))
        .member("deploymentId", deployment.id)
        .member("deploymentStatus", "DEPLOYED");
    if (!deployment.description.empty()) {
        json.member("description", deployment.description);
    }
    json.end_object();
}

Response deployment_response(int status, const Deployment& deployment) {
    JsonWriter json;
    write_deployment(json, deployment);
    return json_response(status, std::move(json).take());
}

Result<const Deployment*> find_deployment(const LoadedApi& api, std::string_view id) {
    for (const Deployment& deployment : api.model.deployments) {
        if (deployment.id == id) {
            return &deployment;
        }
    }
    return missing("Invalid deployment identifier specified");
}

} // namespace

void write_stage(JsonWriter& json, const Stage& stage) {
    json.begin_object();
    if (!stage.access_log_destination.empty()) {
        json.key("accessLogSettings")
            .begin_object()
            .member("destinationArn", stage.access_log_destination)
            .member("format", stage.access_log_format)
            .end_object();
    }
    if (stage.managed) {
        json.key("apiGatewayManaged").boolean(true);
    }
    if (stage.auto_deploy) {
        json.key("autoDeploy").boolean(true);
    }
    json.member("createdDate", time_text(stage.created_at)).key("defaultRouteSettings");
    write_settings(json, stage.default_settings);
    if (!stage.deployment_id.empty()) {
        json.member("deploymentId", stage.deployment_id);
    }
    if (!stage.description.empty()) {
        json.member("description", stage.description);
    }
    if (!stage.deployment_message.empty()) {
        json.member("lastDeploymentStatusMessage", stage.deployment_message);
    }
    json.member("lastUpdatedDate", time_text(stage.updated_at)).key("routeSettings").begin_object();
    for (const auto& [key, settings] : stage.route_settings) {
        json.key(key);
        write_settings(json, settings);
    }
    json.end_object().member("stageName", stage.name);
    write_map(json, "stageVariables", stage.variables);
    write_map(json, "tags", stage.tags);
    json.end_object();
}

Result<Response> create_stage(store::WriteTx& tx, service::Call& call) {
    auto api = load_api(tx, call);
    if (!api) {
        return api.error();
    }
    Stage stage;
    if (auto read = read_text(JsonInput(call.json), "stageName", stage.name); !read) {
        return read.error();
    }
    if (!is_stage_name(stage.name)) {
        return bad_request("Stage name only allows a-zA-Z0-9_- and $default");
    }
    if (find_stage(*api, stage.name)) {
        return conflicting("Stage already exists");
    }
    if (api->model.stages.size() >= kStagesMax) {
        return AwsError(429, "TooManyRequestsException", "Maximum number of stages reached");
    }
    if (auto read = read_stage(call, *api, stage); !read) {
        return read.error();
    }
    if (auto read = read_map(JsonInput(call.json), "tags", stage.tags); !read) {
        return read.error();
    }
    if (auto fit = check_tags(stage.tags); !fit) {
        return fit.error();
    }
    stage.created_at = stage.updated_at = call.context.now;
    const Response answer = stage_response(201, stage); // as it is before its first deployment
    const bool deploys = stage.auto_deploy;
    api->model.stages.push_back(std::move(stage));
    if (deploys) {
        // The other stages have what is current already.
        ApiModel alone;
        alone.current = api->model.current;
        alone.stages = {api->model.stages.back()};
        deploy_automatically(alone, call.context);
        api->model.stages.back() = alone.stages.front();
        for (Deployment& deployment : alone.deployments) {
            keep_deployment(api->model, std::move(deployment));
        }
    }
    save_api(tx, *api);
    return answer;
}

Result<Response> get_stage(const store::ReadTx& tx, service::Call& call) {
    const auto api = load_api(tx, call);
    if (!api) {
        return api.error();
    }
    const auto at = find_stage(*api, call.labels.at(1));
    if (!at) {
        return at.error();
    }
    return stage_response(200, api->model.stages[*at]);
}

Result<Response> get_stages(const store::ReadTx& tx, service::Call& call) {
    const auto api = load_api(tx, call);
    if (!api) {
        return api.error();
    }
    return write_items(call, api->model.stages.size(), [&](JsonWriter& json, std::size_t i) {
        write_stage(json, api->model.stages[i]);
    });
}

Result<Response> update_stage(store::WriteTx& tx, service::Call& call) {
    auto api = load_api(tx, call);
    if (!api) {
        return api.error();
    }
    const auto at = find_stage(*api, call.labels.at(1));
    if (!at) {
        return at.error();
    }
    if (api->model.stages[*at].managed) {
        return managed_error("stage"); // "You can't modify the $default stage"
    }
    const bool deployed_itself = api->model.stages[*at].auto_deploy;
    Stage stage = api->model.stages[*at];
    if (auto read = read_stage(call, *api, stage); !read) {
        return read.error();
    }
    stage.updated_at = call.context.now;
    api->model.stages[*at] = stage;
    if (stage.auto_deploy && !deployed_itself) {
        deploy_automatically(api->model, call.context);
    }
    save_api(tx, *api);
    return stage_response(200, api->model.stages[*at]);
}

Result<Response> delete_stage(store::WriteTx& tx, service::Call& call) {
    auto api = load_api(tx, call);
    if (!api) {
        return api.error();
    }
    const auto at = find_stage(*api, call.labels.at(1));
    if (!at) {
        return at.error();
    }
    if (api->model.stages[*at].managed) {
        return managed_error("stage");
    }
    api->model.stages.erase(api->model.stages.begin() + static_cast<std::ptrdiff_t>(*at));
    save_api(tx, *api);
    return no_content();
}

Result<Response> delete_route_settings(store::WriteTx& tx, service::Call& call) {
    auto api = load_api(tx, call);
    if (!api) {
        return api.error();
    }
    const auto at = find_stage(*api, call.labels.at(1));
    if (!at) {
        return at.error();
    }
    if (api->model.stages[*at].managed) {
        return managed_error("stage");
    }
    std::erase_if(api->model.stages[*at].route_settings, [&](const auto& settings) {
        return settings.first == call.labels.at(2);
    });
    save_api(tx, *api);
    return no_content();
}

Result<Response> delete_access_log_settings(store::WriteTx& tx, service::Call& call) {
    auto api = load_api(tx, call);
    if (!api) {
        return api.error();
    }
    const auto at = find_stage(*api, call.labels.at(1));
    if (!at) {
        return at.error();
    }
    if (api->model.stages[*at].managed) {
        return managed_error("stage");
    }
    api->model.stages[*at].access_log_destination.clear();
    api->model.stages[*at].access_log_format.clear();
    save_api(tx, *api);
    return no_content();
}

Result<Response> create_deployment(store::WriteTx& tx, service::Call& call) {
    auto api = load_api(tx, call);
    if (!api) {
        return api.error();
    }
    const JsonInput json(call.json);
    std::string description;
    std::string stage_name;
    auto taken = all_of(
        {read_text(json, "description", description), read_text(json, "stageName", stage_name)}
    );
    if (!taken) {
        return taken.error();
    }
    if (auto fits = check_length("description", description, kDescriptionMax); !fits) {
        return fits.error();
    }
    auto deployment = make_deployment(api->model, description, call.context);
    if (!deployment) {
        return deployment.error();
    }
    if (!stage_name.empty()) {
        const auto at = find_stage(*api, stage_name);
        if (!at) {
            return at.error();
        }
        deploy_to(api->model.stages[*at], *deployment, call.context.now);
    }
    keep_deployment(api->model, *deployment);
    save_api(tx, *api);
    return deployment_response(201, *deployment);
}

Result<Response> get_deployment(const store::ReadTx& tx, service::Call& call) {
    const auto api = load_api(tx, call);
    if (!api) {
        return api.error();
    }
    const auto found = find_deployment(*api, call.labels.at(1));
    if (!found) {
        return found.error();
    }
    return deployment_response(200, **found);
}

Result<Response> get_deployments(const store::ReadTx& tx, service::Call& call) {
    const auto api = load_api(tx, call);
    if (!api) {
        return api.error();
    }
    const auto& list = api->model.deployments;
    return write_items(call, list.size(), [&](JsonWriter& json, std::size_t i) {
        write_deployment(json, list[list.size() - 1 - i]); // newest first
    });
}

Result<Response> delete_deployment(store::WriteTx& tx, service::Call& call) {
    auto api = load_api(tx, call);
    if (!api) {
        return api.error();
    }
    const std::string& id = call.labels.at(1);
    if (auto found = find_deployment(*api, id); !found) {
        return found.error();
    }
    for (const Stage& stage : api->model.stages) {
        if (stage.deployment_id == id) {
            return bad_request("Active stages pointing to this deployment must be moved or deleted"
            );
        }
    }
    std::erase_if(api->model.deployments, [&](const Deployment& one) { return one.id == id; });
    save_api(tx, *api);
    return no_content();
}

} // namespace benchtop::apigateway
