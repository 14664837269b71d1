// Whether a statement applies, and in words why not.
#include "emulator/core/encoding.hpp"
#include "emulator/policy/applies.hpp"

#include <algorithm>

namespace benchtop::policy {
namespace {

constexpr std::size_t near_misses_max = 3;
constexpr std::size_t shown_bytes_max = 200;
constexpr std::string_view principal_tag = "aws:PrincipalTag/";

// Tag keys are found in any case.
std::optional<std::string_view> tag_value(const Principal& who, std::string_view tag) {
    for (const auto& [key, value] : who.tags) {
        if (iequals(key, tag)) {
            return value;
        }
    }
    return std::nullopt;
}

bool matches_action(const Statement& statement, const Frame& frame) {
    const bool any =
        std::any_of(statement.actions.begin(), statement.actions.end(), [&](const Pattern& p) {
            return p.matches(frame.request().action, LetterCase::Ignored, frame);
        });
    return any != statement.not_action;
}

bool any_resource_matches(const Statement& statement, const Frame& frame, LetterCase letter_case) {
    return std::any_of(
        statement.resources.begin(),
        statement.resources.end(),
        [&](const ArnPattern& pattern) {
            return pattern.matches(
                frame.request().resource, frame.resource_parts(), letter_case, frame
            );
        }
    );
}

bool matches_resource(const Statement& statement, const Frame& frame) {
    return statement.resources.empty() ||
           any_resource_matches(statement, frame, LetterCase::Sensitive) != statement.not_resource;
}

PrincipalMatch match_principal(const Statement& statement, const Principal& principal) {
    if (statement.principals.empty()) {
        return PrincipalMatch::Direct;
    }
    PrincipalMatch best = PrincipalMatch::No;
    for (const PrincipalPattern& pattern : statement.principals) {
        best = std::max(best, pattern.matches(principal));
    }
    if (statement.not_principal) {
        return best == PrincipalMatch::No ? PrincipalMatch::Everyone : PrincipalMatch::No;
    }
    return best;
}

std::string shown(std::string_view text) {
    std::string out = "\"";
    if (text.size() > shown_bytes_max) {
        out.append(text.substr(0, shown_bytes_max)).append("...");
    } else {
        out.append(text);
    }
    return out += '"';
}

std::string list(const std::vector<std::string>& texts) {
    constexpr std::size_t listed_max = 5;
    std::string out;
    for (std::size_t n = 0; n < std::min(texts.size(), listed_max); ++n) {
        out += n == 0 ? "" : ", ";
        out += shown(texts[n]);
    }
    return texts.size() > listed_max ? out + ", ..." : out;
}

std::string statement_label(const Statement& statement) {
    return statement.sid.empty() ? "statement " + std::to_string(statement.index)
                                 : "statement " + shown(statement.sid);
}

bool is_bucket_arn(std::string_view text) {
    return text.starts_with("arn:aws:s3:::") && text.find('/') == std::string_view::npos &&
           !text.ends_with('*');
}

std::string describe_resource_miss(const Statement& statement, const Frame& frame) {
    const std::string_view resource = frame.request().resource;
    std::vector<std::string> texts;
    for (const ArnPattern& pattern : statement.resources) {
        texts.push_back(pattern.text());
    }
    std::string out = "allows " + std::string(frame.request().action) + " but ";
    if (statement.not_resource) {
        return out + "its NotResource " + list(texts) + " excludes " + shown(resource);
    }
    out += "its Resource " + list(texts) + " does not match " + shown(resource);
    if (any_resource_matches(statement, frame, LetterCase::Ignored)) {
        return out + " (they differ in letter case only)";
    }
    for (const std::string& text : texts) {
        if (is_bucket_arn(text) && resource.starts_with(text + "/")) {
            return out + " (it names the bucket itself; its objects are " + shown(text + "/*") +
                   ")";
        }
        if (is_bucket_arn(resource) && text.starts_with(std::string(resource) + "/")) {
            return out + " (it names objects; the bucket itself is " + shown(resource) + ")";
        }
    }
    for (const ArnPattern& pattern : statement.resources) {
        if (pattern.text().find("${") != std::string::npos) {
            return out + (pattern.has_variables()
                              ? " (a policy variable has no value for this caller, or another one)"
                              : " (policy variables need \"Version\": \"2012-10-17\")");
        }
    }
    return out;
}

std::string describe_condition_miss(const Condition& condition, const Frame& frame) {
    std::string out = "matches, but its condition " + condition.operator_name() + " " +
                      condition.key() + " " + list(condition.values()) + " does not hold: ";
    const auto value = frame.value(condition.key(), 0);
    return value ? out + "the request has " + shown(*value)
                 : out + "the request has no " + condition.key();
}

// How near an Allow statement came: later obstacles are nearer.
int nearness(Obstacle obstacle) {
    switch (obstacle) {
    case Obstacle::Condition:
        return 3;
    case Obstacle::Resource:
        return 2;
    case Obstacle::Principal:
        return 1;
    case Obstacle::Action:
    case Obstacle::None:
        break;
    }
    return 0;
}

std::string describe_miss(const Statement& statement, const Verdict& verdict, const Frame& frame) {
    switch (verdict.obstacle) {
    case Obstacle::Condition:
        return describe_condition_miss(*verdict.condition, frame);
    case Obstacle::Resource:
        return describe_resource_miss(statement, frame);
    case Obstacle::Principal:
        return "does not name the caller as its Principal";
    case Obstacle::Action:
        return (statement.not_action ? "its NotAction excludes " : "its Action is ") +
               list(statement.action_texts);
    case Obstacle::None:
        break;
    }
    return "names the account only, which leaves the decision to identity-based policies";
}

} // namespace

Frame::Frame(const Request& request)
    : request_(request)
    , resource_parts_(split_arn(request.resource)) {
    if (request.resource == "*") {
        // An action without a resource is granted on "*" and on "arn:aws:SERVICE:::*" alike.
        const auto service = request.action.substr(0, request.action.find(':'));
        resource_parts_ = ArnParts{"arn", "aws", service, "", "", "*"};
    }
}

std::optional<std::string_view> Frame::value(std::string_view key, std::size_t n) const {
    if (auto given = request_.context.value(key, n)) {
        return given;
    }
    if (n != 0) {
        return std::nullopt;
    }
    return derived_value(key);
}

std::optional<std::string_view> Frame::derived_value(std::string_view key) const {
    using Kind = Principal::Kind;
    const Principal& who = request_.principal;
    const auto unless_empty = [](std::string_view text) {
        return text.empty() ? std::nullopt : std::optional(text);
    };
    if (iequals(key, "aws:username")) {
        return unless_empty(who.kind == Kind::User ? std::string_view(who.username) : "");
    }
    if (iequals(key, "aws:userid")) {
        return who.kind == Kind::Anonymous ? "anonymous" : unless_empty(who.user_id);
    }
    if (iequals(key, "aws:PrincipalArn")) {
        return unless_empty(who.kind == Kind::AssumedRole ? who.role_arn : who.arn);
    }
    if (iequals(key, "aws:PrincipalAccount")) {
        return unless_empty(who.account);
    }
    if (iequals(key, "aws:PrincipalServiceName")) {
        return unless_empty(who.service);
    }
    if (iequals(key, "aws:PrincipalIsAWSService")) {
        return who.kind == Kind::Service ? "true" : "false";
    }
    if (iequals(key, "aws:ResourceAccount") || iequals(key, "s3:ResourceAccount")) {
        return unless_empty(request_.resource_account);
    }
    if (iequals(key, "aws:SourceIdentity")) {
        return unless_empty(who.source_identity);
    }
    if (iequals(key, "aws:TokenIssueTime")) {
        return unless_empty(who.token_issued_at);
    }
    if (iequals(key, "aws:MultiFactorAuthPresent")) {
        // There are no MFA devices here; a long-term key does not have the key at all.
        return who.token_issued_at.empty() ? std::nullopt
                                           : std::optional<std::string_view>("false");
    }
    if (iequals(key.substr(0, principal_tag.size()), principal_tag)) {
        return tag_value(who, key.substr(principal_tag.size()));
    }
    if (iequals(key, "aws:PrincipalType")) {
        switch (who.kind) {
        case Kind::Anonymous:
            return "Anonymous";
        case Kind::Root:
            return "Account";
        case Kind::User:
            return "User";
        case Kind::AssumedRole:
            return "AssumedRole";
        case Kind::Service:
            break;
        }
    }
    return std::nullopt;
}

Verdict check(const Statement& statement, const Frame& frame) {
    Verdict verdict;
    if (!matches_action(statement, frame)) {
        verdict.obstacle = Obstacle::Action;
        return verdict;
    }
    verdict.principal = match_principal(statement, frame.request().principal);
    if (verdict.principal == PrincipalMatch::No) {
        verdict.obstacle = Obstacle::Principal;
        return verdict;
    }
    if (!matches_resource(statement, frame)) {
        verdict.obstacle = Obstacle::Resource;
        return verdict;
    }
    for (const Condition& condition : statement.conditions) {
        if (!condition.holds(frame)) {
            verdict.obstacle = Obstacle::Condition;
            verdict.condition = &condition;
            return verdict;
        }
    }
    return verdict;
}

std::string describe_decider(const NamedPolicy& policy, const Statement& statement) {
    std::string out;
    out.reserve(policy.name.size() + statement.sid.size() + 24);
    out.append(policy.name).append(", ");
    out += statement_label(statement);
    return out;
}

std::string describe_near_misses(
    const std::vector<const NamedPolicy*>& policies, const Frame& frame, std::string_view what
) {
    struct Miss {
        const NamedPolicy* policy;
        const Statement* statement;
        Verdict verdict;
    };

    std::vector<Miss> misses;
    for (const NamedPolicy* const named : policies) {
        for (const Statement& statement : named->policy->statements()) {
            if (!statement.denies) {
                misses.push_back({named, &statement, check(statement, frame)});
            }
        }
    }
    if (misses.empty()) {
        return "no " + std::string(what) + " policy with an Allow statement applies to the caller";
    }
    std::stable_sort(misses.begin(), misses.end(), [](const Miss& a, const Miss& b) {
        return nearness(a.verdict.obstacle) > nearness(b.verdict.obstacle);
    });
    const int nearest = nearness(misses.front().verdict.obstacle);
    std::string out = "no Allow statement applies to " + std::string(frame.request().action);
    std::size_t told = 0;
    for (const Miss& miss : misses) {
        // Statements about other actions are noise beside one that came nearer.
        if (told == near_misses_max || (nearest > 0 && nearness(miss.verdict.obstacle) == 0)) {
            break;
        }
        out += told++ == 0 ? ": " : "; ";
        out += describe_decider(*miss.policy, *miss.statement) + " " +
               describe_miss(*miss.statement, miss.verdict, frame);
    }
    return out;
}

} // namespace benchtop::policy
