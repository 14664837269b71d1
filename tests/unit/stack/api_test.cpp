// HTTP APIs of a stack: what is kept, and what is refused.
#include "emulator/apigateway/routing.hpp"
#include "emulator/pipeline/service_tables.hpp"
#include "emulator/stack/deploy.hpp"
#include "emulator/stack/export.hpp"
#include "emulator/stack/template.hpp"
#include "emulator/store/store.hpp"
#include "tests/catch.hpp"

using namespace benchtop;
using namespace benchtop::stack;

namespace {

struct CountingRandom : Random {
    char next = 0;

    void fill(RandomStream, std::span<char> bytes) override {
        for (char& c : bytes) {
            c = next++;
        }
    }
};

// An API before which `more` resources stand, deployed; what refused it, or the API and the export.
struct Deployed {
    std::string refused;
    apigateway::ApiModel model;
    Export exported;
};

std::string api_template(std::string_view more) {
    return "Resources:\n"
           "  Api:\n"
           "    Type: AWS::ApiGatewayV2::Api\n"
           "    Metadata: {Benchtop: {Id: abcdefghij}}\n"
           "    Properties:\n"
           "      Name: n\n"
           "      ProtocolType: HTTP\n"
           "      CorsConfiguration: {AllowOrigins: ['https://a.example'], MaxAge: 60, "
           "AllowCredentials: true}\n"
           "  Integration:\n"
           "    Type: AWS::ApiGatewayV2::Integration\n"
           "    Properties:\n"
           "      ApiId: !Ref Api\n"
           "      IntegrationType: AWS_PROXY\n"
           "      IntegrationUri: arn:aws:lambda:us-east-2:111122223333:function:f\n"
           "      PayloadFormatVersion: '1.0'\n"
           "      TimeoutInMillis: 5000\n"
           "  Route:\n"
           "    Type: AWS::ApiGatewayV2::Route\n"
           "    Properties: {ApiId: !Ref Api, RouteKey: 'GET /a/{b+}', Target: !Sub "
           "'integrations/${Integration}'}\n" +
           std::string(more);
}

Deployed deployed(std::string_view text) {
    const auto stack = read_template(text, {});
    INFO((stack ? std::string() : stack.error().message()));
    REQUIRE(stack.has_value());
    const auto store = store::open_memory_store();
    CountingRandom random;
    Deployed out;
    store::WriteJob job;
    job.run = [&](store::WriteTx& tx) {
        const auto report =
            deploy(tx, *stack, from_epoch_seconds(1000), random, pipeline::service_tables());
        out.refused = report ? "" : report.error().message();
        return report.has_value();
    };
    job.done = [](store::CommitStatus) {};
    store->write(std::move(job));
    store->read([&](const store::ReadTx& tx) {
        if (const auto row = tx.find_api("abcdefghij")) {
            out.model = apigateway::parse_api(*row)->model;
        }
        out.exported = export_template(tx, kLabAccount, kLabRegion);
    });
    return out;
}

std::string refusal(std::string_view more) {
    const std::string refused = deployed(api_template(more)).refused;
    CHECK_FALSE(refused.empty());
    return refused;
}

bool holds(std::string_view text, std::string_view part) {
    INFO(text);
    INFO(part);
    return text.find(part) != std::string_view::npos;
}

} // namespace

TEST_CASE("an API of a stack has its routes, CORS and stages", "[stack][api]") {
    const auto made = deployed(api_template(
        "  Stage:\n"
        "    Type: AWS::ApiGatewayV2::Stage\n"
        "    Properties: {ApiId: !Ref Api, StageName: $default, AutoDeploy: true, StageVariables: "
        "{a: b}}\n"
    ));
    REQUIRE(made.refused == "");
    const auto routing = apigateway::route(made.model, "GET", "/a/x/y");
    REQUIRE(routing.match.has_value());
    CHECK(routing.match->integration->timeout_in_millis == 5000);
    CHECK(routing.match->integration->payload_format_version == "1.0");
    REQUIRE(made.model.cors.has_value());
    CHECK(made.model.cors->allow_origins == std::vector<std::string>{"https://a.example"});
    CHECK(made.model.cors->max_age == 60);
    CHECK(made.model.cors->allow_credentials);
    REQUIRE(made.model.stages.size() == 1);
    CHECK(made.model.stages[0].variables.size() == 1);
    CHECK(made.exported.notes.empty());
    CHECK(deployed(made.exported.text).exported.text == made.exported.text);
}

TEST_CASE("a stage without AutoDeploy has what its Deployment found", "[stack][api]") {
    const std::string_view stage =
        "  Deployment: {Type: AWS::ApiGatewayV2::Deployment, DependsOn: Route, "
        "Properties: {ApiId: !Ref Api}}\n"
        "  Stage: {Type: AWS::ApiGatewayV2::Stage, Properties: {ApiId: !Ref Api, StageName: prod, "
        "DeploymentId: !Ref Deployment}}\n";
    const auto made = deployed(api_template(stage));
    REQUIRE(made.refused == "");
    CHECK(apigateway::route(made.model, "GET", "/prod/a/x").match.has_value());
    CHECK(made.exported.notes.empty());
    CHECK(deployed(made.exported.text).exported.text == made.exported.text);
    // A route that came later is not in it.
    const auto early = deployed(api_template(
        std::string(stage) +
        "  Late: {Type: AWS::ApiGatewayV2::Route, DependsOn: Stage, Properties: {ApiId: !Ref Api, "
        "RouteKey: 'GET /late', Target: !Sub 'integrations/${Integration}'}}\n"
    ));
    REQUIRE(early.refused == "");
    CHECK_FALSE(apigateway::route(early.model, "GET", "/prod/late").match.has_value());
    REQUIRE(early.exported.notes.size() == 1);
    CHECK(holds(early.exported.notes[0], "has been changed since"));
}

TEST_CASE("authorizers, throttling, tags and texts of an API come back", "[stack][api]") {
    const auto made = deployed(R"(
Resources:
  Api:
    Type: AWS::ApiGatewayV2::Api
    Metadata: {Benchtop: {Id: abcdefghij}}
    Properties: {Name: n, ProtocolType: HTTP, Description: d, Version: "1.0", Tags: {course: cloud}}
  Jwt:
    Type: AWS::ApiGatewayV2::Authorizer
    Properties:
      ApiId: !Ref Api
      Name: jwt
      AuthorizerType: JWT
      IdentitySource: [$request.header.Authorization]
      JwtConfiguration: {Audience: [a], Issuer: "https://issuer.example"}
  Integration:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !Ref Api
      Description: of the function
      IntegrationType: AWS_PROXY
      IntegrationUri: arn:aws:lambda:us-east-2:111122223333:function:f
      PayloadFormatVersion: "2.0"
  Route:
    Type: AWS::ApiGatewayV2::Route
    Properties:
      ApiId: !Ref Api
      RouteKey: GET /a
      AuthorizationType: JWT
      AuthorizerId: !Ref Jwt
      AuthorizationScopes: [read]
      Target: !Sub integrations/${Integration}
  Stage:
    Type: AWS::ApiGatewayV2::Stage
    DependsOn: Route
    Properties:
      ApiId: !Ref Api
      StageName: prod
      AutoDeploy: true
      Description: s
      DefaultRouteSettings: {ThrottlingBurstLimit: 5, ThrottlingRateLimit: 2.5}
      RouteSettings: {GET /a: {ThrottlingBurstLimit: 1, ThrottlingRateLimit: 1}}
      Tags: {a: b}
)");
    REQUIRE(made.refused == "");
    REQUIRE(made.model.current.authorizers.size() == 1);
    REQUIRE(made.model.current.routes.size() == 1);
    CHECK(made.model.current.routes[0].authorizer_id == made.model.current.authorizers[0].id);
    CHECK(made.model.stages.at(0).default_settings.rate == 2.5);
    CHECK(made.exported.notes.empty());
    CHECK(made.exported.text.find("ThrottlingRateLimit: 2.5\n") != std::string::npos);
    const auto again = deployed(made.exported.text);
    CHECK(again.refused == "");
    CHECK(again.exported.text == made.exported.text);
}

TEST_CASE("what an API cannot be is refused", "[stack][api]") {
    const auto route = [](std::string_view key, std::string_view target = "") {
        return "  Second: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: "
               "'" +
               std::string(key) + "'" + std::string(target) + "}}\n";
    };
    CHECK(holds(refusal(route("GET /a/{b+}")), "already exists for this API"));
    CHECK(holds(refusal(route("FETCH /a")), "not formatted properly for HTTP protocol"));
    CHECK(holds(refusal(route("GET a")), "not formatted properly for HTTP protocol"));
    CHECK(holds(
        refusal(route("GET /c", ", Target: integrations/none")),
        "Invalid Integration identifier specified none"
    ));
    CHECK(holds(
        refusal("  Proxy: {Type: AWS::ApiGatewayV2::Integration, Properties: {ApiId: !Ref Api, "
                "IntegrationType: HTTP_PROXY, IntegrationUri: 'https://a.example', "
                "PayloadFormatVersion: '1.0'}}\n"),
        "AWS_PROXY"
    ));
    CHECK(holds(
        refusal("  Stage: {Type: AWS::ApiGatewayV2::Stage, Properties: {ApiId: nobody, StageName: "
                "a}}\n"),
        "Invalid API identifier specified 111122223333:nobody"
    ));
    CHECK(holds(
        refusal("  Socket: {Type: AWS::ApiGatewayV2::Api, Properties: {Name: a, ProtocolType: "
                "WEBSOCKET}}\n"),
        "protocolType must be HTTP"
    ));
    CHECK(holds(
        refusal("  Who: {Type: AWS::ApiGatewayV2::Authorizer, Properties: {ApiId: !Ref Api, Name: "
                "a, AuthorizerType: JWT}}\n"),
        "resource Who (AWS::ApiGatewayV2::Authorizer): Issuer must be"
    ));
}
