// Requests that were refused, newest kept: what `benchtop why-denied REQUEST_ID` and `benchtop
// explain REQUEST_ID` tell about one. A client learns that it may not; which statement said so, or
// which line of which policy is missing, stays here, for whoever works at the bench. In memory
// only.
#pragma once

#include "emulator/auth/verify.hpp"
#include "emulator/core/http.hpp"
#include "emulator/core/time.hpp"
#include "emulator/policy/evaluate.hpp"
#include "emulator/service/context.hpp"

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace benchtop::pipeline {

// What a signature's verification looked at, so that it can be looked at again.
struct SignedRequest {
    RequestHead head;
    auth::ErrorFamily family = auth::ErrorFamily::S3;
    std::string service = "s3";
    std::optional<std::string> region; // that was expected
    std::string bucket;                // "/bucket" when the host named it
    bool accepts_body = false;
    std::optional<std::string> body_sha256; // of the body that arrived, where it was computed
};

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
    std::string mistake; // its short name
    std::string cause;
    std::string fix;

    bool of_access = true; // why-denied lists it: a policy's, a 403, a documented mistake
    // Null: it was larger than kRequestBytesMax, or has no signature of its own (forms, events).
    std::shared_ptr<const SignedRequest> signed_request;
};

// Thread-safe.
class Refusals {
public:
    static constexpr std::size_t kKept = 1000;
    static constexpr std::size_t kTextBytesMax = 4096; // longer texts are cut
    static constexpr std::size_t kRequestBytesMax = 16 * 1024;

    void add(Refusal refusal);
    void clear();
    std::optional<Refusal> find(std::string_view request_id) const;
    std::optional<Refusal> last() const;
    // Newest first, those of access only.
    std::vector<Refusal> newest(std::size_t limit) const;

private:
    mutable std::mutex mutex_;
    std::deque<Refusal> kept_; // oldest first
};

// Null for a request too large to be kept.
std::shared_ptr<const SignedRequest> keep_request(SignedRequest request);

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
