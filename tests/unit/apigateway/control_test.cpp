// What the control plane makes, changes and refuses: quick create and its parts, integrations,
// routes, tags.
#include "tests/unit/apigateway/control_lab.hpp"

using namespace benchtop;
using namespace benchtop::apigateway;

namespace {

const std::string kBad = "400 BadRequestException";
const std::string kOther = "arn:aws:lambda:us-east-2:" + kAccount + ":function:worker-move-lambda";

std::string quick_api(ControlLab& control, json::object more = {}) {
    more["target"] = kFunction;
    return control.make_api(std::move(more));
}

json::object first(ControlLab& control, const std::string& path) {
    const json::object list = control.ok(200, "GET", path);
    REQUIRE(!list.at("items").as_array().empty());
    return list.at("items").as_array().at(0).as_object();
}

std::string function_policy(ControlLab& control) {
    return control.lab.call("lambda", "GET", "/2015-03-31/functions/web-presign-lambda/policy", "")
        .body;
}

} // namespace

TEST_CASE("every answer has API Gateway's own id beside the common one", "[apigateway]") {
    ControlLab control;
    const auto made = control.call("POST", "apis", {{"name", "a"}, {"protocolType", "HTTP"}});
    const auto missing = control.call("GET", "apis/none");
    CHECK(made.status == 201);
    CHECK(missing.status == 404);
    for (const auto& answer : {made, missing}) {
        CHECK(answer.headers.get("x-amz-apigw-id").size() == 16);
        CHECK(answer.headers.get("x-amzn-requestid").size() == 36);
    }
    CHECK(made.headers.get("x-amz-apigw-id") != missing.headers.get("x-amz-apigw-id"));
}

TEST_CASE("quick create makes an API that answers, with its permission", "[apigateway]") {
    ControlLab control;
    const std::string api = quick_api(control, {{"routeKey", "POST /presign"}});
    CHECK(control.ask(api, "POST", "/presign").status == 200);
    const std::string source = "arn:aws:execute-api:us-east-2:" + kAccount + ":" + api;
    CHECK(function_policy(control).find(source + "/*/*/presign") != std::string::npos);
    for (const char* parts : {"/integrations", "/routes", "/stages"}) {
        CHECK(first(control, "apis/" + api + parts).at("apiGatewayManaged").as_bool());
    }
    const std::string open = quick_api(control);
    CHECK(control.ask(open, "PUT", "/any/thing").status == 200);
    CHECK(function_policy(control).find(open + "/*/$default") != std::string::npos);
}

TEST_CASE("quick create gives no permission its caller may not give", "[apigateway]") {
    ControlLab control;
    const auto iam = [&](const std::string& form) {
        const auto answer = control.lab.call("iam", "POST", "/", form + "&Version=2010-05-08");
        REQUIRE(answer.status == 200);
        return answer.body;
    };
    iam("Action=CreateUser&UserName=maker");
    const std::string made = iam("Action=CreateAccessKey&UserName=maker");
    const auto element = [&](const std::string& name) {
        const auto begin = made.find("<" + name + ">") + name.size() + 2;
        return made.substr(begin, made.find("</" + name + ">") - begin);
    };
    iam("Action=PutUserPolicy&UserName=maker&PolicyName=p&PolicyDocument=" +
        percent_encode(
            R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"apigateway:*",)"
            R"("Resource":"*"}})",
            SlashRule::Encode
        ));
    const auto answer = control.lab.call(
        "apigateway",
        "POST",
        "/v2/apis",
        json::serialize(json::object{{"name", "q"}, {"protocolType", "HTTP"}, {"target", kFunction}}
        ),
        {element("AccessKeyId"), element("SecretAccessKey"), ""}
    );
    REQUIRE(answer.status == 201);
    const std::string api = ControlLab::text(json::parse(answer.body).as_object(), "apiId");
    CHECK(control.ask(api, "POST", "/presign").status == 500);
    CHECK(function_policy(control).find(api) == std::string::npos);
}

TEST_CASE(
    "what quick create made is not deleted by itself, nor its stage changed", "[apigateway]"
) {
    ControlLab control;
    const std::string api = quick_api(control);
    const std::string at = "apis/" + api;
    const std::string route =
        "/routes/" + ControlLab::text(first(control, at + "/routes"), "routeId");
    const std::string integration =
        "/integrations/" + ControlLab::text(first(control, at + "/integrations"), "integrationId");
    const std::string stage = "/stages/%24default";
    for (const std::string& part : {route, integration, stage}) {
        CHECK(control.refused("DELETE", at + part) == kBad);
    }
    CHECK(control.refused("PATCH", at + route, {{"routeKey", "GET /x"}}) == kBad);
    CHECK(control.refused("PATCH", at + stage, {{"autoDeploy", false}}) == kBad);
    CHECK(control.refused("DELETE", at + stage + "/accesslogsettings") == kBad);
    CHECK(control.refused("DELETE", at + stage + "/routesettings/%24default") == kBad);
    // The rest of a managed route or integration may be changed, and routes may be added.
    control.ok(200, "PATCH", at + route, {{"operationName", "all"}});
    control.ok(200, "PATCH", at + integration, {{"timeoutInMillis", 1000}});
    control.make_route(api, "GET /more");
    CHECK(control.ask(api, "GET", "/more").status == 500); // no permission for this one
    CHECK(control.ask(api, "POST", "/presign").status == 200);
}

TEST_CASE("UpdateApi changes the key and the target of quick create", "[apigateway]") {
    ControlLab control;
    const std::string api = quick_api(control, {{"routeKey", "POST /presign"}});
    const std::string at = "apis/" + api;
    control.make_route(api, "GET /taken");
    control.ok(200, "PATCH", at, {{"routeKey", "PUT /presign"}});
    CHECK(control.ask(api, "PUT", "/presign").status == 200);
    CHECK(control.ask(api, "POST", "/presign").status == 404);
    control.ok(200, "PATCH", at, {{"routeKey", "PUT /presign"}}); // its own
    CHECK(control.refused("PATCH", at, {{"routeKey", "GET /taken"}}) == "409 ConflictException");
    CHECK(control.refused("PATCH", at, {{"routeKey", "put /x"}}) == kBad);
    for (const char* target :
         {"https://example.com/x", "arn:aws:sqs:us-east-2:111122223333:q", "arn:aws:lambda:x"}) {
        CHECK(control.refused("PATCH", at, {{"target", target}}) == kBad);
        CHECK(
            control.refused(
                "POST", "apis", {{"name", "q"}, {"protocolType", "HTTP"}, {"target", target}}
            ) == kBad
        );
    }
    CHECK(ControlLab::text(first(control, at + "/integrations"), "integrationUri") == kFunction);
    control.ok(200, "PATCH", at, {{"target", kOther}});
    CHECK(ControlLab::text(first(control, at + "/integrations"), "integrationUri") == kOther);
    // An API that was not made so has nothing these could change.
    const std::string plain = control.make_api();
    CHECK(control.refused("PATCH", "apis/" + plain, {{"target", kFunction}}) == kBad);
    CHECK(control.refused("PATCH", "apis/" + plain, {{"routeKey", "GET /x"}}) == kBad);
}

TEST_CASE("what cannot be honoured is refused, not forgotten", "[apigateway]") {
    ControlLab control;
    const std::string api = control.make_api();
    const std::string at = "apis/" + api;
    const std::string role = "arn:aws:iam::" + kAccount + ":role/r";
    const auto merged = [](json::object whole, const json::object& more) {
        for (const auto& member : more) {
            whole[member.key()] = member.value();
        }
        return whole;
    };
    const json::object api_body{{"name", "q"}, {"protocolType", "HTTP"}, {"target", kFunction}};
    for (const json::object& more : std::vector<json::object>{
             {{"credentialsArn", role}},
             {{"disableSchemaValidation", true}},
             {{"ipAddressType", "dualstack"}}}) {
        CHECK(control.refused("POST", "apis", merged(api_body, more)) == kBad);
        CHECK(control.refused("PATCH", at, more) == kBad);
    }
    const json::object integration_body{
        {"integrationType", "AWS_PROXY"},
        {"integrationUri", kFunction},
        {"payloadFormatVersion", "2.0"}};
    const std::string integration = control.make_integration(api);
    for (const json::object& more : std::vector<json::object>{
             {{"credentialsArn", role}},
             {{"connectionId", "v"}},
             {{"integrationMethod", "GET"}},
             {{"passthroughBehavior", "NEVER"}},
             {{"requestParameters", {{"overwrite:path", "/x"}}}}}) {
        CHECK(
            control.refused("POST", at + "/integrations", merged(integration_body, more)) == kBad
        );
        CHECK(control.refused("PATCH", at + "/integrations/" + integration, more) == kBad);
    }
    const std::string route = control.make_route(api, "GET /r");
    const json::object key{{"apiKeyRequired", true}};
    CHECK(control.refused("POST", at + "/routes", merged({{"routeKey", "GET /k"}}, key)) == kBad);
    CHECK(control.refused("PATCH", at + "/routes/" + route, key) == kBad);
    control.make_stage(api, "prod");
    for (const json::object& more : std::vector<json::object>{
             {{"clientCertificateId", "c"}},
             {{"defaultRouteSettings", {{"loggingLevel", "INFO"}}}},
             {{"defaultRouteSettings", {{"dataTraceEnabled", true}}}}}) {
        CHECK(control.refused("POST", at + "/stages", merged({{"stageName", "s"}}, more)) == kBad);
        CHECK(control.refused("PATCH", at + "/stages/prod", more) == kBad);
    }
    // Said in so many words that they are not wanted: nothing is lost.
    control.ok(201, "POST", at + "/routes", {{"routeKey", "GET /n"}, {"apiKeyRequired", false}});
    control.ok(200, "PATCH", at, {{"disableSchemaValidation", false}, {"ipAddressType", "ipv4"}});
}

TEST_CASE("an integration leads to a function or is refused", "[apigateway]") {
    ControlLab control;
    const std::string api = control.make_api();
    const std::string at = "apis/" + api + "/integrations";
    const std::string invocations =
        "arn:aws:apigateway:us-east-2:lambda:path/2015-03-31/functions/" + kFunction +
        "/invocations";
    for (const std::string& uri : std::vector<std::string>{
             "arn:aws:sqs:us-east-2:111122223333:q",
             "arn:aws:states:us-east-2:111122223333:stateMachine:s",
             "arn:aws:apigateway:us-east-2:sqs:action/SendMessage",
             "arn:aws:apigateway:us-east-2:s3:path/2015-03-31/functions/b/invocations",
             "arn:aws:lambda:us-east-2:111122223333:layer:l",
             "arn:aws:lambda:us-east-2:111122223333:layer:l:1",
             "arn:aws:lambda:us-east-2:111122223333:${stageVariables}",
             "https://example.com/",
             "web-presign-lambda",
             kFunction + std::string(3000, 'x')}) {
        CHECK(
            control.refused(
                "POST",
                at,
                {{"integrationType", "AWS_PROXY"},
                 {"integrationUri", uri},
                 {"payloadFormatVersion", "2.0"}}
            ) == kBad
        );
    }
    const std::string kept = control.make_integration(api, invocations);
    CHECK(
        ControlLab::text(control.ok(200, "GET", at + "/" + kept), "integrationUri") == invocations
    );
    control.make_integration(
        api, "arn:aws:lambda:us-east-2:111122223333:function:${stageVariables.f}"
    );
    control.make_integration(api, "${stageVariables.uri}");
    CHECK(
        control.refused(
            "PATCH", at + "/" + kept, {{"integrationUri", "arn:aws:sns:us-east-2:111122223333:t"}}
        ) == kBad
    );
}

TEST_CASE("an integration with an alias asks for the alias's permission", "[apigateway]") {
    ControlLab control;
    const std::string function = "/2015-03-31/functions/web-presign-lambda";
    REQUIRE(control.lab.call("lambda", "POST", function + "/versions", "{}").status == 201);
    REQUIRE(
        control.lab
            .call(
                "lambda", "POST", function + "/aliases", R"({"Name":"live","FunctionVersion":"1"})"
            )
            .status == 201
    );
    const std::string api = control.make_api();
    control.make_route(
        api,
        "POST /presign",
        {{"target", "integrations/" + control.make_integration(api, kFunction + ":live")}}
    );
    control.make_stage(api, "prod");
    control.permit(api);
    CHECK(control.ask(api, "POST", "/prod/presign").status == 500);
    control.permit(api, "live");
    CHECK(control.ask(api, "POST", "/prod/presign").status == 200);
}

TEST_CASE("a route key names whole, distinct variables", "[apigateway]") {
    ControlLab control;
    const std::string api = control.make_api();
    const std::string target = "integrations/" + control.make_integration(api);
    for (const char* key :
         {"GET /{a}{b}",
          "GET /x{a}",
          "GET /{a}x",
          "GET /d/{a}/{a}",
          "GET /d/{a}/{a+}",
          "GET /{}",
          "GET /{+}",
          "GET /{a+}/b",
          "GET /{a+}{b}",
          "GET /a b",
          "GET",
          "GET x",
          "$other",
          ""}) {
        CHECK(
            control.refused(
                "POST", "apis/" + api + "/routes", {{"routeKey", key}, {"target", target}}
            ) == kBad
        );
    }
    for (const char* key : {"GET /{a}/{b}", "ANY /d/{a}/{b+}", "GET /", "$default"}) {
        control.make_route(api, key, {{"target", target}});
    }
}

TEST_CASE("a CORS origin is a star or has a scheme", "[apigateway][cors]") {
    ControlLab control;
    const std::string at = "apis/" + control.make_api();
    const auto with = [](std::vector<std::string> origins, bool credentials = false) {
        return json::value{
            {"corsConfiguration",
             {{"allowOrigins", json::value_from(origins)}, {"allowCredentials", credentials}}}};
    };
    for (const char* origin : {"example.com", "*.example.com", "https://", "://x", "", "null"}) {
        CHECK(control.refused("PATCH", at, with({origin})) == kBad);
    }
    CHECK(control.refused("PATCH", at, with({"https://a.example", "b.example"})) == kBad);
    for (const char* origin :
         {"*", "http://*", "https://*", "https://a.example:8443", "capacitor://localhost"}) {
        control.ok(200, "PATCH", at, with({origin}));
    }
    const auto both = control.call("PATCH", at, with({"*"}, true));
    CHECK(both.status == 400);
    CHECK(
        both.body.find("allow-credentials is not supported if 'allow-origin' is *") !=
        std::string::npos
    );
}

TEST_CASE("tags are found by the ARN of this region", "[apigateway][tags]") {
    ControlLab control;
    const std::string api = control.make_api({{"tags", {{"a", "b"}}}});
    control.make_stage(api, "prod");
    const auto tags_of = [&](const std::string& arn) {
        return control.call("GET", "tags/" + percent_encode(arn, SlashRule::Encode));
    };
    CHECK(tags_of("arn:aws:apigateway:us-east-2::/apis/" + api).body == R"({"tags":{"a":"b"}})");
    CHECK(tags_of("arn:aws:apigateway:us-east-2::/apis/" + api + "/stages/prod").status == 200);
    for (const std::string& arn : std::vector<std::string>{
             "arn:aws:apigateway:us-west-2::/apis/" + api,
             "arn:aws:apigateway:::/apis/" + api,
             "arn:aws:apigateway::/apis/" + api,
             "arn:aws:apigateway:us-east-2:" + kAccount + ":/apis/" + api,
             "arn:aws:lambda:us-east-2::/apis/" + api,
             "::/apis/" + api}) {
        INFO(arn);
        CHECK(tags_of(arn).status == 400);
    }
}
