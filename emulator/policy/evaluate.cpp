#include "emulator/policy/evaluate.hpp"

#include "emulator/core/encoding.hpp"
#include "emulator/policy/applies.hpp"

#include <algorithm>

namespace benchtop::policy {
namespace {

using Source = Decision::Source;

struct Found {
    const NamedPolicy* policy = nullptr;
    const Statement* statement = nullptr;
    PrincipalMatch principal = PrincipalMatch::No;

    explicit operator bool() const { return statement != nullptr; }
};

struct Scan {
    Found deny;
    Found allow; // the one that names the caller most closely
};

void scan(const NamedPolicy& named, const Frame& frame, Scan& out) {
    for (const Statement& statement : named.policy->statements()) {
        if (!statement.denies && out.allow && out.allow.principal == PrincipalMatch::Direct) {
            continue;
        }
        const Verdict verdict = check(statement, frame);
        if (verdict.obstacle != Obstacle::None) {
            continue;
        }
        if (statement.denies) {
            out.deny = {&named, &statement, verdict.principal};
            return;
        }
        if (!out.allow || verdict.principal > out.allow.principal) {
            out.allow = {&named, &statement, verdict.principal};
        }
    }
}

Scan scan_all(const std::vector<NamedPolicy>& policies, const Frame& frame) {
    Scan out;
    for (const NamedPolicy& named : policies) {
        scan(named, frame, out);
        if (out.deny) {
            break;
        }
    }
    return out;
}

Decision decided(Effect effect, Source source, const Found& found) {
    Decision decision;
    decision.effect = effect;
    decision.source = source;
    decision.reason = describe_decider(*found.policy, *found.statement);
    decision.deciding_policy_arn = found.policy->arn;
    decision.deciding_policy = found.policy;
    decision.deciding_statement =
        static_cast<std::size_t>(found.statement - found.policy->policy->statements().data());
    return decision;
}

void append_pointers(const std::vector<NamedPolicy>& from, std::vector<const NamedPolicy*>& to) {
    for (const NamedPolicy& named : from) {
        to.push_back(&named);
    }
}

class Evaluation {
public:
    Evaluation(const Request& request, const PolicySet& policies)
        : frame_(request)
        , principal_(request.principal)
        , policies_(policies) {}

    Decision decide();

private:
    using Kind = Principal::Kind;

    void scan_everything();
    std::optional<Decision> explicit_deny() const;
    Decision decide_without_identity() const; // anonymous callers and services
    Decision decide_for_root() const;
    Decision refuse(Source source) const;

    bool cross_account() const {
        const std::string_view owner = frame_.request().resource_account;
        return !owner.empty() && owner != principal_.account;
    }

    bool is_trust() const {
        return policies_.resource && policies_.resource->policy->kind() == PolicyKind::Trust;
    }

    // A resource policy that names the user or the session itself is not held back by what a
    // boundary or session policy merely leaves out; one that names the role or "*" is.
    bool bypasses_limits() const { return resource_.allow.principal == PrincipalMatch::Direct; }

    // The resource's side allows: by its policy or by an access control list.
    bool resource_allows() const { return resource_.allow || policies_.acl != PrincipalMatch::No; }

    // In one account the resource grants by itself when it names the caller or everyone, not when
    // it only names the account.
    bool resource_grants() const {
        return (resource_.allow && resource_.allow.principal != PrincipalMatch::Account) ||
               policies_.acl == PrincipalMatch::Everyone;
    }

    Decision allow_by_resource() const;

    Frame frame_;
    const Principal& principal_;
    const PolicySet& policies_;
    Scan identity_;
    Scan resource_;
    Scan boundary_;
    Scan session_;
};

void Evaluation::scan_everything() {
    if (policies_.resource) {
        scan(*policies_.resource, frame_, resource_);
        if (policies_.resource_only_denies) {
            resource_.allow = {};
        }
    }
    if (principal_.kind == Kind::User || principal_.kind == Kind::AssumedRole) {
        identity_ = scan_all(policies_.identity, frame_);
        if (policies_.boundary) {
            boundary_ = scan_all(*policies_.boundary, frame_);
        }
        if (policies_.session) {
            session_ = scan_all(*policies_.session, frame_);
        }
    }
}

std::optional<Decision> Evaluation::explicit_deny() const {
    const std::pair<const Scan*, Source> order[] = {
        {&identity_, Source::Identity},
        {&resource_, Source::Resource},
        {&boundary_, Source::Boundary},
        {&session_, Source::Session},
    };
    for (const auto& [found, source] : order) {
        if (found->deny) {
            return decided(Effect::ExplicitDeny, source, found->deny);
        }
    }
    return std::nullopt;
}

Decision Evaluation::refuse(Source source) const {
    Decision decision;
    decision.source = source;
    std::vector<const NamedPolicy*> considered;
    std::string_view what = "identity-based";
    switch (source) {
    case Source::Boundary:
        what = "permissions boundary";
        append_pointers(*policies_.boundary, considered);
        break;
    case Source::Session:
        what = "session";
        append_pointers(*policies_.session, considered);
        break;
    case Source::Resource:
        what = is_trust() ? "trust" : "resource-based";
        break;
    case Source::Identity:
    case Source::None:
        append_pointers(policies_.identity, considered);
        break;
    }
    if (policies_.resource && (source == Source::Resource || source == Source::Identity)) {
        considered.push_back(&*policies_.resource);
    }
    decision.reason = describe_near_misses(considered, frame_, what);
    return decision;
}

Decision Evaluation::allow_by_resource() const {
    if (resource_.allow) {
        return decided(Effect::Allow, Source::Resource, resource_.allow);
    }
    Decision decision;
    decision.effect = Effect::Allow;
    decision.source = Source::Resource;
    decision.reason = "the access control list grants it";
    return decision;
}

Decision Evaluation::decide_without_identity() const {
    return resource_allows() ? allow_by_resource() : refuse(Source::Resource);
}

Decision Evaluation::decide_for_root() const {
    if ((cross_account() || is_trust()) && !resource_allows()) {
        return refuse(Source::Resource);
    }
    Decision decision;
    decision.effect = Effect::Allow;
    decision.reason = "the account's root user may do everything its account owns";
    return decision;
}

Decision Evaluation::decide() {
    scan_everything();
    if (auto denied = explicit_deny()) {
        return *std::move(denied);
    }
    if (principal_.kind == Kind::Anonymous || principal_.kind == Kind::Service) {
        return decide_without_identity();
    }
    if (principal_.kind == Kind::Root) {
        return decide_for_root();
    }
    const bool both_needed = cross_account();
    const bool granted = !both_needed && resource_grants();
    if (!granted && !identity_.allow) {
        return refuse(Source::Identity);
    }
    if ((both_needed || is_trust()) && !resource_allows()) {
        return refuse(Source::Resource);
    }
    const bool limited = !(granted && bypasses_limits());
    if (policies_.boundary && !boundary_.allow && limited) {
        return refuse(Source::Boundary);
    }
    if (policies_.session && !session_.allow && limited) {
        return refuse(Source::Session);
    }
    return identity_.allow ? decided(Effect::Allow, Source::Identity, identity_.allow)
                           : allow_by_resource();
}

bool begins_with(std::string_view text, std::string_view prefix) {
    return text.size() >= prefix.size() && iequals(text.substr(0, prefix.size()), prefix);
}

bool has_variable(std::string_view text, std::string_view prefix) {
    for (auto at = text.find("${"); at != std::string_view::npos; at = text.find("${", at + 2)) {
        if (begins_with(text.substr(at + 2), prefix)) {
            return true;
        }
    }
    return false;
}

bool looks_at_key(const Statement& statement, std::string_view prefix) {
    const bool in_conditions = std::any_of(
        statement.conditions.begin(),
        statement.conditions.end(),
        [&](const Condition& condition) {
            return begins_with(condition.key(), prefix) ||
                   std::any_of(
                       condition.values().begin(),
                       condition.values().end(),
                       [&](const std::string& value) { return has_variable(value, prefix); }
                   );
        }
    );
    return in_conditions ||
           std::any_of(
               statement.resources.begin(),
               statement.resources.end(),
               [&](const ArnPattern& resource) { return has_variable(resource.text(), prefix); }
           );
}

bool looks_at_key(const NamedPolicy& named, std::string_view prefix) {
    const auto& statements = named.policy->statements();
    return std::any_of(statements.begin(), statements.end(), [&](const Statement& statement) {
        return looks_at_key(statement, prefix);
    });
}

bool any_looks_at_key(const std::vector<NamedPolicy>& policies, std::string_view prefix) {
    return std::any_of(policies.begin(), policies.end(), [&](const NamedPolicy& named) {
        return looks_at_key(named, prefix);
    });
}

std::string_view reason_phrase_of(Source source) {
    switch (source) {
    case Source::Identity:
    case Source::None:
        break;
    case Source::Resource:
        return "resource-based policy";
    case Source::Session:
        return "session policy";
    case Source::Boundary:
        return "permissions boundary";
    }
    return "identity-based policy";
}

} // namespace

Decision evaluate(const Request& request, const PolicySet& policies) {
    return Evaluation(request, policies).decide();
}

bool looks_at(const PolicySet& policies, std::string_view prefix) {
    return any_looks_at_key(policies.identity, prefix) ||
           (policies.boundary && any_looks_at_key(*policies.boundary, prefix)) ||
           (policies.session && any_looks_at_key(*policies.session, prefix)) ||
           (policies.resource && looks_at_key(*policies.resource, prefix));
}

std::string denial_message(const Request& request, const Decision& decision, MessageStyle style) {
    const Principal& who = request.principal;
    const bool other_account =
        !request.resource_account.empty() && request.resource_account != who.account;
    if (style == MessageStyle::S3 && (who.account.empty() || other_account)) {
        return "Access Denied";
    }
    std::string text = "User: ";
    text += who.kind == Principal::Kind::Anonymous ? "anonymous"
            : who.kind == Principal::Kind::Service ? who.service
                                                   : who.arn;
    text.append(" is not authorized to perform: ").append(request.action);
    if (style == MessageStyle::S3) {
        if (request.resource != "*") {
            text.append(" on resource: \"").append(request.resource).append("\"");
        }
    } else {
        text.append(" on resource: ").append(request.resource);
    }
    if (style == MessageStyle::TrustPolicy) {
        return text;
    }
    const std::string_view kind = reason_phrase_of(decision.source);
    if (decision.effect == Effect::ExplicitDeny) {
        text += decision.source == Source::Identity ? " with an explicit deny in an "
                                                    : " with an explicit deny in a ";
        text += kind;
        if (!decision.deciding_policy_arn.empty()) {
            text.append(": ").append(decision.deciding_policy_arn);
        }
        return text;
    }
    text.append(" because no ").append(kind).append(" allows the ").append(request.action);
    text += " action";
    return text;
}

} // namespace benchtop::policy
