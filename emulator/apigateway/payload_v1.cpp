#include "emulator/apigateway/payload_v1.hpp"

#include "emulator/core/encoding.hpp"
#include "emulator/core/utf8.hpp"

#include <boost/json.hpp>

#include <map>

namespace benchtop::apigateway {
namespace {

namespace json = boost::json;

// The same pairs twice: the last value of each name, and all of them.
struct Folded {
    json::value last = nullptr;
    json::value all = nullptr;
};

template <class Pairs>
Folded fold(const Pairs& pairs) {
    Folded out;
    if (pairs.empty()) {
        return out;
    }
    json::object last;
    json::object all;
    for (const auto& [name, value] : pairs) {
        last[name] = value;
        json::value& list = all[name];
        if (!list.is_array()) {
            list = json::array();
        }
        list.get_array().emplace_back(value);
    }
    out.last = std::move(last);
    out.all = std::move(all);
    return out;
}

Folded header_members(const Headers& headers) {
    std::multimap<std::string, std::string> sorted;
    for (const auto& [name, value] : headers.entries()) {
        sorted.emplace(utf8_text(title_case(name)), utf8_text(value));
    }
    return fold(sorted);
}

Folded query_members(std::string_view raw) {
    std::vector<std::pair<std::string, std::string>> pairs;
    const Query query = Query::parse(raw);
    for (const auto& parameter : query.parameters()) {
        pairs.emplace_back(utf8_text(parameter.name), utf8_text(parameter.value));
    }
    return fold(pairs);
}

json::value text_members(const std::vector<std::pair<std::string, std::string>>& pairs) {
    if (pairs.empty()) {
        return nullptr;
    }
    json::object out;
    for (const auto& [name, value] : pairs) {
        out[utf8_text(name)] = utf8_text(value);
    }
    return out;
}

json::object identity(const EventInput& input) {
    json::object out;
    for (const char* const name :
         {"accessKey",
          "accountId",
          "caller",
          "cognitoAmr",
          "cognitoAuthenticationProvider",
          "cognitoAuthenticationType",
          "cognitoIdentityId",
          "cognitoIdentityPoolId",
          "principalOrgId"}) {
        out[name] = nullptr;
    }
    out["sourceIp"] = input.head.source_ip;
    out["user"] = nullptr;
    out["userAgent"] = utf8_text(input.head.headers.get("user-agent"));
    out["userArn"] = nullptr;
    return out;
}

// "POST /presign" -> "/presign"; "$default" stays.
std::string_view resource_path(std::string_view route_key) {
    const auto space = route_key.find(' ');
    return space == std::string_view::npos ? route_key : route_key.substr(space + 1);
}

json::object request_context(const EventInput& input, const std::string& path) {
    const std::string& key = input.match.route->key;
    json::object out{{"accountId", input.api.row.account}, {"apiId", input.api.row.api_id}};
    if (!input.authorizer.empty()) {
        // The older format has what is in it without its kind.
        const json::value authorizer = json::parse(input.authorizer);
        out["authorizer"] = authorizer.get_object().begin()->value();
    }
    const json::object rest{
        {"domainName", input.api.domain_name()},
        {"domainPrefix", input.api.row.api_id},
        {"extendedRequestId", input.request_id},
        {"httpMethod", utf8_text(input.head.method)},
        {"identity", identity(input)},
        {"path", path},
        {"protocol", input.head.http_1_0 ? "HTTP/1.0" : "HTTP/1.1"},
        {"requestId", input.request_id},
        {"requestTime", to_clf(input.now)},
        {"requestTimeEpoch", to_epoch_ms(input.now)},
        {"resourceId", key},
        {"resourcePath", resource_path(key)},
        {"stage", input.match.stage->name}};
    out.insert(rest.begin(), rest.end());
    return out;
}

} // namespace

std::string title_case(std::string_view header_name) {
    std::string out = to_lower(header_name);
    bool starts = true;
    for (char& c : out) {
        if (starts && c >= 'a' && c <= 'z') {
            c = static_cast<char>(c - 'a' + 'A');
        }
        starts = c == '-';
    }
    return out;
}

std::string make_event_v1(const EventInput& input) {
    const Headers forwarded = forwarded_headers(input);
    const std::string path = decoded_path(input.path);
    Folded headers = header_members(forwarded);
    Folded query = query_members(input.head.query());
    const bool as_text = is_text_content(forwarded.get("content-type"));
    json::object event;
    event.emplace("version", "1.0");
    event.emplace("resource", resource_path(input.match.route->key));
    event.emplace("path", path);
    event.emplace("httpMethod", utf8_text(input.head.method));
    event.emplace("headers", std::move(headers.last));
    event.emplace("multiValueHeaders", std::move(headers.all));
    event.emplace("queryStringParameters", std::move(query.last));
    event.emplace("multiValueQueryStringParameters", std::move(query.all));
    event.emplace("requestContext", request_context(input, path));
    event.emplace("pathParameters", text_members(input.match.path_parameters));
    event.emplace("stageVariables", text_members(input.match.stage->variables));
    if (input.body.empty()) {
        event.emplace("body", nullptr);
    } else {
        event.emplace("body", as_text ? utf8_text(input.body) : to_base64(as_bytes(input.body)));
    }
    event.emplace("isBase64Encoded", !input.body.empty() && !as_text);
    return json::serialize(event);
}

} // namespace benchtop::apigateway
