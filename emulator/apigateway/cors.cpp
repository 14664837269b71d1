#include "emulator/apigateway/cors.hpp"

#include "emulator/core/encoding.hpp"

namespace benchtop::apigateway {
namespace {

std::string join(const std::vector<std::string>& texts) {
    std::string out;
    for (const auto& text : texts) {
        out += (out.empty() ? "" : ",") + text;
    }
    return out;
}

bool starts_with(std::string_view text, std::string_view prefix) {
    return text.substr(0, prefix.size()) == prefix;
}

// Value of Access-Control-Allow-Origin, or nullopt when this origin is not let in.
std::optional<std::string> allowed_origin(const CorsConfiguration& cors, std::string_view origin) {
    if (origin.empty()) {
        return std::nullopt;
    }
    for (const auto& allowed : cors.allow_origins) {
        if (allowed == "*") {
            return "*";
        }
        if (iequals(allowed, origin) ||
            ((allowed == "http://*" || allowed == "https://*") &&
             starts_with(origin, std::string_view(allowed).substr(0, allowed.size() - 1)))) {
            return std::string(origin);
        }
    }
    return std::nullopt;
}

void add_list(Headers& headers, std::string_view name, const std::vector<std::string>& values) {
    if (!values.empty()) {
        headers.add(name, join(values));
    }
}

} // namespace

bool is_preflight(const RequestHead& head) {
    return head.method == "OPTIONS" && head.headers.has("origin") &&
           head.headers.has("access-control-request-method");
}

Response preflight_response(
    const CorsConfiguration& cors, std::string_view origin, const AnswerContext& context
) {
    Response response;
    response.status = 204;
    response.framing = Framing::None;
    response.headers.add("Date", to_http_date(context.now));
    if (const auto allowed = allowed_origin(cors, origin)) {
        response.headers.add("Access-Control-Allow-Origin", *allowed);
        add_list(response.headers, "Access-Control-Allow-Methods", cors.allow_methods);
        add_list(response.headers, "Access-Control-Allow-Headers", cors.allow_headers);
        if (cors.max_age) {
            response.headers.add("Access-Control-Max-Age", std::to_string(*cors.max_age));
        }
        add_list(response.headers, "Access-Control-Expose-Headers", cors.expose_headers);
        if (cors.allow_credentials) {
            response.headers.add("Access-Control-Allow-Credentials", "true");
        }
    }
    response.headers.add("Apigw-Requestid", context.request_id);
    return response;
}

void apply_cors(Response& response, const CorsConfiguration& cors, std::string_view origin) {
    const std::string request_id(response.headers.get("Apigw-Requestid"));
    Headers headers;
    for (const auto& [name, value] : response.headers.entries()) {
        if (!iequals(name, "Apigw-Requestid") && !starts_with(to_lower(name), "access-control-")) {
            headers.add(name, value);
        }
    }
    if (const auto allowed = allowed_origin(cors, origin)) {
        headers.add("Access-Control-Allow-Origin", *allowed);
        add_list(headers, "Access-Control-Expose-Headers", cors.expose_headers);
        if (cors.allow_credentials) {
            headers.add("Access-Control-Allow-Credentials", "true");
        }
    }
    headers.add("Apigw-Requestid", request_id);
    response.headers = std::move(headers);
}

} // namespace benchtop::apigateway
