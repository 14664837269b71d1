#include "emulator/pipeline/service_tables.hpp"

#include "emulator/apigateway/control_plane.hpp"
#include "emulator/iam/operations.hpp"
#include "emulator/lambda/operations.hpp"
#include "emulator/logs/operations.hpp"
#include "emulator/sts/operations.hpp"

#include <array>

namespace benchtop::pipeline {

std::span<const service::ServiceTable> service_tables() {
    static const std::array tables{
        sts::service_table(),
        iam::service_table(),
        lambda::service_table(),
        apigateway::service_table(),
        logs::service_table(),
    };
    return tables;
}

const service::ServiceTable* find_service_table(std::string_view service) {
    for (const service::ServiceTable& table : service_tables()) {
        if (table.name == service) {
            return &table;
        }
    }
    return nullptr;
}

} // namespace benchtop::pipeline
