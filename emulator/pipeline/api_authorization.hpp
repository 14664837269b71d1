// Whether a request may reach its route: JWT and IAM authorizers of HTTP APIs (API Gateway
// Developer Guide, "Controlling and managing access to HTTP APIs").
#pragma once

#include "emulator/apigateway/gateway.hpp"
#include "emulator/pipeline/services.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace benchtop::pipeline {

struct ApiRefusal {
    int status = 403;             // or 401
    std::string www_authenticate; // "" for none
    std::string cause;            // for the log
};

// What the event's requestContext.authorizer holds, JSON; "" for a route that is open.
struct ApiAdmission {
    std::string authorizer;
};

// `body_sha256`: of the whole body, which an IAM signature covers.
std::variant<ApiAdmission, ApiRefusal> authorize_api(
    Services& services,
    const apigateway::Plan& plan,
    const RequestHead& head,
    std::string_view body_sha256
);

} // namespace benchtop::pipeline
