#include "emulator/apigateway/control_plane.hpp"

namespace benchtop::apigateway {

service::ServiceTable service_table() {
    return {
        .name = "apigateway",
        .protocol = service::Protocol::RestJson,
        .version = "",
        .xmlns = "",
        .target = "",
        .operations = {},
    };
}

} // namespace benchtop::apigateway
