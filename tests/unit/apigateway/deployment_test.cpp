// What a stage answers from: snapshots, with their authorizers.
#include "tests/unit/apigateway/control_lab.hpp"

using namespace benchtop;
using namespace benchtop::apigateway;

namespace {

json::object jwt(const std::string& name, const std::string& source = "$request.querystring.t") {
    return {
        {"authorizerType", "JWT"},
        {"name", name},
        {"identitySource", {source}},
        {"jwtConfiguration", {{"issuer", "https://issuer.example"}, {"audience", {"lab"}}}}};
}

std::string make_authorizer(ControlLab& control, const std::string& api) {
    return ControlLab::text(
        control.ok(201, "POST", "apis/" + api + "/authorizers", jwt("tokens")), "authorizerId"
    );
}

} // namespace

TEST_CASE("an authorizer that a route needs is not deleted", "[apigateway][jwt]") {
    ControlLab control;
    const std::string api = control.make_api();
    const std::string authorizer = make_authorizer(control, api);
    const std::string at = "apis/" + api + "/authorizers/" + authorizer;
    const std::string route = control.make_route(
        api, "GET /guarded", {{"authorizationType", "JWT"}, {"authorizerId", authorizer}}
    );
    CHECK(control.refused("DELETE", at) == "409 ConflictException");
    control.ok(204, "DELETE", "apis/" + api + "/routes/" + route);
    control.ok(204, "DELETE", at);
    CHECK(control.refused("GET", at) == "404 NotFoundException");
}

TEST_CASE("a stage keeps the authorizers of its deployment", "[apigateway][jwt]") {
    ControlLab control;
    const std::string api = control.make_api();
    const std::string authorizer = make_authorizer(control, api);
    const std::string route = control.make_route(
        api, "GET /guarded", {{"authorizationType", "JWT"}, {"authorizerId", authorizer}}
    );
    control.make_stage(api, "prod", false);
    control.make_stage(api, "live");
    control.permit(api);
    control.ok(201, "POST", "apis/" + api + "/deployments", {{"stageName", "prod"}});
    const auto asked = [&](const std::string& stage, const std::string& query) {
        const auto answer = control.ask(api, "GET", "/" + stage + "/guarded" + query);
        return std::string(answer.headers.get("www-authenticate"));
    };
    CHECK(asked("prod", "") == "Bearer");
    // Changed: where autoDeploy is on it counts at once, elsewhere with the next deployment.
    control.ok(
        200,
        "PATCH",
        "apis/" + api + "/authorizers/" + authorizer,
        {{"identitySource", {"$request.querystring.other"}}}
    );
    CHECK(asked("live", "?other=x").find("unable to decode") != std::string::npos);
    CHECK(asked("live", "?t=x") == "Bearer");
    CHECK(asked("prod", "?t=x").find("unable to decode") != std::string::npos);
    // Gone: the deployment still has it, and still asks for a token.
    control.ok(200, "PATCH", "apis/" + api + "/routes/" + route, {{"authorizationType", "NONE"}});
    control.ok(204, "DELETE", "apis/" + api + "/authorizers/" + authorizer);
    CHECK(control.ask(api, "GET", "/live/guarded").status == 200);
    CHECK(control.ask(api, "GET", "/prod/guarded").status == 401);
    control.ok(201, "POST", "apis/" + api + "/deployments", {{"stageName", "prod"}});
    CHECK(control.ask(api, "GET", "/prod/guarded").status == 200);
}

TEST_CASE("a deployment in use is kept, the others go", "[apigateway]") {
    ControlLab control;
    const std::string api = control.make_api();
    control.make_route(api, "GET /a");
    control.make_stage(api, "prod", false);
    const std::string at = "apis/" + api + "/deployments";
    const std::string used = ControlLab::text(
        control.ok(201, "POST", at, {{"stageName", "prod"}, {"description", "one"}}), "deploymentId"
    );
    const std::string idle = ControlLab::text(control.ok(201, "POST", at), "deploymentId");
    CHECK(control.refused("DELETE", at + "/" + used) == "400 BadRequestException");
    control.ok(204, "DELETE", at + "/" + idle);
    CHECK(control.refused("GET", at + "/" + idle) == "404 NotFoundException");
    CHECK(ControlLab::text(control.ok(200, "GET", at + "/" + used), "description") == "one");
}
