// CloudWatch Logs (CloudWatch Logs API reference): every operation of the control plane Benchtop
// has.
#pragma once

#include "emulator/service/operation.hpp"

namespace benchtop::logs {

service::ServiceTable service_table();

} // namespace benchtop::logs
