// Faults as data: what can go wrong between a function and AWS, and where. Deciders (rules of the
// running emulator, schedules of the harness) are asked at fault points by wrappers around the
// ports; no operation knows of them.
//
// AWS promises none of these away: S3 notifications and asynchronous invocations are at least once
// and unordered (S3 User Guide, "Amazon S3 Event Notifications"; Lambda Developer Guide,
// "Asynchronous invocation"), every call may be throttled, fail, or succeed without its answer
// being heard (AWS SDKs Reference Guide, "Retry behavior").
#pragma once

#include "emulator/core/http.hpp"
#include "emulator/core/time.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace benchtop::faults {

enum class FaultKind {
    Delay,              // `delay` passes first, then it is done
    Error,              // not done; AWS answers `code` (InternalError, ServiceUnavailable...)
    Throttle,           // not done; AWS answers that it is asked too often
    Timeout,            // not done, and no answer comes
    LostAnswer,         // done, and no answer comes
    ExpiredCredentials, // not done; refused as by a session that has ended
    Duplicate,          // of an event: it is delivered once more, `delay` later
    Crash,              // the process dies before it is done, and starts again
    CrashAfter,         // likewise, once it is done
};

// "delay", "error"...: the words of JSON files and of the command line.
std::string_view name_of(FaultKind kind);
std::optional<FaultKind> kind_named(std::string_view name);

struct Fault {
    FaultKind kind = FaultKind::Error;
    microseconds delay{}; // of Delay and Duplicate
    std::string code;     // of Error; "" is the service's InternalError

    bool operator==(const Fault&) const = default;
};

// A function's call to AWS, before it is done.
struct CallPoint {
    std::string function;   // the caller's name
    std::string request_id; // of its invocation
    std::string service;    // "s3", "lambda"...
    std::string operation;  // "CopyObject"; "METHOD /path" when the service is not S3
    std::string bucket;     // of S3, decoded; "" when it has none
    std::string key;        // likewise
};

// An event (or an asynchronous Invoke) on its way to a function, before the function hears of it.
struct EventPoint {
    std::string function_arn;
    std::string request_id; // the same for all attempts
    std::string bucket;     // of the first record of an S3 event; "" of anything else
    std::string key;        // likewise, decoded
    int attempt = 1;
};

class FaultSource {
public:
    virtual ~FaultSource() = default;
    // What happens there, in this order: any Delay first, then at most one other kind (of an event
    // also Duplicates). Empty: nothing. Asked exactly once for each call and each attempt.
    // Thread-safe in the running emulator.
    virtual std::vector<Fault> at_call(const CallPoint& point) = 0;
    virtual std::vector<Fault> at_event(const EventPoint& point) = 0;

    // Nothing will happen anywhere for now: wrappers need not ask.
    virtual bool is_quiet() const { return false; }
};

} // namespace benchtop::faults
