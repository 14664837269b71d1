// What every service's operations share: the context of one request, and the question "may the
// caller?".
//
// An operation is a plain function of (transaction, OpContext, Input). It reads no clock: `now` is
// here.
#pragma once

#include "emulator/core/ids.hpp"
#include "emulator/core/result.hpp"
#include "emulator/core/time_axis.hpp"
#include "emulator/policy/policy.hpp"
#include "emulator/ports/random.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace benchtop::service {

// One "may the caller do this to that?". Conditions are the request's keys beyond the global ones
// (aws:SourceIp, aws:PrincipalArn... are added by the Authorizer): ("s3:prefix", "uploads/").
struct AccessRequest {
    std::string action;           // "s3:PutObject"
    std::string resource;         // ARN, or "*"
    std::string resource_account; // owner of the resource
    std::string resource_policy;  // JSON text of the resource's own policy; "" when it has none
    std::vector<std::pair<std::string, std::string>> conditions;
    bool is_trust = false; // resource_policy is a role's trust policy
};

// Answers for one caller, from the policies in force when the request was admitted. Any thread, one
// at a time.
class Authorizer {
public:
    virtual ~Authorizer() = default;
    // Allowed, or AccessDenied with AWS's sentence in the service's own style.
    virtual Result<void> check(const AccessRequest& request) = 0;
};

struct OpContext {
    UtcInstant now; // real axis
    const TimeAxis& axis;
    const RequestIds& ids;
    const policy::Principal& caller;
    std::string_view source_ip;
    std::string_view region; // of the endpoint the request was sent to
    Authorizer& authorizer;
    Random& random;
    std::string_view trace_header{}; // X-Amzn-Trace-Id, as the client sent it
};

} // namespace benchtop::service
