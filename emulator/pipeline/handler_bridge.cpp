#include "emulator/pipeline/handler_bridge.hpp"

#include "emulator/core/assert.hpp"

namespace benchtop::pipeline {

Response
HandlerBridge::send(RequestHead head, std::string body, const functions::HandlerSource& source) {
    Services* const services = services_;
    BT_ASSERT(services != nullptr);
    head.received_at = services->clock.now();
    if (head.source_ip.empty()) {
        head.source_ip = "127.0.0.1";
    }
    // As AWS's SDKs do inside Lambda, so that loops are seen.
    if (!source.trace_id.empty() && !head.headers.has("x-amzn-trace-id")) {
        head.headers.add("X-Amzn-Trace-Id", source.trace_id);
    }
    return execute_blocking(*services, std::move(head), body);
}

} // namespace benchtop::pipeline
