// Bounds on what the control plane keeps.
#include "tests/unit/apigateway/control_lab.hpp"

using namespace benchtop;
using namespace benchtop::apigateway;

namespace {

const std::string kBad = "400 BadRequestException";

json::object many_tags(int count) {
    json::object tags;
    for (int i = 0; i < count; ++i) {
        tags["k" + std::to_string(i)] = "v";
    }
    return tags;
}

} // namespace

TEST_CASE("an API's texts and tags are bounded", "[apigateway][limits]") {
    ControlLab control;
    const std::string api = control.make_api(
        {{"description", std::string(1024, 'd')},
         {"version", std::string(64, 'v')},
         {"tags", many_tags(50)}}
    );
    const std::string at = "apis/" + api;
    // Characters, not bytes.
    std::string wide;
    for (int i = 0; i < 64; ++i) {
        wide += "\xc3\xa9";
    }
    control.ok(200, "PATCH", at, {{"version", wide}});
    for (const json::object& more : std::vector<json::object>{
             {{"description", std::string(1025, 'd')}},
             {{"version", std::string(65, 'v')}},
             {{"version", wide + "x"}},
             {{"name", std::string(129, 'n')}},
             {{"name", ""}},
             {{"apiKeySelectionExpression", std::string(5000, 'x')}}}) {
        CHECK(control.refused("PATCH", at, more) == kBad);
    }
    for (const json::object& tags : std::vector<json::object>{
             many_tags(51),
             {{std::string(129, 'k'), "v"}},
             {{"", "v"}},
             {{"k", std::string(257, 'v')}},
             {{"aws:k", "v"}}}) {
        CHECK(
            control.refused(
                "POST", "apis", {{"name", "t"}, {"protocolType", "HTTP"}, {"tags", tags}}
            ) == kBad
        );
        CHECK(
            control.refused("POST", at + "/stages", {{"stageName", "t"}, {"tags", tags}}) == kBad
        );
    }
    const std::string arn =
        percent_encode("arn:aws:apigateway:us-east-2::/apis/" + api, SlashRule::Encode);
    CHECK(control.refused("POST", "tags/" + arn, {{"tags", {{"one", "more"}}}}) == kBad);
    control.ok(201, "POST", "tags/" + arn, {{"tags", {{"k1", "other"}}}});
}

TEST_CASE("the parts' texts are bounded", "[apigateway][limits]") {
    ControlLab control;
    const std::string api = control.make_api();
    const std::string at = "apis/" + api;
    const std::string integration = control.make_integration(api);
    const std::string route = control.make_route(api, "GET /a");
    control.make_stage(api, "prod");
    const std::string big(1025, 'd');
    CHECK(
        control.refused("PATCH", at + "/integrations/" + integration, {{"description", big}}) ==
        kBad
    );
    CHECK(control.refused("PATCH", at + "/stages/prod", {{"description", big}}) == kBad);
    CHECK(control.refused("POST", at + "/deployments", {{"description", big}}) == kBad);
    CHECK(
        control.refused(
            "PATCH", at + "/routes/" + route, {{"operationName", std::string(65, 'o')}}
        ) == kBad
    );
    json::array scopes;
    for (int i = 0; i < 11; ++i) {
        scopes.push_back("s");
    }
    CHECK(
        control.refused("PATCH", at + "/routes/" + route, {{"authorizationScopes", scopes}}) == kBad
    );
    const auto log = [](std::size_t size) {
        return json::value{
            {"accessLogSettings",
             {{"destinationArn", "arn:aws:logs:us-east-2:111122223333:log-group:g"},
              {"format", std::string(size, 'x')}}}};
    };
    control.ok(200, "PATCH", at + "/stages/prod", log(3072));
    CHECK(control.refused("PATCH", at + "/stages/prod", log(3073)) == kBad);
    json::array audiences;
    for (int i = 0; i < 51; ++i) {
        audiences.push_back("a");
    }
    for (const json::value& configuration :
         {json::value{{"issuer", "https://i.example"}, {"audience", audiences}},
          json::value{{"issuer", "https://" + std::string(2000, 'i')}, {"audience", {"a"}}},
          json::value{{"issuer", "http://i.example"}, {"audience", {"a"}}},
          json::value{{"issuer", "https://i.example"}}}) {
        CHECK(
            control.refused(
                "POST",
                at + "/authorizers",
                {{"authorizerType", "JWT"},
                 {"name", "n"},
                 {"identitySource", {"$request.header.Authorization"}},
                 {"jwtConfiguration", configuration}}
            ) == kBad
        );
    }
}

TEST_CASE(
    "stage variables have names and values of the model's characters", "[apigateway][limits]"
) {
    ControlLab control;
    const std::string api = control.make_api();
    control.make_stage(api, "prod");
    const std::string at = "apis/" + api + "/stages/prod";
    control.ok(
        200, "PATCH", at, {{"stageVariables", {{"a_1", "https://x.example/?a=b&c=d,e#f~g"}}}}
    );
    for (const json::object& variables : std::vector<json::object>{
             {{"a-b", "v"}},
             {{"a", "with space"}},
             {{"a", "$LATEST"}},
             {{std::string(65, 'a'), "v"}},
             {{"a", std::string(513, 'v')}}}) {
        CHECK(control.refused("PATCH", at, {{"stageVariables", variables}}) == kBad);
    }
}

TEST_CASE("a throttling rate reads back as it was given", "[apigateway][limits]") {
    ControlLab control;
    const std::string api = control.make_api();
    control.make_stage(api, "prod");
    for (const auto& [given, text] : std::vector<std::pair<double, std::string>>{
             {1e-9, "1e-09"},
             {0.5, "0.5"},
             {100, "100.0"},
             {10000, "10000.0"},
             {0.1, "0.1"},
             {0, "0.0"}}) {
        const auto answer = control.call(
            "PATCH",
            "apis/" + api + "/stages/prod",
            {{"defaultRouteSettings",
              {{"throttlingBurstLimit", 1}, {"throttlingRateLimit", given}}}}
        );
        CHECK(answer.status == 200);
        INFO(answer.body);
        CHECK(answer.body.find("\"throttlingRateLimit\":" + text + "}") != std::string::npos);
    }
}

TEST_CASE("an API has at most 300 integrations and 300 routes", "[apigateway][limits]") {
    ControlLab control;
    const std::string api = control.make_api();
    const std::string at = "apis/" + api;
    const json::object integration{
        {"integrationType", "AWS_PROXY"},
        {"integrationUri", kFunction},
        {"payloadFormatVersion", "2.0"}};
    for (int i = 0; i < 300; ++i) {
        control.ok(201, "POST", at + "/integrations", integration);
        control.ok(201, "POST", at + "/routes", {{"routeKey", "GET /" + std::to_string(i)}});
    }
    const std::string full = "429 TooManyRequestsException";
    CHECK(control.refused("POST", at + "/integrations", integration) == full);
    CHECK(control.refused("POST", at + "/routes", {{"routeKey", "GET /300"}}) == full);
    CHECK(control.ok(200, "GET", at + "/routes").at("items").as_array().size() == 300);
}

TEST_CASE("an API has at most ten stages and ten authorizers", "[apigateway][limits]") {
    ControlLab control;
    const std::string api = control.make_api();
    const std::string at = "apis/" + api;
    for (int i = 0; i < 10; ++i) {
        control.make_stage(api, "s" + std::to_string(i));
        control.ok(
            201,
            "POST",
            at + "/authorizers",
            {{"authorizerType", "JWT"},
             {"name", "a" + std::to_string(i)},
             {"identitySource", {"$request.header.Authorization"}},
             {"jwtConfiguration", {{"issuer", "https://i.example"}, {"audience", {"a"}}}}}
        );
    }
    CHECK(
        control.refused("POST", at + "/stages", {{"stageName", "s10"}}) ==
        "429 TooManyRequestsException"
    );
    CHECK(
        control.refused(
            "POST",
            at + "/authorizers",
            {{"authorizerType", "JWT"},
             {"name", "a10"},
             {"identitySource", {"$request.header.Authorization"}},
             {"jwtConfiguration", {{"issuer", "https://i.example"}, {"audience", {"a"}}}}}
        ) == "429 TooManyRequestsException"
    );
}
