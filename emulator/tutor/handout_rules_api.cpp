// Part 3 of the handout: the HTTP API, its integration, route, stage and permission.
#include "emulator/apigateway/routing.hpp"
#include "emulator/core/encoding.hpp"
#include "emulator/tutor/handout_rules.hpp"
#include "emulator/tutor/missing_permission.hpp"

#include <algorithm>

namespace benchtop::tutor {
namespace {

using apigateway::Integration;
using apigateway::Route;
using apigateway::Stage;

std::string api_command(const LabFacts& facts, std::string_view operation) {
    return "aws apigatewayv2 " + std::string(operation) + " --api-id " + facts.api.id;
}

std::optional<Verdict> exists(const LabFacts& facts) {
    if (facts.api.exists) {
        return std::nullopt;
    }
    return missing(
        "api-missing",
        "There is no HTTP API " + std::string(kHandoutApi) + ".",
        "aws apigatewayv2 create-api --name " + std::string(kHandoutApi) + " --protocol-type HTTP"
    );
}

std::optional<Verdict> endpoint_enabled(const LabFacts& facts) {
    if (!facts.api.model.disable_execute_api_endpoint) {
        return std::nullopt;
    }
    return wrong(
        "endpoint-disabled",
        "The API's execute-api endpoint is switched off.",
        api_command(facts, "update-api") + " --no-disable-execute-api-endpoint"
    );
}

std::optional<Verdict> cors_lets_post_in(const LabFacts& facts) {
    const auto& cors = facts.api.model.cors;
    if (!cors) {
        return std::nullopt;
    }
    const auto& methods = cors->allow_methods;
    const bool post = std::any_of(methods.begin(), methods.end(), [](const std::string& method) {
        return method == "*" || iequals(method, "POST");
    });
    if (post && !cors->allow_origins.empty()) {
        return std::nullopt;
    }
    return wrong(
        "cors",
        "The API has a CORS configuration that lets no page POST, and it takes the place of the "
        "headers the function sends.",
        api_command(facts, "update-api") +
            " --cors-configuration 'AllowOrigins=*,AllowMethods=POST,OPTIONS,AllowHeaders=*'"
    );
}

// --- integration

const Integration* integration_of_web(const LabFacts& facts) {
    const auto& all = facts.api.model.current.integrations;
    const auto found = std::find_if(all.begin(), all.end(), [&](const Integration& integration) {
        return function_of_uri(integration.uri) == facts.web.arn;
    });
    return found == all.end() ? nullptr : &*found;
}

std::optional<Verdict> has_api(const LabFacts& facts) {
    return facts.api.exists ? std::nullopt : std::optional(waits_for("the HTTP API"));
}

std::optional<Verdict> integration_leads_to_web(const LabFacts& facts) {
    const auto& all = facts.api.model.current.integrations;
    if (integration_of_web(facts) != nullptr) {
        return std::nullopt;
    }
    if (all.empty()) {
        return missing(
            "integration-missing",
            "The API has no integration with " + facts.web.name + ".",
            api_command(facts, "create-integration") +
                " --integration-type AWS_PROXY --payload-format-version 2.0 --integration-uri " +
                facts.web.arn
        );
    }
    return wrong(
        "integration-target",
        "The integration " + all.front().id + " leads to " + all.front().uri + ", not to " +
            facts.web.name + ".",
        api_command(facts, "update-integration") + " --integration-id " + all.front().id +
            " --integration-uri " + facts.web.arn
    );
}

// --- route

std::string_view path_of(std::string_view key) {
    const auto space = key.find(' ');
    return space == std::string_view::npos ? std::string_view{} : key.substr(space + 1);
}

std::string_view method_of(std::string_view key) {
    return key.substr(0, key.find(' '));
}

bool serves(const Route& route) {
    return route.key == kHandoutRoute || route.key == "ANY /presign" || route.key == "$default" ||
           (path_of(route.key) == "/{proxy+}" &&
            (method_of(route.key) == "ANY" || method_of(route.key) == "POST"));
}

const Route* serving_route(const LabFacts& facts) {
    const auto& routes = facts.api.model.current.routes;
    const auto found = std::find_if(routes.begin(), routes.end(), serves);
    return found == routes.end() ? nullptr : &*found;
}

std::string put_key(const LabFacts& facts, const Route& route) {
    return api_command(facts, "update-route") + " --route-id " + route.id +
           " --route-key 'POST /presign'";
}

std::optional<Verdict> route_there(const LabFacts& facts) {
    const auto& routes = facts.api.model.current.routes;
    if (serving_route(facts) != nullptr) {
        return std::nullopt;
    }
    for (const Route& route : routes) {
        if (path_of(route.key) == "/presign") {
            return wrong(
                "route-method",
                "The route is " + route.key +
                    "; the handout's is POST /presign, and any other "
                    "method gets {\"message\":\"Not Found\"}.",
                put_key(facts, route)
            );
        }
    }
    if (!routes.empty()) {
        return wrong(
            "route-path",
            "The route is " + routes.front().key +
                "; the handout's is POST /presign, letter by "
                "letter.",
            put_key(facts, routes.front())
        );
    }
    const Integration* const integration = integration_of_web(facts);
    return missing(
        "route-missing",
        "The API has no route POST /presign.",
        api_command(facts, "create-route") + " --route-key 'POST /presign' --target integrations/" +
            (integration != nullptr ? integration->id : std::string("INTEGRATION_ID"))
    );
}

std::optional<Verdict> route_leads_to_web(const LabFacts& facts) {
    const Route& route = *serving_route(facts);
    const Integration* const integration = integration_of_web(facts);
    if (integration == nullptr) {
        return waits_for("the integration");
    }
    const auto& all = facts.api.model.current.integrations;
    const bool right = std::any_of(all.begin(), all.end(), [&](const Integration& candidate) {
        return route.target == "integrations/" + candidate.id &&
               function_of_uri(candidate.uri) == facts.web.arn;
    });
    if (right) {
        return std::nullopt;
    }
    return wrong(
        "route-target",
        "The route " + route.key + " is not attached to the integration with " + facts.web.name +
            ".",
        api_command(facts, "update-route") + " --route-id " + route.id + " --target integrations/" +
            integration->id
    );
}

// --- stage

const Stage* prod(const LabFacts& facts) {
    const auto& stages = facts.api.model.stages;
    const auto found = std::find_if(stages.begin(), stages.end(), [](const Stage& stage) {
        return stage.name == kHandoutStage;
    });
    return found == stages.end() ? nullptr : &*found;
}

std::optional<Verdict> stage_there(const LabFacts& facts) {
    if (prod(facts) != nullptr) {
        return std::nullopt;
    }
    const std::string fix = api_command(facts, "create-stage") + " --stage-name prod --auto-deploy";
    const auto& stages = facts.api.model.stages;
    if (stages.empty()) {
        return missing("stage-missing", "The API has no stage prod.", fix);
    }
    return wrong(
        "stage-name",
        "The API has the stage " + stages.front().name +
            " but no stage prod: /prod/presign gets "
            "{\"message\":\"Not Found\"}.",
        fix
    );
}

std::optional<Verdict> stage_deployed(const LabFacts& facts) {
    const Stage& stage = *prod(facts);
    const auto& deployed = stage.deployed;
    const bool has_route = std::any_of(deployed.routes.begin(), deployed.routes.end(), serves);
    const bool leads_to_web = std::any_of(
        deployed.integrations.begin(),
        deployed.integrations.end(),
        [&](const Integration& integration) {
            return function_of_uri(integration.uri) == facts.web.arn;
        }
    );
    if ((has_route && leads_to_web) || serving_route(facts) == nullptr ||
        integration_of_web(facts) == nullptr) {
        return std::nullopt; // there is nothing to deploy yet, which other steps say
    }
    return wrong(
        "stage-not-deployed",
        "The stage prod has auto-deploy off and still serves an older deployment, without the "
        "route or its integration.",
        stage.auto_deploy ? api_command(facts, "create-deployment") + " --stage-name prod"
                          : api_command(facts, "update-stage") + " --stage-name prod --auto-deploy"
    );
}

// --- permission

std::optional<Verdict> api_may_invoke(const LabFacts& facts) {
    if (!facts.web.exists) {
        return waits_for("the function " + facts.web.name);
    }
    if (facts.web.permits) {
        return std::nullopt;
    }
    const std::string pattern = "arn:aws:execute-api:" + facts.region + ":" + facts.account + ":" +
                                facts.api.id + "/*/*/presign";
    const auto wanted =
        missing_invoke_permission(facts.web.arn, "apigateway.amazonaws.com", pattern, "");
    if (facts.web.permitted_sources.empty()) {
        return missing(
            "api-permission",
            "The function " + facts.web.name +
                " has no permission for this API: callers get 500 Internal Server Error.",
            wanted.command
        );
    }
    return wrong(
        "api-permission-source",
        "The permission of " + facts.web.name + " for API Gateway is for " +
            facts.web.permitted_sources.front() + ", which is not this API's POST /presign.",
        wanted.command
    );
}

constexpr Rule kApi[] = {exists, endpoint_enabled, cors_lets_post_in};
constexpr Rule kIntegration[] = {has_api, integration_leads_to_web};
constexpr Rule kRoute[] = {has_api, route_there, route_leads_to_web};
constexpr Rule kStage[] = {has_api, stage_there, stage_deployed};
constexpr Rule kPermission[] = {has_api, api_may_invoke};

} // namespace

std::string function_of_uri(std::string_view uri) {
    constexpr std::string_view functions = "/functions/";
    constexpr std::string_view invocations = "/invocations";
    if (uri.starts_with("arn:aws:apigateway:")) {
        const auto begin = uri.find(functions);
        if (begin == std::string_view::npos || !uri.ends_with(invocations)) {
            return {};
        }
        uri.remove_prefix(begin + functions.size());
        uri.remove_suffix(std::min(uri.size(), invocations.size()));
    }
    if (!uri.starts_with("arn:aws:lambda:")) {
        return {};
    }
    std::size_t colons = 0;
    for (std::size_t at = 0; at < uri.size(); ++at) {
        if (uri[at] == ':' && ++colons == 7) {
            return std::string(uri.substr(0, at)); // without the qualifier
        }
    }
    return std::string(uri);
}

std::span<const Rule> api_rules() {
    return kApi;
}

std::span<const Rule> integration_rules() {
    return kIntegration;
}

std::span<const Rule> route_rules() {
    return kRoute;
}

std::span<const Rule> stage_rules() {
    return kStage;
}

std::span<const Rule> api_permission_rules() {
    return kPermission;
}

} // namespace benchtop::tutor
