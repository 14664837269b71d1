#include "emulator/logs/operations.hpp"

#include "emulator/logs/operation_list.hpp"

namespace benchtop::logs {

service::ServiceTable service_table() {
    static const std::vector<service::Operation> rows = [] {
        std::vector<service::Operation> all;
        add_group_operations(all);
        add_stream_operations(all);
        add_event_operations(all);
        add_filter_operations(all);
        add_tag_operations(all);
        return all;
    }();
    return {
        .name = "logs",
        .protocol = service::Protocol::Json11,
        .version = "",
        .xmlns = "",
        .target = "Logs_20140328",
        .operations = rows,
    };
}

} // namespace benchtop::logs
