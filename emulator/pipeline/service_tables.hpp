// Every control plane Benchtop has, by the name in the credential scope.
#pragma once

#include "emulator/service/operation.hpp"

#include <span>
#include <string_view>

namespace benchtop::pipeline {

std::span<const service::ServiceTable> service_tables();
// Null: none of that name.
const service::ServiceTable* find_service_table(std::string_view service);

} // namespace benchtop::pipeline
