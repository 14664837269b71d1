// Lambda (Lambda API reference): every operation of the control plane Benchtop has.
#pragma once

#include "emulator/service/operation.hpp"

namespace benchtop::lambda {

service::ServiceTable service_table();

} // namespace benchtop::lambda
