// IAM (IAM API reference): every operation of the control plane Benchtop has.
#pragma once

#include "emulator/service/operation.hpp"

namespace benchtop::iam {

service::ServiceTable service_table();

} // namespace benchtop::iam
