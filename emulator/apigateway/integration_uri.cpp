#include "emulator/apigateway/integration_uri.hpp"

#include <algorithm>

namespace benchtop::apigateway {
namespace {

constexpr std::string_view kVariableOpen = "${stageVariables.";
constexpr std::string_view kLambda = "arn:aws:lambda:";
constexpr std::string_view kGateway = "arn:aws:apigateway:";
constexpr std::string_view kFunctions = ":lambda:path/2015-03-31/functions/";
constexpr std::string_view kInvocations = "/invocations";

} // namespace

std::optional<std::string> resolve_variables(std::string_view uri, const Stage& stage) {
    std::string out;
    for (;;) {
        const auto begin = uri.find(kVariableOpen);
        out += uri.substr(0, begin);
        if (begin == std::string_view::npos) {
            return out;
        }
        uri.remove_prefix(begin + kVariableOpen.size());
        const auto end = uri.find('}');
        const auto variable =
            std::find_if(stage.variables.begin(), stage.variables.end(), [&](const auto& pair) {
                return end != std::string_view::npos && pair.first == uri.substr(0, end);
            });
        if (variable == stage.variables.end()) {
            return std::nullopt;
        }
        out += variable->second;
        uri.remove_prefix(end + 1);
    }
}

std::optional<std::string> function_of(std::string_view uri) {
    if (uri.starts_with(kGateway)) {
        const auto begin = uri.find(kFunctions);
        if (begin == std::string_view::npos || !uri.ends_with(kInvocations)) {
            return std::nullopt;
        }
        uri.remove_prefix(begin + kFunctions.size());
        if (uri.size() < kInvocations.size()) {
            return std::nullopt;
        }
        uri.remove_suffix(kInvocations.size());
    }
    constexpr std::string_view function = ":function:";
    const auto colons = std::count(uri.begin(), uri.end(), ':');
    if (!uri.starts_with(kLambda) || uri.find(function) == std::string_view::npos ||
        (colons != 6 && colons != 7)) {
        return std::nullopt;
    }
    return std::string(uri);
}

bool may_lead_to_function(std::string_view uri) {
    if (uri.find(kVariableOpen) == std::string_view::npos) {
        return function_of(uri).has_value();
    }
    return uri.starts_with(kLambda) || uri.starts_with(kVariableOpen) ||
           (uri.starts_with(kGateway) && uri.find(kFunctions) != std::string_view::npos);
}

} // namespace benchtop::apigateway
