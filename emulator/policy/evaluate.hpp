// "May they": (request, policies) -> decision with reasons. Pure; runs on every request.
//
// Rules: IAM User Guide, "Policy evaluation logic" and "Cross-account policy evaluation logic".
// Organisation policies (SCP, RCP) do not exist here.
#pragma once

#include "emulator/policy/condition.hpp"
#include "emulator/policy/policy.hpp"
#include "emulator/policy/principal.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace benchtop::policy {

struct Request {
    std::string_view action;           // in AWS's spelling, e.g. "s3:PutObject"
    std::string_view resource;         // ARN, or "*" for actions without a resource
    std::string_view resource_account; // owner of the resource; "" means the caller's account
    const Principal& principal;
    // The keys of the request itself. Keys that follow from the principal (aws:PrincipalArn,
    // aws:PrincipalAccount, aws:PrincipalType, aws:PrincipalIsAWSService, aws:userid, aws:username)
    // and s3:/aws:ResourceAccount need not be in it.
    const ConditionContext& context;
};

struct NamedPolicy {
    std::shared_ptr<const Policy> policy; // never null
    std::string name;                     // for the reasons: "inline policy AllowPut of role web"
    std::string arn;                      // managed policies only
};

struct PolicySet {
    std::vector<NamedPolicy> identity;
    std::optional<std::vector<NamedPolicy>> boundary;
    std::optional<std::vector<NamedPolicy>> session;
    // A PolicyKind::Trust policy here must allow; without it nobody assumes the role.
    std::optional<NamedPolicy> resource;
    // Only the Deny statements of `resource` count.
    bool resource_only_denies = false;
    // How closely an access control list of S3 grants the action to the caller (No, Account or
    // Everyone); it stands beside the resource policy.
    PrincipalMatch acl = PrincipalMatch::No;
};

// Some policy of the set looks at condition keys that begin with `prefix`, in a condition or in a
// variable.
bool looks_at(const PolicySet& policies, std::string_view prefix);

enum class Effect { Allow, ImplicitDeny, ExplicitDeny };

struct Decision {
    enum class Source { None, Identity, Resource, Session, Boundary };
    Effect effect = Effect::ImplicitDeny;
    Source source = Source::None; // the kind of policy that decided (None: account root user)
    // For people: the policy and statement that decided, or which Allow statements came near and
    // what kept them from applying.
    std::string reason;
    std::string deciding_policy_arn; // managed policies only
    // The statement that decided; null when none did. It lives as long as the policies given.
    const NamedPolicy* deciding_policy = nullptr;
    std::size_t deciding_statement = 0;

    bool allowed() const { return effect == Effect::Allow; }
};

Decision evaluate(const Request& request, const PolicySet& policies);

enum class MessageStyle {
    S3,          // resource in quotes; "Access Denied" for anonymous and other accounts' callers
    Plain,       // every other service
    TrustPolicy, // sts:AssumeRole: no reason after the resource
};

// AWS's sentence for a refused request.
std::string denial_message(const Request& request, const Decision& decision, MessageStyle style);

} // namespace benchtop::policy
