// Requests that were refused, newest kept: what `benchtop why-denied REQUEST_ID` tells about one.
// A client learns that it may not; which statement said so, or which line of which policy is
// missing, stays here, for whoever works at the bench. In memory only.
#pragma once

#include "emulator/core/time.hpp"
#include "emulator/policy/evaluate.hpp"
#include "emulator/service/context.hpp"

#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace benchtop::pipeline {

struct Refusal {
    std::string request_id; // x-amz-request-id, x-amzn-RequestId or Apigw-Requestid
    UtcInstant at{};
    std::string request; // "PUT HOST/PATH", "Lambda CreateFunction": without query
    int status = 0;      // of the answer; 0: an event, which nobody answers
    std::string code;    // of the answer
    std::string message;

    // A policy's refusal; `action` "" when something else refused (a signature, a route).
    std::string principal;
    std::string action;
    std::string resource;
    std::string decision;  // "explicit deny" or "no statement allows it"
    std::string reason;    // the statement that denied, or the nearest Allow and its obstacle
    std::string statement; // what is missing, as JSON; "" for an explicit deny
    std::string add_to;    // which policy it belongs in, in words
    std::string command;   // does it; "" when none can

    // Anything else: the documented mistake it shows (tutor/), "" when it is none.
    std::string cause;
    std::string fix;
};

// Thread-safe.
class Refusals {
public:
    static constexpr std::size_t kKept = 1000;
    static constexpr std::size_t kTextBytesMax = 4096; // longer texts are cut

    void add(Refusal refusal);
    void clear();
    std::optional<Refusal> find(std::string_view request_id) const;
    // Newest first.
    std::vector<Refusal> newest(std::size_t limit) const;

private:
    mutable std::mutex mutex_;
    std::deque<Refusal> kept_; // oldest first
};

// A check that a policy refused: who asked what, and how it was decided.
struct DeniedCheck {
    policy::Principal principal;
    service::AccessRequest request;
    policy::Decision decision;
    std::vector<std::string> policies; // the caller's identity policies, by their names
};

// Fills in what the decision says and what would have to be added where.
void explain(Refusal& refusal, const DeniedCheck& denied);

// The resource policy of a function does not let a service in.
void explain_not_permitted(
    Refusal& refusal,
    std::string_view function_arn,
    std::string_view service, // "s3.amazonaws.com"
    std::string_view source_arn,
    std::string_view source_account // "" when the service sends none
);

} // namespace benchtop::pipeline
