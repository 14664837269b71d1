// AWS::ApiGatewayV2::*: CloudFormation's properties are the members of API Gateway's requests, with
// a capital letter.
#include "emulator/core/encoding.hpp"
#include "emulator/stack/readers.hpp"

#include <array>
#include <charconv>

namespace benchtop::stack {
namespace {

namespace json = boost::json;
using Kind = ApiPartSpec::Kind;

enum class Form { Text, Integer, Number, Boolean, Texts, TextMap };

struct Member {
    std::string_view name;
    Form form;
};

constexpr std::array kCors{
    Member{"AllowCredentials", Form::Boolean},
    Member{"AllowHeaders", Form::Texts},
    Member{"AllowMethods", Form::Texts},
    Member{"AllowOrigins", Form::Texts},
    Member{"ExposeHeaders", Form::Texts},
    Member{"MaxAge", Form::Integer}};
constexpr std::array kApi{
    Member{"Name", Form::Text},
    Member{"ProtocolType", Form::Text},
    Member{"Description", Form::Text},
    Member{"Version", Form::Text},
    Member{"RouteSelectionExpression", Form::Text},
    Member{"DisableExecuteApiEndpoint", Form::Boolean},
    Member{"Tags", Form::TextMap}};
constexpr std::array kJwt{Member{"Audience", Form::Texts}, Member{"Issuer", Form::Text}};
constexpr std::array kAuthorizer{
    Member{"Name", Form::Text},
    Member{"AuthorizerType", Form::Text},
    Member{"IdentitySource", Form::Texts}};
constexpr std::array kIntegration{
    Member{"IntegrationType", Form::Text},
    Member{"IntegrationUri", Form::Text},
    Member{"IntegrationMethod", Form::Text},
    Member{"PayloadFormatVersion", Form::Text},
    Member{"TimeoutInMillis", Form::Integer},
    Member{"Description", Form::Text},
    Member{"ConnectionType", Form::Text},
    Member{"CredentialsArn", Form::Text},
    Member{"RequestParameters", Form::TextMap},
    Member{"IntegrationSubtype", Form::Text}};
constexpr std::array kRoute{
    Member{"RouteKey", Form::Text},
    Member{"Target", Form::Text},
    Member{"AuthorizationType", Form::Text},
    Member{"AuthorizerId", Form::Text},
    Member{"OperationName", Form::Text},
    Member{"AuthorizationScopes", Form::Texts}};
constexpr std::array kDeployment{
    Member{"Description", Form::Text}, Member{"StageName", Form::Text}};
constexpr std::array kThrottling{
    Member{"ThrottlingBurstLimit", Form::Integer},
    Member{"ThrottlingRateLimit", Form::Number},
    Member{"DetailedMetricsEnabled", Form::Boolean}};
constexpr std::array kStage{
    Member{"StageName", Form::Text},
    Member{"AutoDeploy", Form::Boolean},
    Member{"Description", Form::Text},
    Member{"DeploymentId", Form::Text},
    Member{"StageVariables", Form::TextMap},
    Member{"Tags", Form::TextMap}};

struct Type {
    std::string_view name;
    Kind kind;
    std::span<const Member> members;
};

constexpr std::array kTypes{
    Type{"AWS::ApiGatewayV2::Api", Kind::Api, kApi},
    Type{"AWS::ApiGatewayV2::Authorizer", Kind::Authorizer, kAuthorizer},
    Type{"AWS::ApiGatewayV2::Integration", Kind::Integration, kIntegration},
    Type{"AWS::ApiGatewayV2::Route", Kind::Route, kRoute},
    Type{"AWS::ApiGatewayV2::Deployment", Kind::Deployment, kDeployment},
    Type{"AWS::ApiGatewayV2::Stage", Kind::Stage, kStage}};

std::string member_name(std::string_view property) {
    std::string name(property);
    name.front() = ascii_lower(name.front());
    return name;
}

json::value value_of(Properties& properties, const Member& member) {
    switch (member.form) {
    case Form::Text:
        return json::string(properties.required(member.name));
    case Form::Integer:
        return *properties.integer(member.name);
    case Form::Number: {
        const std::string text = properties.required(member.name);
        double number = 0;
        const char* const end = text.data() + text.size();
        if (std::from_chars(text.data(), end, number).ptr != end || text.empty()) {
            properties.fail(member.name, "this must be a number, not " + text + ".");
        }
        return number;
    }
    case Form::Boolean:
        return *properties.boolean(member.name);
    case Form::Texts: {
        json::array out;
        for (const std::string& one : properties.texts(member.name)) {
            out.push_back(json::string(one));
        }
        return out;
    }
    case Form::TextMap: {
        json::object out;
        for (const auto& [name, text] : properties.text_map(member.name)) {
            out[name] = text;
        }
        return out;
    }
    }
    return nullptr;
}

json::object members_of(Properties& properties, std::span<const Member> members) {
    json::object out;
    for (const Member& member : members) {
        if (properties.has(member.name)) {
            out[member_name(member.name)] = value_of(properties, member);
        }
    }
    return out;
}

// A map among the properties, with members of its own.
void read_map(
    Properties& properties,
    std::string_view name,
    std::span<const Member> members,
    json::object& out
) {
    if (properties.has(name)) {
        Properties map = properties.map(name);
        out[member_name(name)] = members_of(map, members);
        map.finish();
    }
}

void read_route_settings(Properties& properties, json::object& out) {
    if (!properties.has("RouteSettings")) {
        return;
    }
    Properties routes = properties.map("RouteSettings");
    json::object all;
    for (const std::string& route : routes.node().names) {
        Properties one = routes.map(route);
        all[route] = members_of(one, kThrottling);
        one.finish();
    }
    out["routeSettings"] = std::move(all);
}

} // namespace

void read_api_part(Reading& reading) {
    Properties& properties = reading.properties;
    const auto* const type = std::find_if(kTypes.begin(), kTypes.end(), [&](const Type& one) {
        return one.name == reading.resource.type;
    });
    ApiPartSpec part;
    part.origin = reading.origin;
    part.kind = type->kind;
    part.id = reading.evaluator.ref(reading.resource);
    part.api_id = part.kind == Kind::Api ? part.id : properties.required("ApiId");
    part.settings = members_of(properties, type->members);
    switch (part.kind) {
    case Kind::Api:
        read_map(properties, "CorsConfiguration", kCors, part.settings);
        break;
    case Kind::Authorizer:
        read_map(properties, "JwtConfiguration", kJwt, part.settings);
        break;
    case Kind::Stage:
        read_map(properties, "DefaultRouteSettings", kThrottling, part.settings);
        read_route_settings(properties, part.settings);
        break;
    default:
        break;
    }
    reading.stack.api_parts.push_back(std::move(part));
}

} // namespace benchtop::stack
