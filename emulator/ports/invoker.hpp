// The Invoker port: how API Gateway and the delivery of events reach a function without knowing
// Lambda.
#pragma once

#include "emulator/core/time.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace benchtop {

// Who asks, for the function's resource policy (AWS:SourceArn, AWS:SourceAccount).
struct InvokeCaller {
    std::string service; // "apigateway.amazonaws.com", "s3.amazonaws.com"; "" for a signed Invoke
    std::string source_arn;
    std::string source_account;
};

struct InvokeRequest {
    std::string function_arn; // unqualified: arn:aws:lambda:REGION:ACCOUNT:function:NAME
    std::string qualifier;    // version or alias as the caller gave it; "" is $LATEST
    std::string payload;      // JSON text, delivered byte for byte
    std::string
        request_id; // uuid; the same for all attempts of an event. "": the invoker makes one
    // "Root=1-...", ";Lineage=..." behind it where the chain of requests is known
    // (service/lineage.hpp), or "".
    std::string trace_root;
    InvokeCaller caller;
    std::string client_context; // JSON text, "" for none (X-Amz-Client-Context, decoded)
    // The function finds AWS under AWS's own names (through Benchtop's proxy) instead of an
    // endpoint URL: what it presigns is then for clients that use the proxy too.
    bool real_names = false;
};

enum class InvokeStatus {
    Ok,            // payload is the function's answer
    FunctionError, // payload is an error document (X-Amz-Function-Error: Unhandled)
    NotFound,      // no such function
    NotPermitted,  // resource policy does not let the caller in
    Throttled,
    ServiceError, // Benchtop could not run it (plugin missing...): `payload` says why
};

struct InvokeOutcome {
    InvokeStatus status = InvokeStatus::ServiceError;
    std::string payload;
    std::string request_id;
    std::chrono::microseconds duration{};
    std::string log_tail; // the last 4 KB of the log, START to REPORT (X-Amz-Log-Result)
    std::string executed_version = "$LATEST"; // X-Amz-Executed-Version
};

class Invoker {
public:
    using Completion = std::move_only_function<void(InvokeOutcome)>;
    virtual ~Invoker() = default;
    // Completes exactly once, on any thread, possibly before returning. Thread-safe.
    virtual void invoke(InvokeRequest request, Completion done) = 0;
};

} // namespace benchtop
