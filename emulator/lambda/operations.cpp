#include "emulator/lambda/operations.hpp"

namespace benchtop::lambda {

service::ServiceTable service_table() {
    return {
        .name = "lambda",
        .protocol = service::Protocol::RestJson,
        .version = "",
        .xmlns = "",
        .target = "",
        .operations = {},
    };
}

} // namespace benchtop::lambda
