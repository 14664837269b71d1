#include "emulator/stack/api_calls.hpp"

#include <boost/json.hpp>

#include <array>

namespace benchtop::stack {
namespace {

namespace json = boost::json;
using Kind = ApiPartSpec::Kind;

struct KindOfPart {
    std::string_view operation;
    std::string_view id_member; // of the answer; "": the part has a name, not an id
};

KindOfPart about(Kind kind) {
    switch (kind) {
    case Kind::Api:
        return {"CreateApi", "apiId"};
    case Kind::Authorizer:
        return {"CreateAuthorizer", "authorizerId"};
    case Kind::Integration:
        return {"CreateIntegration", "integrationId"};
    case Kind::Route:
        return {"CreateRoute", "routeId"};
    case Kind::Deployment:
        return {"CreateDeployment", "deploymentId"};
    case Kind::Stage:
        return {"CreateStage", ""};
    }
    return {};
}

// The id that was drawn; "" when the answer names none.
std::string drawn_id(const Response& response, std::string_view member) {
    boost::system::error_code ec;
    const auto* const text = std::get_if<std::string>(&response.body);
    const json::value answer = text != nullptr ? json::parse(*text, ec) : json::value();
    const json::value* const id =
        !ec && answer.is_object() ? answer.get_object().if_contains(member) : nullptr;
    return id != nullptr && id->is_string() ? std::string(id->get_string()) : std::string();
}

// Whole texts of the document only, and the targets of routes.
void rename(std::string& document, const std::string& drawn, const std::string& wanted) {
    for (const std::string_view before : {"\"", "\"integrations/"}) {
        const std::string from = std::string(before) + drawn + '"';
        const std::string to = std::string(before) + wanted + '"';
        for (std::size_t at = document.find(from); at != std::string::npos;
             at = document.find(from, at + to.size())) {
            document.replace(at, from.size(), to);
        }
    }
}

} // namespace

Result<bool> ApiCalls::make(const ApiPartSpec& spec) {
    if (spec.kind == Kind::Api && tx_.find_api(spec.api_id)) {
        kept_.insert(spec.api_id);
    }
    if (kept_.contains(spec.api_id)) {
        return false;
    }
    const KindOfPart kind = about(spec.kind);
    std::vector<std::string> labels;
    if (spec.kind != Kind::Api) {
        labels.push_back(spec.api_id);
    }
    const auto made = calls_.rest("apigateway", kind.operation, std::move(labels), spec.settings);
    if (!made) {
        return made.error();
    }
    const std::string drawn =
        kind.id_member.empty() ? std::string() : drawn_id(*made, kind.id_member);
    auto row = tx_.find_api(spec.kind == Kind::Api ? drawn : spec.api_id);
    if (drawn.empty() || drawn == spec.id || !row) {
        return true;
    }
    if (spec.kind == Kind::Api) {
        tx_.delete_api(drawn);
        row->api_id = spec.id;
    }
    rename(row->document, drawn, spec.id);
    tx_.put_api(*row);
    return true;
}

} // namespace benchtop::stack
