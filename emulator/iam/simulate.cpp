// SimulatePrincipalPolicy and SimulateCustomPolicy: what policies would decide, without doing it
// (IAM User Guide, "Testing IAM policies with the IAM policy simulator").
#include "emulator/iam/errors.hpp"
#include "emulator/iam/handlers.hpp"
#include "emulator/iam/identity_policies.hpp"

namespace benchtop::iam {
namespace {

struct Simulated {
    policy::Principal principal;
    policy::PolicySet policies;
};

policy::ConditionContext context_of(const service::Call& call) {
    policy::ConditionContext context;
    for (std::size_t n = 1; n <= 1000; ++n) {
        const std::string prefix = "ContextEntries.member." + std::to_string(n) + ".";
        const auto name = call.parameters.find(prefix + "ContextKeyName");
        if (!name) {
            break;
        }
        for (const std::string& value : members_of(call, prefix + "ContextKeyValues")) {
            context.add(*name, value);
        }
    }
    context.add("aws:CurrentTime", to_iso8601_s(call.context.now));
    context.add("aws:EpochTime", std::to_string(to_epoch_seconds(call.context.now)));
    return context;
}

Result<void> add_custom_policies(
    const service::Call& call, std::string_view list, std::vector<policy::NamedPolicy>& set
) {
    std::size_t n = 0;
    for (const std::string& document : members_of(call, list)) {
        auto parsed = policy::parse_policy(document, policy::PolicyKind::Identity);
        if (!parsed) {
            return invalid_input("Invalid input policy: " + parsed.error().message());
        }
        set.push_back(
            {std::make_shared<const policy::Policy>(*std::move(parsed)),
             std::string(list) + "." + std::to_string(++n),
             ""}
        );
    }
    return {};
}

std::string_view effect_text(policy::Effect effect) {
    switch (effect) {
    case policy::Effect::Allow:
        return "allowed";
    case policy::Effect::ExplicitDeny:
        return "explicitDeny";
    case policy::Effect::ImplicitDeny:
        break;
    }
    return "implicitDeny";
}

Result<Response>
simulate(const service::Call& call, std::string_view action, Simulated& simulated) {
    const auto actions = members_of(call, "ActionNames");
    if (actions.empty()) {
        protocol::Constraints constraints;
        constraints.required("actionNames", false);
        return validation_error(constraints.message());
    }
    auto resources = members_of(call, "ResourceArns");
    if (resources.empty()) {
        resources.emplace_back("*");
    }
    if (const std::string_view document = call.parameter("ResourcePolicy"); !document.empty()) {
        auto parsed = policy::parse_policy(document, policy::PolicyKind::Resource);
        if (!parsed) {
            return invalid_input("Invalid resource policy: " + parsed.error().message());
        }
        simulated.policies.resource = policy::NamedPolicy{
            std::make_shared<const policy::Policy>(*std::move(parsed)), "ResourcePolicy", ""};
    }
    if (call.parameters.has("PermissionsBoundaryPolicyInputList.member.1")) {
        simulated.policies.boundary.emplace();
        if (auto added = add_custom_policies(
                call, "PermissionsBoundaryPolicyInputList", *simulated.policies.boundary
            );
            !added) {
            return added.error();
        }
    }
    const policy::ConditionContext context = context_of(call);
    auto xml = result_writer();
    xml.open("EvaluationResults");
    for (const std::string& name : actions) {
        for (const std::string& resource : resources) {
            const policy::Request request{
                name, resource, call.account(), simulated.principal, context};
            const policy::Decision decision = policy::evaluate(request, simulated.policies);
            xml.open("member")
                .element("EvalActionName", name)
                .element("EvalResourceName", resource)
                .element("EvalDecision", effect_text(decision.effect));
            xml.open("MatchedStatements");
            if (decision.effect != policy::Effect::ImplicitDeny) {
                xml.open("member")
                    .element("SourcePolicyId", decision.reason)
                    .element(
                        "SourcePolicyType",
                        decision.source == policy::Decision::Source::Resource ? "Resource Policy"
                                                                              : "IAM Policy"
                    )
                    .close();
            }
            xml.close().empty("MissingContextValues").close();
        }
    }
    xml.close().element("IsTruncated", false);
    return answer(call, action, std::move(xml));
}

} // namespace

Result<Response> simulate_principal_policy(const store::ReadTx& tx, service::Call& call) {
    const auto arn = required(call, "PolicySourceArn");
    if (!arn) {
        return arn.error();
    }
    const std::string name = arn->substr(arn->rfind('/') + 1);
    Simulated simulated;
    simulated.principal.account = call.account();
    if (const auto role = tx.find_role(call.account(), name); role && role_arn(*role) == *arn) {
        simulated.principal.kind = policy::Principal::Kind::AssumedRole;
        simulated.principal.role_arn = *arn;
        simulated.principal.arn =
            "arn:aws:sts::" + call.account() + ":assumed-role/" + name + "/simulation";
        simulated.principal.user_id = role->role_id + ":simulation";
        simulated.policies = policies_of(tx, store::PrincipalKind::Role, call.account(), name);
    } else if (const auto user = tx.find_user(call.account(), name);
               user && user_arn(*user) == *arn) {
        simulated.principal.kind = policy::Principal::Kind::User;
        simulated.principal.arn = *arn;
        simulated.principal.user_id = user->user_id;
        simulated.principal.username = user->name;
        simulated.policies = policies_of(tx, store::PrincipalKind::User, call.account(), name);
    } else {
        return no_such_entity("The entity " + *arn + " cannot be found.");
    }
    if (auto added = add_custom_policies(call, "PolicyInputList", simulated.policies.identity);
        !added) {
        return added.error();
    }
    return simulate(call, "SimulatePrincipalPolicy", simulated);
}

Result<Response> simulate_custom_policy(const store::ReadTx&, service::Call& call) {
    Simulated simulated;
    simulated.principal.kind = policy::Principal::Kind::User;
    simulated.principal.account = call.account();
    simulated.principal.arn = "arn:aws:iam::" + call.account() + ":user/simulation";
    simulated.principal.username = "simulation";
    if (!call.parameters.has("PolicyInputList.member.1")) {
        protocol::Constraints constraints;
        constraints.required("policyInputList", false);
        return validation_error(constraints.message());
    }
    if (auto added = add_custom_policies(call, "PolicyInputList", simulated.policies.identity);
        !added) {
        return added.error();
    }
    return simulate(call, "SimulateCustomPolicy", simulated);
}

} // namespace benchtop::iam
