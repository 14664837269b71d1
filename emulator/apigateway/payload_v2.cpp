#include "emulator/apigateway/payload_v2.hpp"

#include "emulator/core/encoding.hpp"
#include "emulator/core/utf8.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <map>

namespace benchtop::apigateway {
namespace {

namespace json = boost::json;

// Never reach the function, whatever the client put there.
constexpr std::array<std::string_view, 10> kNotForwarded = {
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "expect",
};

json::array split_cookies(std::string_view header) {
    json::array out;
    while (!header.empty()) {
        const auto end = header.find(';');
        const std::string_view cookie = trim(header.substr(0, end));
        if (!cookie.empty()) {
            out.emplace_back(utf8_text(cookie));
        }
        header = end == std::string_view::npos ? std::string_view{} : header.substr(end + 1);
    }
    return out;
}

// Lower-case names in alphabetical order, repeated ones joined with ",".
json::object header_members(const Headers& headers) {
    std::map<std::string, std::string> joined;
    for (const auto& [name, value] : headers.entries()) {
        auto [entry, is_new] = joined.try_emplace(to_lower(name));
        entry->second += (is_new ? "" : ",") + value;
    }
    joined.erase("cookie");
    json::object out;
    for (const auto& [name, value] : joined) {
        out.emplace(utf8_text(name), utf8_text(value));
    }
    return out;
}

json::object query_members(std::string_view raw) {
    json::object out;
    const Query query = Query::parse(raw);
    for (const auto& parameter : query.parameters()) {
        const std::string value = utf8_text(parameter.value);
        auto [entry, is_new] = out.emplace(utf8_text(parameter.name), value);
        if (!is_new) {
            entry->value().get_string() += "," + value;
        }
    }
    return out;
}

json::object text_members(const std::vector<std::pair<std::string, std::string>>& pairs) {
    json::object out;
    for (const auto& [name, value] : pairs) {
        out[utf8_text(name)] = utf8_text(value);
    }
    return out;
}

json::object request_context(const EventInput& input, const std::string& path) {
    json::object out{{"accountId", input.api.row.account}, {"apiId", input.api.row.api_id}};
    if (!input.authorizer.empty()) {
        out["authorizer"] = json::parse(input.authorizer);
    }
    const json::object rest{
        {"domainName", input.api.domain_name()},
        {"domainPrefix", input.api.row.api_id},
        {"http",
         {{"method", utf8_text(input.head.method)},
          {"path", path},
          {"protocol", input.head.http_1_0 ? "HTTP/1.0" : "HTTP/1.1"},
          {"sourceIp", input.head.source_ip},
          {"userAgent", utf8_text(input.head.headers.get("user-agent"))}}},
        {"requestId", input.request_id},
        {"routeKey", input.match.route->key},
        {"stage", input.match.stage->name},
        {"time", to_clf(input.now)},
        {"timeEpoch", to_epoch_ms(input.now)}};
    out.insert(rest.begin(), rest.end());
    return out;
}

} // namespace

std::string decoded_path(std::string_view raw) {
    return utf8_text(percent_decode(raw, PlusRule::Literal).value_or(std::string(raw)));
}

bool is_text_content(std::string_view content_type) {
    const std::string type = to_lower(trim(content_type.substr(0, content_type.find(';'))));
    return type.substr(0, 5) == "text/" || type == "application/json" ||
           type == "application/xml" || type == "application/javascript";
}

Headers forwarded_headers(const EventInput& input) {
    Headers out;
    for (const auto& [name, value] : input.head.headers.entries()) {
        if (std::none_of(kNotForwarded.begin(), kNotForwarded.end(), [&](std::string_view gone) {
                return iequals(name, gone);
            })) {
            out.add(name, value);
        }
    }
    if (!out.has("host")) {
        out.set("host", input.api.domain_name());
    }
    out.set("content-length", std::to_string(input.body.size()));
    out.set("x-amzn-trace-id", input.trace_header);
    const std::string client = out.joined("x-forwarded-for");
    out.set(
        "x-forwarded-for",
        client.empty() ? input.head.source_ip : client + ", " + input.head.source_ip
    );
    // The only door of the real service, whichever one of ours the request came in by.
    out.set("x-forwarded-port", "443");
    out.set("x-forwarded-proto", "https");
    return out;
}

std::string make_event_v2(const EventInput& input) {
    const Headers headers = forwarded_headers(input);
    const std::string path = decoded_path(input.path);
    json::object event;
    event.emplace("version", "2.0");
    event.emplace("routeKey", input.match.route->key);
    event.emplace("rawPath", path);
    event.emplace("rawQueryString", utf8_text(input.head.query()));
    std::string cookie_header;
    for (const auto& [name, value] : headers.entries()) {
        if (iequals(name, "cookie")) {
            cookie_header += (cookie_header.empty() ? "" : "; ") + value;
        }
    }
    if (json::array cookies = split_cookies(cookie_header); !cookies.empty()) {
        event.emplace("cookies", std::move(cookies));
    }
    event.emplace("headers", header_members(headers));
    if (json::object query = query_members(input.head.query()); !query.empty()) {
        event.emplace("queryStringParameters", std::move(query));
    }
    event.emplace("requestContext", request_context(input, path));
    if (!input.match.path_parameters.empty()) {
        event.emplace("pathParameters", text_members(input.match.path_parameters));
    }
    const bool as_text = is_text_content(headers.get("content-type"));
    if (!input.body.empty()) {
        event.emplace("body", as_text ? utf8_text(input.body) : to_base64(as_bytes(input.body)));
    }
    event.emplace("isBase64Encoded", !input.body.empty() && !as_text);
    if (!input.match.stage->variables.empty()) {
        event.emplace("stageVariables", text_members(input.match.stage->variables));
    }
    return json::serialize(event);
}

} // namespace benchtop::apigateway
