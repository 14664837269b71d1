#include "emulator/apigateway/control_plane.hpp"

#include "emulator/apigateway/control_handlers.hpp"

#include <array>

namespace benchtop::apigateway {
namespace {

using service::Operation;

// IAM's actions are the methods: apigateway:POST on the path.
constexpr Operation row(std::string_view name, std::string_view method, std::string_view path) {
    Operation operation;
    operation.name = name;
    operation.method = method;
    operation.path = path;
    operation.iam_action = "apigateway:METHOD";
    operation.access_requests = access_by_path;
    return operation;
}

constexpr Operation reads(Operation operation, decltype(Operation::read) read) {
    operation.read = read;
    return operation;
}

constexpr Operation writes(Operation operation, decltype(Operation::write) write) {
    operation.access = service::Access::Write;
    operation.write = write;
    return operation;
}

constexpr std::array kOperations{
    writes(row("CreateApi", "POST", "/v2/apis"), create_api),
    reads(row("GetApis", "GET", "/v2/apis"), get_apis),
    reads(row("GetApi", "GET", "/v2/apis/{id}"), get_api),
    writes(row("UpdateApi", "PATCH", "/v2/apis/{id}"), update_api),
    writes(row("DeleteApi", "DELETE", "/v2/apis/{id}"), delete_api),
    writes(row("DeleteCorsConfiguration", "DELETE", "/v2/apis/{id}/cors"), delete_cors),
    writes(row("CreateIntegration", "POST", "/v2/apis/{id}/integrations"), create_integration),
    reads(row("GetIntegrations", "GET", "/v2/apis/{id}/integrations"), get_integrations),
    reads(row("GetIntegration", "GET", "/v2/apis/{id}/integrations/{i}"), get_integration),
    writes(row("UpdateIntegration", "PATCH", "/v2/apis/{id}/integrations/{i}"), update_integration),
    writes(
        row("DeleteIntegration", "DELETE", "/v2/apis/{id}/integrations/{i}"), delete_integration
    ),
    writes(row("CreateRoute", "POST", "/v2/apis/{id}/routes"), create_route),
    reads(row("GetRoutes", "GET", "/v2/apis/{id}/routes"), get_routes),
    reads(row("GetRoute", "GET", "/v2/apis/{id}/routes/{i}"), get_route),
    writes(row("UpdateRoute", "PATCH", "/v2/apis/{id}/routes/{i}"), update_route),
    writes(row("DeleteRoute", "DELETE", "/v2/apis/{id}/routes/{i}"), delete_route),
    writes(row("CreateStage", "POST", "/v2/apis/{id}/stages"), create_stage),
    reads(row("GetStages", "GET", "/v2/apis/{id}/stages"), get_stages),
    reads(row("GetStage", "GET", "/v2/apis/{id}/stages/{i}"), get_stage),
    writes(row("UpdateStage", "PATCH", "/v2/apis/{id}/stages/{i}"), update_stage),
    writes(row("DeleteStage", "DELETE", "/v2/apis/{id}/stages/{i}"), delete_stage),
    writes(
        row("DeleteRouteSettings", "DELETE", "/v2/apis/{id}/stages/{i}/routesettings/{key}"),
        delete_route_settings
    ),
    writes(
        row("DeleteAccessLogSettings", "DELETE", "/v2/apis/{id}/stages/{i}/accesslogsettings"),
        delete_access_log_settings
    ),
    writes(row("CreateDeployment", "POST", "/v2/apis/{id}/deployments"), create_deployment),
    reads(row("GetDeployments", "GET", "/v2/apis/{id}/deployments"), get_deployments),
    reads(row("GetDeployment", "GET", "/v2/apis/{id}/deployments/{i}"), get_deployment),
    writes(row("DeleteDeployment", "DELETE", "/v2/apis/{id}/deployments/{i}"), delete_deployment),
    writes(row("CreateAuthorizer", "POST", "/v2/apis/{id}/authorizers"), create_authorizer),
    reads(row("GetAuthorizers", "GET", "/v2/apis/{id}/authorizers"), get_authorizers),
    reads(row("GetAuthorizer", "GET", "/v2/apis/{id}/authorizers/{i}"), get_authorizer),
    writes(row("UpdateAuthorizer", "PATCH", "/v2/apis/{id}/authorizers/{i}"), update_authorizer),
    writes(row("DeleteAuthorizer", "DELETE", "/v2/apis/{id}/authorizers/{i}"), delete_authorizer),
    writes(row("TagResource", "POST", "/v2/tags/{arn+}"), tag_resource),
    reads(row("GetTags", "GET", "/v2/tags/{arn+}"), get_tags),
    writes(row("UntagResource", "DELETE", "/v2/tags/{arn+}"), untag_resource),
};

} // namespace

service::ServiceTable service_table() {
    return {
        .name = "apigateway",
        .protocol = service::Protocol::RestJson,
        .operations = kOperations,
    };
}

} // namespace benchtop::apigateway
