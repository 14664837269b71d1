#include "emulator/apigateway/control_common.hpp"

#include "emulator/core/encoding.hpp"
#include "emulator/core/ids.hpp"

#include <algorithm>
#include <charconv>

namespace benchtop::apigateway {
namespace {

constexpr std::size_t kDeploymentsMax = 50; // remembered; the oldest go first
constexpr std::size_t kPageMax = 500;

} // namespace

Result<LoadedApi> load_api(const store::ReadTx& tx, const service::Call& call) {
    const std::string& id = call.labels.at(0);
    auto row = tx.find_api(id);
    auto model = row ? parse_model(row->document) : std::nullopt;
    if (!model || row->account != call.account() || row->region != call.context.region) {
        return missing("Invalid API identifier specified " + call.account() + ":" + id);
    }
    return LoadedApi{*std::move(row), *std::move(model)};
}

void save_api(store::WriteTx& tx, LoadedApi& api) {
    api.row.document = to_json(api.model);
    tx.put_api(api.row);
}

Result<std::size_t> find_integration(const LoadedApi& api, std::string_view id) {
    const auto& list = api.model.current.integrations;
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (list[i].id == id) {
            return i;
        }
    }
    return missing("Invalid Integration identifier specified " + std::string(id));
}

Result<std::size_t> find_route(const LoadedApi& api, std::string_view id) {
    const auto& list = api.model.current.routes;
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (list[i].id == id) {
            return i;
        }
    }
    return missing("Invalid Route identifier specified");
}

Result<std::size_t> find_stage(const LoadedApi& api, std::string_view name) {
    const auto& list = api.model.stages;
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (list[i].name == name) {
            return i;
        }
    }
    return missing("Invalid stage identifier specified");
}

Result<std::size_t> find_authorizer(const LoadedApi& api, std::string_view id) {
    const auto& list = api.model.current.authorizers;
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (list[i].id == id) {
            return i;
        }
    }
    return missing("Invalid Authorizer identifier specified");
}

Result<Deployment>
make_deployment(const ApiModel& model, std::string description, const service::OpContext& context) {
    if (model.current.routes.empty()) {
        return bad_request("Unable to deploy API because no routes exist in this API");
    }
    const bool any_target = std::any_of(
        model.current.routes.begin(),
        model.current.routes.end(),
        [](const Route& route) { return !route.target.empty(); }
    );
    if (!any_target) {
        return bad_request("Unable to deploy API because no valid routes exist in this API");
    }
    Deployment deployment;
    deployment.id = make_api_id(context.random, 6);
    deployment.description = std::move(description);
    deployment.created_at = context.now;
    deployment.snapshot = model.current;
    return deployment;
}

void deploy_to(Stage& stage, const Deployment& deployment, UtcInstant now) {
    stage.deployed = deployment.snapshot;
    stage.deployment_id = deployment.id;
    stage.deployment_message =
        "Successfully deployed stage with deployment ID '" + deployment.id + "'";
    stage.updated_at = now;
}

void keep_deployment(ApiModel& model, Deployment deployment) {
    model.deployments.push_back(std::move(deployment));
    // What a stage answers from is not forgotten.
    for (auto oldest = model.deployments.begin();
         model.deployments.size() > kDeploymentsMax && oldest != model.deployments.end();) {
        const bool used =
            std::any_of(model.stages.begin(), model.stages.end(), [&](const Stage& stage) {
                return stage.deployment_id == oldest->id;
            });
        oldest = used ? oldest + 1 : model.deployments.erase(oldest);
    }
}

void deploy_automatically(ApiModel& model, const service::OpContext& context) {
    for (Stage& stage : model.stages) {
        if (!stage.auto_deploy) {
            continue;
        }
        auto deployment = make_deployment(
            model, "Automatic deployment triggered by changes to the Api configuration", context
        );
        if (!deployment) {
            stage.deployment_message = "Deployment attempt failed: " + deployment.error().message();
            stage.deployed = model.current; // nothing can be reached through it
            continue;
        }
        deployment->automatic = true;
        deploy_to(stage, *deployment, context.now);
        keep_deployment(model, *std::move(deployment));
    }
}

Result<std::vector<service::AccessRequest>>
access_by_path(const store::ReadTx&, const service::Call& call) {
    std::string_view path = call.head.path();
    constexpr std::string_view version = "/v2";
    if (path.starts_with(version)) {
        path.remove_prefix(version.size());
    }
    service::AccessRequest request;
    request.action = "apigateway:" + call.head.method;
    request.resource =
        "arn:aws:apigateway:" + std::string(call.context.region) + "::" + std::string(path);
    request.resource_account = call.account();
    return std::vector{std::move(request)};
}

Response json_response(int status, std::string body) {
    Response response;
    response.status = status;
    response.headers.add("Content-Type", "application/json");
    response.body = std::move(body);
    return response;
}

Response no_content() {
    Response response;
    response.status = 204;
    response.framing = Framing::None;
    return response;
}

Result<Response> write_items(
    const service::Call& call,
    std::size_t size,
    const std::function<void(protocol::JsonWriter&, std::size_t)>& write
) {
    const Query query = Query::parse(call.head.query());
    const auto number = [](std::string_view text) {
        std::size_t value = 0;
        const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
        return ec == std::errc{} && end == text.data() + text.size() ? std::optional(value)
                                                                     : std::nullopt;
    };
    std::size_t count = kPageMax;
    if (const auto given = query.find("maxResults")) {
        const auto wanted = number(*given);
        if (!wanted || *wanted == 0) {
            return bad_request("Invalid maxResults specified");
        }
        count = std::min(*wanted, kPageMax);
    }
    std::size_t first = 0;
    if (const auto token = query.find("nextToken")) {
        const auto text = from_base64(*token);
        const auto at = text ? number(*text) : std::nullopt;
        if (!at) {
            return bad_request("Invalid nextToken specified");
        }
        first = *at;
    }
    const std::size_t end = std::min(size, first + count);
    protocol::JsonWriter json;
    json.begin_object().key("items").begin_array();
    for (std::size_t i = std::min(first, end); i < end; ++i) {
        write(json, i);
    }
    json.end_array();
    if (end < size) {
        json.member("nextToken", to_base64(as_bytes(std::to_string(end))));
    }
    json.end_object();
    return json_response(200, std::move(json).take());
}

std::string time_text(UtcInstant at) {
    return to_iso8601_s(at);
}

void write_texts(
    protocol::JsonWriter& json, std::string_view name, const std::vector<std::string>& texts
) {
    json.key(name).begin_array();
    for (const std::string& text : texts) {
        json.string(text);
    }
    json.end_array();
}

void write_map(
    protocol::JsonWriter& json,
    std::string_view name,
    const std::vector<std::pair<std::string, std::string>>& map
) {
    json.key(name).begin_object();
    for (const auto& [key, value] : map) {
        json.member(key, value);
    }
    json.end_object();
}

Result<void>
read_text(const protocol::JsonInput& json, std::string_view member, std::string& target) {
    auto given = json.string(member);
    if (!given) {
        return given.error();
    }
    if (*given) {
        target = **std::move(given);
    }
    return {};
}

Result<void> read_flag(const protocol::JsonInput& json, std::string_view member, bool& target) {
    const auto given = json.boolean(member);
    if (!given) {
        return given.error();
    }
    target = given->value_or(target);
    return {};
}

Result<void> read_texts(
    const protocol::JsonInput& json, std::string_view member, std::vector<std::string>& target
) {
    auto given = json.strings(member);
    if (!given) {
        return given.error();
    }
    if (*given) {
        target = **std::move(given);
    }
    return {};
}

Result<void> read_map(
    const protocol::JsonInput& json,
    std::string_view member,
    std::vector<std::pair<std::string, std::string>>& target
) {
    auto given = json.string_map(member);
    if (!given) {
        return given.error();
    }
    if (*given) {
        target = **std::move(given);
    }
    return {};
}

Result<void> all_of(std::initializer_list<Result<void>> readings) {
    for (const Result<void>& reading : readings) {
        if (!reading) {
            return reading.error();
        }
    }
    return {};
}

} // namespace benchtop::apigateway
