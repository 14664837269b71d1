#include "emulator/iam/operations.hpp"

namespace benchtop::iam {

service::ServiceTable service_table() {
    return {
        .name = "iam",
        .protocol = service::Protocol::Query,
        .version = "2010-05-08",
        .xmlns = "https://iam.amazonaws.com/doc/2010-05-08/",
        .target = "",
        .operations = {},
    };
}

} // namespace benchtop::iam
