// SimulatePrincipalPolicy and SimulateCustomPolicy: what policies would decide, without doing it
// (IAM User Guide, "Testing IAM policies with the IAM policy simulator").
#include "emulator/iam/errors.hpp"
#include "emulator/iam/handlers.hpp"
#include "emulator/iam/identity_policies.hpp"

#include <algorithm>
#include <map>

namespace benchtop::iam {
namespace {

// A policy as the simulator names it, and its text.
struct Source {
    std::string id;
    std::string document;
};

struct Simulated {
    policy::Principal principal;
    policy::PolicySet policies;
    std::map<std::string, Source, std::less<>> sources; // by the policy's name for reasons
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
    const service::Call& call,
    std::string_view list,
    Simulated& simulated,
    std::vector<policy::NamedPolicy>& set
) {
    std::size_t n = 0;
    for (const std::string& document : members_of(call, list)) {
        auto parsed = policy::parse_policy(document, policy::PolicyKind::Identity);
        if (!parsed) {
            return invalid_input("Invalid input policy: " + parsed.error().message());
        }
        const std::string name = std::string(list) + "." + std::to_string(++n);
        simulated.sources[name] = {name, document};
        set.push_back({std::make_shared<const policy::Policy>(*std::move(parsed)), name, ""});
    }
    return {};
}

// What the entity's own policies are called: "user_alice_AllowPut", or the managed policy's name.
void add_sources(
    const store::ReadTx& tx,
    const service::Call& call,
    const Entity& entity,
    std::string_view name,
    Simulated& simulated
) {
    const std::string owner = std::string(entity.label) + " " + std::string(name);
    for (const auto& own : tx.inline_policies(entity.kind, call.account(), name)) {
        simulated.sources["inline policy " + own.name + " of " + owner] = {
            std::string(entity.label) + "_" + std::string(name) + "_" + own.name, own.document};
    }
    for (const std::string& arn : attached_policies(tx, entity.kind, call.account(), name)) {
        if (const auto managed = find_policy(tx, call.account(), arn)) {
            simulated.sources["managed policy " + managed->name + " of " + owner] = {
                managed->name, managed->current().document};
        }
    }
}

struct Position {
    std::uint64_t line = 1;
    std::uint64_t column = 1;
};

// Reads a policy's text far enough to say where its statements are.
class StatementFinder {
public:
    StatementFinder(std::string_view document, std::size_t wanted)
        : text_(document)
        , wanted_(wanted) {}

    // The positions behind the first and the last character, as AWS counts them (recorded).
    std::pair<Position, Position> find() {
        bool in_statement = false;
        int depth = 0;
        int base = 0; // depth of the statements
        std::size_t begin = 0;
        for (std::size_t at = 0; at < text_.size(); ++at) {
            const char c = text_[at];
            if (c == '"') {
                const std::size_t end = end_of_string(at);
                in_statement =
                    in_statement || (depth == 1 && text_.substr(at, end - at) == "\"Statement");
                at = end;
            } else if (c == '{' || c == '[') {
                ++depth;
                base = in_statement && base == 0 ? depth + (c == '[') : base;
                begin = depth == base && c == '{' ? at : begin;
            } else if (c == '}' || c == ']') {
                if (depth == base && c == '}' && wanted_-- == 0) {
                    return {behind(begin), behind(at)};
                }
                --depth;
            }
        }
        return {};
    }

private:
    std::size_t end_of_string(std::size_t at) const {
        for (++at; at < text_.size() && text_[at] != '"'; ++at) {
            at += text_[at] == '\\';
        }
        return at;
    }

    Position behind(std::size_t at) const {
        const std::string_view before = text_.substr(0, at + 1);
        const auto lines = std::count(before.begin(), before.end(), '\n');
        const std::size_t last = before.rfind('\n');
        const std::size_t column = last == std::string_view::npos ? at + 1 : at - last;
        return {static_cast<std::uint64_t>(lines) + 1, column + 1};
    }

    std::string_view text_;
    std::size_t wanted_;
};

void write_position(protocol::XmlWriter& xml, std::string_view name, const Position& position) {
    xml.open(name).element("Line", position.line).element("Column", position.column).close();
}

void write_matched(
    protocol::XmlWriter& xml, const policy::Decision& decision, const Simulated& simulated
) {
    xml.open("MatchedStatements");
    if (decision.deciding_policy != nullptr && decision.effect != policy::Effect::ImplicitDeny) {
        const auto source = simulated.sources.find(decision.deciding_policy->name);
        const bool of_resource = decision.source == policy::Decision::Source::Resource;
        xml.open("member")
            .element(
                "SourcePolicyId",
                source != simulated.sources.end() ? source->second.id
                                                  : decision.deciding_policy->name
            )
            .element("SourcePolicyType", of_resource ? "Resource Policy" : "IAM Policy");
        if (source != simulated.sources.end()) {
            const auto [begin, end] =
                StatementFinder(source->second.document, decision.deciding_statement).find();
            write_position(xml, "StartPosition", begin);
            write_position(xml, "EndPosition", end);
        }
        xml.close();
    }
    xml.close();
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
        simulated.sources["ResourcePolicy"] = {"ResourcePolicy", std::string(document)};
        simulated.policies.resource = policy::NamedPolicy{
            std::make_shared<const policy::Policy>(*std::move(parsed)), "ResourcePolicy", ""};
    }
    if (call.parameters.has("PermissionsBoundaryPolicyInputList.member.1")) {
        simulated.policies.boundary.emplace();
        if (auto added = add_custom_policies(
                call, "PermissionsBoundaryPolicyInputList", simulated, *simulated.policies.boundary
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
            write_matched(xml, decision, simulated);
            xml.empty("MissingContextValues")
                .empty("EvalDecisionDetails")
                .open("OrganizationsDecisionDetail")
                .element("AllowedByOrganizations", true)
                .close();
            xml.open("ResourceSpecificResults")
                .open("member")
                .element("EvalResourceName", resource)
                .element("EvalResourceDecision", effect_text(decision.effect));
            write_matched(xml, decision, simulated);
            xml.empty("MissingContextValues").close().close().close();
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
        add_sources(tx, call, kRole, name, simulated);
    } else if (const auto user = tx.find_user(call.account(), name);
               user && user_arn(*user) == *arn) {
        simulated.principal.kind = policy::Principal::Kind::User;
        simulated.principal.arn = *arn;
        simulated.principal.user_id = user->user_id;
        simulated.principal.username = user->name;
        simulated.policies = policies_of(tx, store::PrincipalKind::User, call.account(), name);
        add_sources(tx, call, kUser, name, simulated);
        for (const std::string& of : groups_of_user(tx, call.account(), name)) {
            add_sources(tx, call, kGroup, of, simulated);
        }
    } else if (const auto group = find_group(tx, call.account(), name);
               group && group_arn(*group) == *arn) {
        // Somebody who has nothing but the group's policies.
        simulated.principal.kind = policy::Principal::Kind::User;
        simulated.principal.arn = *arn;
        simulated.principal.user_id = group->group_id;
        simulated.policies = policies_of(tx, store::PrincipalKind::Group, call.account(), name);
        add_sources(tx, call, kGroup, name, simulated);
    } else {
        return no_such_entity("The entity " + *arn + " cannot be found.");
    }
    if (auto added =
            add_custom_policies(call, "PolicyInputList", simulated, simulated.policies.identity);
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
    if (auto added =
            add_custom_policies(call, "PolicyInputList", simulated, simulated.policies.identity);
        !added) {
        return added.error();
    }
    return simulate(call, "SimulateCustomPolicy", simulated);
}

} // namespace benchtop::iam
