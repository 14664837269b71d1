// CORS configured on the API (API Gateway Developer Guide, "Configure CORS for HTTP APIs").
#pragma once

#include "emulator/apigateway/errors.hpp"
#include "emulator/apigateway/model.hpp"

namespace benchtop::apigateway {

// An OPTIONS request that a browser sends before the real one.
bool is_preflight(const RequestHead& head);

// 204 without a body, whether or not a route exists.
Response preflight_response(
    const CorsConfiguration& cors, std::string_view origin, const AnswerContext& context
);

// Drops what the function said about CORS and says what is configured instead; headers stay before
// Apigw-Requestid. `origin` "": nothing is said.
void apply_cors(Response& response, const CorsConfiguration& cors, std::string_view origin);

} // namespace benchtop::apigateway
