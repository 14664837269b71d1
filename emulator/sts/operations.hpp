// STS (AWS STS API reference): every operation of the control plane Benchtop has.
#pragma once

#include "emulator/service/operation.hpp"

namespace benchtop::sts {

service::ServiceTable service_table();

} // namespace benchtop::sts
