#include "emulator/functions/error_payload.hpp"

#include "emulator/functions/log_format.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/string_view.hpp>
#include <fmt/format.h>

namespace benchtop::functions {

namespace {

ErrorPayload platform_error(std::string_view type, std::string_view message) {
    return {
        std::string(type),
        fmt::format(
            R"({{"errorType":{},"errorMessage":{}}})", json_string(type), json_string(message)
        )};
}

} // namespace

std::string json_string(std::string_view text) {
    return boost::json::serialize(boost::json::string_view(text.data(), text.size()));
}

std::string error_document(std::string_view message, std::string_view type) {
    return fmt::format(
        R"({{"errorMessage":{},"errorType":{}}})", json_string(message), json_string(type)
    );
}

ErrorPayload timed_out(std::string_view request_id, int timeout_s) {
    return platform_error(
        "Sandbox.Timedout",
        fmt::format(
            "RequestId: {} Error: Task timed out after {} seconds",
            request_id,
            timeout_text(timeout_s)
        )
    );
}

ErrorPayload runtime_exit(std::string_view request_id, std::string_view how) {
    const std::string reason = how.empty() ? "Runtime exited without providing a reason"
                                           : fmt::format("Runtime exited with error: {}", how);
    return platform_error(
        "Runtime.ExitError", fmt::format("RequestId: {} Error: {}", request_id, reason)
    );
}

ErrorPayload out_of_memory(std::string_view request_id) {
    return platform_error(
        "Runtime.OutOfMemory",
        fmt::format("RequestId: {} Error: Runtime exited with error: signal: killed", request_id)
    );
}

ErrorPayload response_too_large() {
    return {
        "Function.ResponseSizeTooLarge",
        error_document(
            fmt::format(
                "Response payload size exceeded maximum allowed payload size ({} bytes).",
                kPayloadBytesMax
            ),
            "Function.ResponseSizeTooLarge"
        )};
}

} // namespace benchtop::functions
