#include "emulator/pipeline/role_access.hpp"

#include "emulator/functions/environment.hpp"
#include "emulator/functions/invocation_target.hpp"
#include "emulator/policy/evaluate.hpp"
#include "emulator/service/function_settings.hpp"

namespace benchtop::pipeline {

std::shared_ptr<const Identity>
function_identity(const store::ReadTx& tx, const store::Function& function) {
    const auto role = functions::parse_role_arn(function.role_arn);
    if (!role) {
        return nullptr;
    }
    store::AccessKey session;
    session.account = role->account;
    session.kind = store::PrincipalKind::Role;
    session.principal_name = role->name;
    session.session_name = functions::role_session_name(function.name);
    return identity_of(tx, session);
}

std::optional<std::string> why_not_allowed(
    const Identity& identity,
    std::string_view action,
    std::string_view resource,
    std::string_view resource_policy,
    UtcInstant now
) {
    policy::ConditionContext context;
    context.add("aws:CurrentTime", to_iso8601_s(now));
    context.add("aws:EpochTime", std::to_string(to_epoch_seconds(now)));
    context.add("aws:SecureTransport", "true");
    policy::PolicySet policies = identity.policies;
    if (!resource_policy.empty()) {
        if (auto parsed = policy::parse_policy(resource_policy, policy::PolicyKind::Resource)) {
            policies.resource = policy::NamedPolicy{
                std::make_shared<const policy::Policy>(*std::move(parsed)), "resource policy", ""};
        }
    }
    const policy::Request question{
        action, resource, identity.principal.account, identity.principal, context};
    const policy::Decision decision = policy::evaluate(question, policies);
    if (decision.allowed()) {
        return std::nullopt;
    }
    return policy::denial_message(question, decision, policy::MessageStyle::Plain);
}

std::optional<std::string> why_not_sent(
    const store::ReadTx& tx,
    std::string_view function_arn,
    std::string_view destination,
    UtcInstant now
) {
    const auto from = service::parse_function_ref(function_arn);
    const auto to = service::parse_function_ref(destination);
    if (!to) {
        return "Benchtop delivers results to functions only.";
    }
    const auto function =
        from ? tx.find_function(from->account, from->region, from->name) : std::nullopt;
    const auto identity = function ? function_identity(tx, *function) : nullptr;
    if (!identity) {
        return "The function or its role is not there any more.";
    }
    const auto target = tx.find_function(to->account, to->region, to->name);
    return why_not_allowed(
        *identity,
        "lambda:InvokeFunction",
        destination,
        target ? target->policy : std::string(),
        now
    );
}

} // namespace benchtop::pipeline
