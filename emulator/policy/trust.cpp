#include "emulator/policy/trust.hpp"

#include "emulator/policy/evaluate.hpp"

namespace benchtop::policy {

bool service_may_assume(
    std::string_view trust_policy,
    std::string_view role_arn,
    std::string_view role_account,
    std::string_view service
) {
    auto parsed = parse_policy(trust_policy, PolicyKind::Trust);
    if (!parsed) {
        return false;
    }
    PolicySet policies;
    policies.resource =
        NamedPolicy{std::make_shared<const Policy>(*std::move(parsed)), "trust policy", ""};
    Principal principal;
    principal.kind = Principal::Kind::Service;
    principal.service = service;
    const ConditionContext context;
    const Request request{"sts:AssumeRole", role_arn, role_account, principal, context};
    return evaluate(request, policies).allowed();
}

} // namespace benchtop::policy
