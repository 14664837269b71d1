#include "emulator/logs/operations.hpp"

namespace benchtop::logs {

service::ServiceTable service_table() {
    return {
        .name = "logs",
        .protocol = service::Protocol::Json11,
        .version = "",
        .xmlns = "",
        .target = "Logs_20140328",
        .operations = {},
    };
}

} // namespace benchtop::logs
