#include "emulator/apigateway/control_common.hpp"

#include "emulator/core/encoding.hpp"
#include "emulator/core/ids.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace benchtop::apigateway {
namespace {

constexpr std::size_t kDeploymentsMax = 50; // remembered; the oldest go first
constexpr std::size_t kPageMax = 500;

std::vector<std::string_view> segments_of(std::string_view path) {
    std::vector<std::string_view> out;
    path.remove_prefix(std::min<std::size_t>(1, path.size()));
    for (;;) {
        const std::size_t slash = std::min(path.find('/'), path.size());
        out.push_back(path.substr(0, slash));
        if (slash == path.size()) {
            return out;
        }
        path.remove_prefix(slash + 1);
    }
}

bool is_variable(std::string_view segment) {
    return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

// Two paths that match the same requests: equal but for the names of variables.
bool same_shape(std::string_view a, std::string_view b) {
    const auto left = segments_of(a);
    const auto right = segments_of(b);
    if (left.size() != right.size()) {
        return false;
    }
    for (std::size_t i = 0; i < left.size(); ++i) {
        const bool variables = is_variable(left[i]) && is_variable(right[i]) &&
                               left[i].ends_with("+}") == right[i].ends_with("+}");
        if (!variables && left[i] != right[i]) {
            return false;
        }
    }
    return true;
}

} // namespace

AwsError bad_request(std::string_view message) {
    return AwsError(400, "BadRequestException", message);
}

AwsError missing(std::string_view message) {
    return AwsError(404, "NotFoundException", message);
}

AwsError conflicting(std::string_view message) {
    return AwsError(409, "ConflictException", message);
}

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
    const auto& list = api.model.authorizers;
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

Result<void> check_route_key(std::string_view key) {
    constexpr std::array methods{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "ANY"};
    if (key == "$default") {
        return {};
    }
    const std::size_t space = key.find(' ');
    const std::string_view method = key.substr(0, std::min(space, key.size()));
    const std::string_view path =
        space == std::string_view::npos ? std::string_view{} : key.substr(space + 1);
    bool shaped = std::find(methods.begin(), methods.end(), method) != methods.end() &&
                  path.starts_with('/') && path.size() <= 1024 &&
                  path.find(' ') == std::string_view::npos;
    const auto segments = segments_of(path);
    for (std::size_t i = 0; shaped && i < segments.size(); ++i) {
        const bool braces = segments[i].find_first_of("{}") != std::string_view::npos;
        const bool greedy = segments[i].ends_with("+}");
        shaped = (!braces || is_variable(segments[i])) && (!greedy || i + 1 == segments.size());
    }
    if (!shaped) {
        return bad_request(
            "The provided route key is not formatted properly for HTTP protocol. Format should be "
            "\"<HTTP METHOD> /<RESOURCE PATH>\" or \"$default\""
        );
    }
    return {};
}

Result<void> check_route_is_new(const ApiModel& model, std::string_view key, std::string_view but) {
    for (const Route& route : model.current.routes) {
        if (route.id == but) {
            continue;
        }
        if (route.key == key) {
            return conflicting(
                "Route with key " + std::string(key) + " already exists for this API"
            );
        }
        const std::size_t ours = key.find(' ');
        const std::size_t theirs = route.key.find(' ');
        if (ours != std::string_view::npos && theirs != std::string::npos &&
            key.substr(0, ours) == std::string_view(route.key).substr(0, theirs) &&
            same_shape(key.substr(ours + 1), std::string_view(route.key).substr(theirs + 1))) {
            return conflicting(
                "The provided route key \"" + std::string(key) +
                "\" has a conflicting variable on the same hierarchical level as \"" + route.key +
                "\""
            );
        }
    }
    return {};
}

Result<void> check_integration(const Integration& integration) {
    if (integration.type == "HTTP_PROXY") {
        return bad_request("Benchtop opens no connection to the outside: an integration of type "
                           "HTTP_PROXY has nothing to reach. Use AWS_PROXY with a function.");
    }
    if (integration.type != "AWS_PROXY") {
        return bad_request("Currently, an API with a protocol type of HTTP may only be associated "
                           "with proxy integrations (AWS_PROXY, HTTP_PROXY)");
    }
    if (integration.payload_format_version.empty()) {
        return bad_request("PayloadFormatVersion is a required parameter for integration");
    }
    if (integration.payload_format_version != "1.0" &&
        integration.payload_format_version != "2.0") {
        return bad_request("Invalid PayloadFormatVersion specified. Supported values are 1.0, 2.0");
    }
    if (integration.uri.empty() || !integration.uri.starts_with("arn:aws:")) {
        return bad_request("Invalid integration URI specified.");
    }
    if (integration.timeout_in_millis < 50 || integration.timeout_in_millis > 30000) {
        return bad_request("Timeout should be between 50 ms and 30000 ms");
    }
    return {};
}

} // namespace benchtop::apigateway
