// APIs, their CORS configuration and tags.
#include "emulator/apigateway/control_handlers.hpp"
#include "emulator/apigateway/integration_uri.hpp"
#include "emulator/core/encoding.hpp"
#include "emulator/core/ids.hpp"
#include "emulator/policy/function_policy.hpp"
#include "emulator/service/function_settings.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace benchtop::apigateway {
namespace {

using protocol::JsonInput;
using protocol::JsonWriter;

constexpr std::size_t kApisMax = 600;
constexpr std::size_t kNameMax = 128;
constexpr std::size_t kVersionMax = 64;
constexpr std::size_t kSelectionMax = 128; // Benchtop's own

void write_cors(JsonWriter& json, const CorsConfiguration& cors) {
    json.key("corsConfiguration").begin_object();
    if (cors.allow_credentials) {
        json.key("allowCredentials").boolean(true);
    }
    const auto list = [&json](std::string_view name, const std::vector<std::string>& texts) {
        if (!texts.empty()) {
            write_texts(json, name, texts);
        }
    };
    list("allowHeaders", cors.allow_headers);
    list("allowMethods", cors.allow_methods);
    list("allowOrigins", cors.allow_origins);
    list("exposeHeaders", cors.expose_headers);
    if (cors.max_age) {
        json.member("maxAge", std::int64_t{*cors.max_age});
    }
    json.end_object();
}

void write_api(JsonWriter& json, const LoadedApi& api) {
    const ApiModel& model = api.model;
    json.begin_object().member("apiEndpoint", api.endpoint());
    json.member("apiId", api.row.api_id)
        .member("apiKeySelectionExpression", model.api_key_selection);
    if (model.cors) {
        write_cors(json, *model.cors);
    }
    json.member("createdDate", time_text(api.row.created_at));
    if (!model.description.empty()) {
        json.member("description", model.description);
    }
    json.key("disableExecuteApiEndpoint").boolean(model.disable_execute_api_endpoint);
    json.member("ipAddressType", "ipv4")
        .member("name", api.row.name)
        .member("protocolType", "HTTP")
        .member("routeSelectionExpression", "$request.method $request.path");
    write_map(json, "tags", model.tags);
    if (!model.version.empty()) {
        json.member("version", model.version);
    }
    json.end_object();
}

Response api_response(int status, const LoadedApi& api) {
    JsonWriter json;
    write_api(json, api);
    return json_response(status, std::move(json).take());
}

Result<void> read_cors(const JsonInput& json, std::optional<CorsConfiguration>& cors) {
    const auto given = json.object("corsConfiguration");
    if (!given) {
        return given.error();
    }
    if (*given == nullptr) {
        return {};
    }
    const JsonInput members(**given);
    CorsConfiguration read;
    auto taken = all_of(
        {read_flag(members, "allowCredentials", read.allow_credentials),
         read_texts(members, "allowHeaders", read.allow_headers),
         read_texts(members, "allowMethods", read.allow_methods),
         read_texts(members, "allowOrigins", read.allow_origins),
         read_texts(members, "exposeHeaders", read.expose_headers)}
    );
    if (!taken) {
        return taken.error();
    }
    const auto age = members.integer("maxAge");
    if (!age) {
        return age.error();
    }
    if (*age) {
        if (**age < -1 || **age > 86400) {
            return bad_request("maxAge must be between -1 and 86400");
        }
        read.max_age = static_cast<int>(**age);
    }
    if (auto fits = check_cors(read); !fits) {
        return fits.error();
    }
    cors = std::move(read);
    return {};
}

Result<void> read_api(const service::Call& call, LoadedApi& api) {
    const JsonInput json(call.json);
    auto taken = all_of(
        {read_text(json, "name", api.row.name),
         read_text(json, "description", api.model.description),
         read_text(json, "version", api.model.version),
         read_text(json, "apiKeySelectionExpression", api.model.api_key_selection),
         read_flag(json, "disableExecuteApiEndpoint", api.model.disable_execute_api_endpoint),
         read_cors(json, api.model.cors),
         refuse_members(
             call.json,
             {"credentialsArn"},
             "is not something Benchtop has: a function is invoked by its resource policy."
         ),
         refuse_members(call.json, {"disableSchemaValidation"}, "is for WebSocket APIs."),
         check_length("description", api.model.description, kDescriptionMax),
         check_length("version", api.model.version, kVersionMax),
         check_length("apiKeySelectionExpression", api.model.api_key_selection, kSelectionMax)}
    );
    if (!taken) {
        return taken.error();
    }
    std::string addresses = "ipv4";
    if (auto given = read_text(json, "ipAddressType", addresses); !given) {
        return given.error();
    }
    if (addresses != "ipv4") {
        return bad_request("Benchtop has no dualstack endpoints: ipAddressType must be ipv4.");
    }
    if (api.row.name.empty() || !check_length("name", api.row.name, kNameMax)) {
        return bad_request("Invalid API name specified. Must be between 1 and 128 characters");
    }
    std::string selection = "$request.method $request.path";
    if (auto given = read_text(json, "routeSelectionExpression", selection); !given) {
        return given.error();
    }
    if (selection != "$request.method $request.path" &&
        selection != "${request.method} ${request.path}") {
        return bad_request("Route selection expression must be `${request.method} ${request.path}` "
                           "for APIs with a protocol type of HTTP");
    }
    return {};
}

// A function's ARN, plain (model of the service, CreateApiRequest.Target).
Result<void> check_target(std::string_view target) {
    if (function_of(target) != target) {
        return bad_request("Benchtop opens no connection to the outside: a quick create's target "
                           "must be the ARN of a function.");
    }
    return {};
}

// Quick create: an integration, a route and the stage $default; and the function's permission, when
// the caller may give it.
Result<void> quick_create(
    store::WriteTx& tx, const service::Call& call, const std::string& target, LoadedApi& api
) {
    std::string route_key = "$default";
    if (auto given = read_text(JsonInput(call.json), "routeKey", route_key); !given) {
        return given.error();
    }
    if (auto shaped = check_route_key(route_key); !shaped) {
        return shaped.error();
    }
    if (auto fits = check_target(target); !fits) {
        return fits.error();
    }
    Random& random = call.context.random;
    Integration integration;
    integration.id = make_api_id(random, 7);
    integration.type = "AWS_PROXY";
    integration.uri = target;
    integration.payload_format_version = "2.0";
    integration.managed = true;
    Route route;
    route.id = make_api_id(random, 7);
    route.key = route_key;
    route.target = "integrations/" + integration.id;
    route.managed = true;
    api.model.current.integrations.push_back(integration);
    api.model.current.routes.push_back(route);
    Stage stage;
    stage.name = "$default";
    stage.auto_deploy = true;
    stage.managed = true;
    stage.created_at = stage.updated_at = call.context.now;
    api.model.stages.push_back(stage);
    deploy_automatically(api.model, call.context);

    const auto ref = service::parse_function_ref(target);
    auto function = ref ? tx.find_function(ref->account, ref->region, ref->name) : std::nullopt;
    if (!function || !ref->qualifier.empty()) {
        return {};
    }
    service::AccessRequest request;
    request.action = "lambda:AddPermission";
    request.resource = function->arn();
    request.resource_account = function->account;
    request.resource_policy = function->policy;
    if (!call.context.authorizer.check(request)) {
        return {};
    }
    const std::size_t space = route_key.find(' ');
    const std::string scope =
        space == std::string::npos ? "/*/$default" : "/*/*" + route_key.substr(space + 1);
    policy::FunctionPermission permission;
    permission.statement_id = make_uuid(random);
    permission.action = "lambda:InvokeFunction";
    permission.principal = "apigateway.amazonaws.com";
    permission.source_arn = "arn:aws:execute-api:" + api.row.region + ":" + api.row.account + ":" +
                            api.row.api_id + scope;
    if (auto policy = policy::with_statement(function->policy, permission, function->arn())) {
        function->policy = *std::move(policy);
        tx.put_function(*function);
    }
    return {};
}

// UpdateApi's routeKey and target: they change what quick create made.
Result<void> update_quick_create(const service::Call& call, ApiModel& model) {
    const JsonInput json(call.json);
    std::string key;
    std::string target;
    if (auto read = all_of({read_text(json, "routeKey", key), read_text(json, "target", target)});
        !read) {
        return read.error();
    }
    if (key.empty() && target.empty()) {
        return {};
    }
    const auto is_managed = [](const auto& part) { return part.managed; };
    auto& routes = model.current.routes;
    auto& integrations = model.current.integrations;
    const auto route = std::find_if(routes.begin(), routes.end(), is_managed);
    const auto integration = std::find_if(integrations.begin(), integrations.end(), is_managed);
    if (route == routes.end() || integration == integrations.end()) {
        return bad_request("routeKey and target change what quick create made: this API was made "
                           "without a target.");
    }
    if (!key.empty()) {
        auto fits = all_of({check_route_key(key), check_route_is_new(model, key, route->id)});
        if (!fits) {
            return fits.error();
        }
        route->key = key;
    }
    if (!target.empty()) {
        if (auto fits = check_target(target); !fits) {
            return fits.error();
        }
        integration->uri = target;
    }
    deploy_automatically(model, call.context);
    return {};
}

// Tags of an API or a stage: arn:aws:apigateway:REGION::/apis/ID[/stages/NAME]. They are part of
// what `storage` then holds.
using Tags = std::vector<std::pair<std::string, std::string>>;

Result<Tags*> load_tagged(const store::ReadTx& tx, service::Call& call, LoadedApi& storage) {
    const std::string arn = call.labels.at(0);
    constexpr std::string_view mark = "::/apis/";
    const std::size_t at = arn.find(mark);
    if (!arn.starts_with("arn:aws:apigateway:") || at == std::string::npos) {
        return bad_request("Invalid resource ARN specified");
    }
    constexpr std::size_t region_at = std::string_view("arn:aws:apigateway:").size();
    if (at < region_at || arn.substr(region_at, at - region_at) != call.context.region) {
        return bad_request("Invalid resource ARN specified");
    }
    const std::string path = arn.substr(at + mark.size());
    const std::size_t slash = path.find("/stages/");
    call.labels[0] = path.substr(0, slash);
    auto api = load_api(tx, call);
    call.labels[0] = arn;
    if (!api) {
        return api.error();
    }
    storage = *std::move(api);
    if (slash == std::string::npos) {
        return &storage.model.tags;
    }
    const auto stage = find_stage(storage, path.substr(slash + 8));
    if (!stage) {
        return stage.error();
    }
    return &storage.model.stages[*stage].tags;
}

} // namespace

Result<Response> create_api(store::WriteTx& tx, service::Call& call) {
    const JsonInput json(call.json);
    std::string protocol;
    std::string target;
    auto taken =
        all_of({read_text(json, "protocolType", protocol), read_text(json, "target", target)});
    if (!taken) {
        return taken.error();
    }
    if (protocol == "WEBSOCKET") {
        return bad_request("Benchtop has HTTP APIs only: protocolType must be HTTP.");
    }
    if (protocol != "HTTP") {
        return bad_request("Invalid protocol specified. Must be one of [HTTP, WEBSOCKET]");
    }
    LoadedApi api;
    api.row.api_id = make_api_id(call.context.random, 10);
    api.row.account = call.account();
    api.row.region = call.context.region;
    api.row.created_at = call.context.now;
    if (auto read = read_api(call, api); !read) {
        return read.error();
    }
    if (auto read = read_map(json, "tags", api.model.tags); !read) {
        return read.error();
    }
    if (auto fit = check_tags(api.model.tags); !fit) {
        return fit.error();
    }
    const auto apis = tx.list_apis();
    if (std::count_if(apis.begin(), apis.end(), [&](const auto& row) {
            return row.account == call.account() && row.region == call.context.region;
        }) >= static_cast<std::ptrdiff_t>(kApisMax)) {
        return AwsError(429, "TooManyRequestsException", "Too Many Requests");
    }
    if (!target.empty()) {
        if (auto made = quick_create(tx, call, target, api); !made) {
            return made.error();
        }
    }
    save_api(tx, api);
    return api_response(201, api);
}

Result<Response> get_api(const store::ReadTx& tx, service::Call& call) {
    const auto api = load_api(tx, call);
    if (!api) {
        return api.error();
    }
    return api_response(200, *api);
}

Result<Response> get_apis(const store::ReadTx& tx, service::Call& call) {
    std::vector<LoadedApi> apis;
    for (store::HttpApi& row : tx.list_apis()) {
        auto model = parse_model(row.document);
        if (model && row.account == call.account() && row.region == call.context.region) {
            apis.push_back({std::move(row), *std::move(model)});
        }
    }
    return write_items(call, apis.size(), [&](JsonWriter& json, std::size_t i) {
        write_api(json, apis[i]);
    });
}

Result<Response> update_api(store::WriteTx& tx, service::Call& call) {
    auto api = load_api(tx, call);
    if (!api) {
        return api.error();
    }
    if (auto read = read_api(call, *api); !read) {
        return read.error();
    }
    if (auto changed = update_quick_create(call, api->model); !changed) {
        return changed.error();
    }
    save_api(tx, *api);
    return api_response(200, *api);
}

Result<Response> delete_api(store::WriteTx& tx, service::Call& call) {
    const auto api = load_api(tx, call);
    if (!api) {
        return api.error();
    }
    tx.delete_api(api->row.api_id);
    return no_content();
}

Result<Response> delete_cors(store::WriteTx& tx, service::Call& call) {
    auto api = load_api(tx, call);
    if (!api) {
        return api.error();
    }
    api->model.cors.reset();
    save_api(tx, *api);
    return no_content();
}

Result<Response> tag_resource(store::WriteTx& tx, service::Call& call) {
    LoadedApi api;
    const auto tagged = load_tagged(tx, call, api);
    if (!tagged) {
        return tagged.error();
    }
    std::vector<std::pair<std::string, std::string>> added;
    if (auto read = read_map(JsonInput(call.json), "tags", added); !read) {
        return read.error();
    }
    for (auto& tag : added) {
        std::erase_if(**tagged, [&](const auto& old) { return old.first == tag.first; });
        (*tagged)->push_back(std::move(tag));
    }
    if (auto fit = check_tags(**tagged); !fit) {
        return fit.error();
    }
    save_api(tx, api);
    return json_response(201, "{}");
}

Result<Response> untag_resource(store::WriteTx& tx, service::Call& call) {
    LoadedApi api;
    const auto tagged = load_tagged(tx, call, api);
    if (!tagged) {
        return tagged.error();
    }
    const Query query = Query::parse(call.head.query());
    for (const auto& parameter : query.parameters()) {
        if (parameter.name == "tagKeys") {
            std::erase_if(**tagged, [&](const auto& tag) { return tag.first == parameter.value; });
        }
    }
    save_api(tx, api);
    return no_content();
}

Result<Response> get_tags(const store::ReadTx& tx, service::Call& call) {
    LoadedApi api;
    const auto tagged = load_tagged(tx, call, api);
    if (!tagged) {
        return tagged.error();
    }
    JsonWriter json;
    json.begin_object();
    write_map(json, "tags", **tagged);
    json.end_object();
    return json_response(200, std::move(json).take());
}

} // namespace benchtop::apigateway
