// What an integration's URI means: a function's ARN, plain or as the path of its invocations, with
// stage variables in it or without.
#pragma once

#include "emulator/apigateway/model.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace benchtop::apigateway {

// "${stageVariables.x}" replaced; nullopt when one is not set.
std::optional<std::string> resolve_variables(std::string_view uri, const Stage& stage);

// arn:aws:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER], plain or inside
// arn:aws:apigateway:REGION:lambda:path/2015-03-31/functions/ARN/invocations; nullopt: no function.
std::optional<std::string> function_of(std::string_view uri);

// Whether it leads to a function, or may once its stage variables are known.
bool may_lead_to_function(std::string_view uri);

} // namespace benchtop::apigateway
