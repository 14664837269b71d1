// API Gateway (API Gateway V2 API reference): every operation of the control plane Benchtop has.
#pragma once

#include "emulator/service/operation.hpp"

namespace benchtop::apigateway {

service::ServiceTable service_table();

} // namespace benchtop::apigateway
