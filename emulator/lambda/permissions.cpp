// AddPermission, GetPolicy, RemovePermission: who else may invoke a function, version or alias.
#include "emulator/core/ids.hpp"
#include "emulator/lambda/configuration.hpp"
#include "emulator/lambda/constraints.hpp"
#include "emulator/lambda/errors.hpp"
#include "emulator/lambda/handlers.hpp"
#include "emulator/lambda/names.hpp"
#include "emulator/policy/function_policy.hpp"
#include "emulator/policy/principal.hpp"
#include "emulator/protocol/json_input.hpp"
#include "emulator/protocol/json_writer.hpp"

#include <algorithm>

namespace benchtop::lambda {
namespace {

constexpr std::size_t kPolicyBytesMax = 20 * 1024;

const std::string& policy_of(const Found& found) {
    return found.alias ? found.alias->policy : found.function.policy;
}

void set_policy(
    store::WriteTx& tx, Found& found, std::string policy, const service::OpContext& context
) {
    if (found.alias) {
        found.alias->policy = std::move(policy);
        AliasDetails details = details_of(*found.alias);
        details.revision = make_uuid(context.random);
        set_details(*found.alias, details);
        tx.put_function_alias(*found.alias);
        return;
    }
    found.function.policy = std::move(policy);
    Details details = details_of(found.function);
    const Phase phase = phase_of(details, context.axis, context.now);
    begin_revision(details, context.random, phase == Phase::Settled);
    set_details(found.function, details);
    tx.put_function(found.function);
}

std::string revision_of(const Found& found, const service::OpContext& context) {
    if (found.alias) {
        return details_of(*found.alias).revision;
    }
    const Details details = details_of(found.function);
    return current_revision(details, phase_of(details, context.axis, context.now));
}

// A service, or what a policy can name; users and roles of this account have to exist.
bool is_principal(const store::ReadTx& tx, const std::string& account, std::string_view text) {
    if (policy::is_known_service(text)) {
        return true;
    }
    const auto pattern = policy::PrincipalPattern::parse_aws(text);
    if (!pattern || pattern->kind == policy::PrincipalPattern::Kind::UniqueId) {
        return false;
    }
    const std::string iam = "arn:aws:iam::" + account + ":";
    if (pattern->kind != policy::PrincipalPattern::Kind::Arn || !text.starts_with(iam)) {
        return true;
    }
    const std::string_view resource = text.substr(iam.size());
    const std::string_view name = resource.substr(resource.rfind('/') + 1);
    if (resource.starts_with("user/")) {
        const auto user = tx.find_user(account, name);
        return user && resource == "user" + user->path + user->name;
    }
    const auto role = tx.find_role(account, name);
    return role && resource == "role" + role->path + role->name;
}

void check_sources(
    const policy::FunctionPermission& permission,
    const protocol::JsonInput& json,
    Constraints& constraints
) {
    const auto check = [&](std::string_view member,
                           std::string_view shown,
                           std::string_view value,
                           bool matches,
                           std::string_view pattern) {
        if (json.has(member)) {
            constraints.pattern(shown, value, matches, pattern);
        }
    };
    const std::string& account = permission.source_account;
    check(
        "SourceAccount",
        "sourceAccount",
        account,
        account.size() == 12 && is_version(account),
        R"(\d{12})"
    );
    check(
        "SourceArn",
        "sourceArn",
        permission.source_arn,
        is_arn(permission.source_arn),
        R"(arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1})?:(\d{12})?:(.*))"
    );
    std::string token = permission.event_source_token;
    std::erase(token, '.');
    check(
        "EventSourceToken",
        "eventSourceToken",
        permission.event_source_token,
        is_identifier(token),
        R"([a-zA-Z0-9._\-]+)"
    );
    const std::string& organization = permission.principal_org_id;
    check(
        "PrincipalOrgID",
        "principalOrgID",
        organization,
        organization.starts_with("o-") && organization.size() >= 12 && organization.size() <= 34 &&
            is_identifier(organization),
        "o-[a-z0-9]{10,32}"
    );
    if (json.has("FunctionUrlAuthType")) {
        constraints.one_of(
            "functionUrlAuthType", permission.function_url_auth_type, "NONE, AWS_IAM"
        );
    }
}

bool is_action(std::string_view action) {
    constexpr std::string_view vendor = "lambda:";
    if (action == "*" || action == "lambda:*") {
        return true;
    }
    return action.starts_with(vendor) && action.size() > vendor.size() &&
           std::all_of(action.begin() + vendor.size(), action.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
           });
}

Result<policy::FunctionPermission>
read_permission(const store::ReadTx& tx, const service::Call& call) {
    const protocol::JsonInput json(call.json);
    policy::FunctionPermission permission;
    const auto take = [&json](std::string_view name, std::string& target) -> Result<void> {
        auto text = json.string(name);
        if (!text) {
            return text.error();
        }
        target = text->value_or("");
        return {};
    };
    for (auto step : {
             take("StatementId", permission.statement_id),
             take("Action", permission.action),
             take("Principal", permission.principal),
             take("SourceArn", permission.source_arn),
             take("SourceAccount", permission.source_account),
             take("EventSourceToken", permission.event_source_token),
             take("PrincipalOrgID", permission.principal_org_id),
             take("FunctionUrlAuthType", permission.function_url_auth_type),
         }) {
        if (!step) {
            return step.error();
        }
    }
    Constraints constraints;
    constraints.required("statementId", json.has("StatementId"));
    constraints.required("action", json.has("Action"));
    constraints.required("principal", json.has("Principal"));
    if (json.has("StatementId")) {
        constraints.pattern(
            "statementId",
            permission.statement_id,
            is_identifier(permission.statement_id),
            "([a-zA-Z0-9-_]+)"
        );
        constraints.length("statementId", permission.statement_id, 100);
    }
    if (json.has("Action")) {
        constraints.pattern(
            "action",
            permission.action,
            is_action(permission.action),
            R"((lambda:[*]|lambda:[a-zA-Z]+|[*]))"
        );
    }
    check_sources(permission, json, constraints);
    if (auto kept = constraints.check(); !kept) {
        return kept.error();
    }
    if (!is_principal(tx, call.account(), permission.principal)) {
        return invalid_parameter(
            "The provided principal was invalid. Please check the principal and try again."
        );
    }
    return permission;
}

// A qualifier with the shape of an alias's name is missed as an alias (recorded).
AwsError no_such(const store::ReadTx& tx, const FunctionName& name) {
    const bool alias = is_identifier(name.qualifier) && !is_version(name.qualifier) &&
                       tx.find_function(name.account, name.region, name.name);
    return alias ? alias_not_found(name.qualified_arn()) : function_not_found(name.qualified_arn());
}

} // namespace

Result<Response> add_permission(store::WriteTx& tx, service::Call& call) {
    const auto name = named_function(call);
    if (!name) {
        return name.error();
    }
    const auto permission = read_permission(tx, call);
    if (!permission) {
        return permission.error();
    }
    if (name->qualifier == store::kLatestVersion) {
        return invalid_parameter("We currently do not support adding policies for $LATEST.");
    }
    auto found = find(tx, *name);
    if (!found) {
        return no_such(tx, *name);
    }
    const auto revision = protocol::JsonInput(call.json).string("RevisionId");
    if (!revision) {
        return revision.error();
    }
    if (*revision && **revision != revision_of(*found, call.context)) {
        return stale_revision("GetPolicy");
    }
    auto policy = policy::with_statement(policy_of(*found), *permission, name->qualified_arn());
    if (!policy) {
        return conflict(
            "The statement id (" + permission->statement_id +
            ") provided already exists. Please provide a new statement id, or remove the existing "
            "statement."
        );
    }
    if (policy->size() > kPolicyBytesMax) {
        return AwsError(400, "PolicyLengthExceededException", "The final policy size is too large.")
            .with("Type", "User");
    }
    set_policy(tx, *found, *std::move(policy), call.context);
    protocol::JsonWriter json;
    json.begin_object()
        .member("Statement", policy::function_statement(*permission, name->qualified_arn()))
        .end_object();
    return json_answer(201, std::move(json).take());
}

Result<Response> get_policy(const store::ReadTx& tx, service::Call& call) {
    const auto name = named_function(call);
    if (!name) {
        return name.error();
    }
    const auto found = find(tx, *name);
    if (!found || policy_of(*found).empty()) {
        return not_found("The resource you requested does not exist.");
    }
    protocol::JsonWriter json;
    json.begin_object()
        .member("Policy", policy_of(*found))
        .member("RevisionId", revision_of(*found, call.context))
        .end_object();
    return json_answer(200, std::move(json).take());
}

Result<Response> remove_permission(store::WriteTx& tx, service::Call& call) {
    const auto name = named_function(call);
    if (!name) {
        return name.error();
    }
    auto found = find(tx, *name);
    if (!found && tx.find_function(name->account, name->region, name->name)) {
        return no_such(tx, *name);
    }
    if (!found) {
        return not_found("No policy found for: " + name->qualified_arn());
    }
    if (policy_of(*found).empty()) {
        return not_found("No policy is associated with the given resource.");
    }
    const Query query = Query::parse(call.head.query());
    if (const auto revision = query.find("RevisionId");
        revision && *revision != revision_of(*found, call.context)) {
        return stale_revision("GetPolicy");
    }
    const std::string& statement_id = call.labels.at(1);
    auto policy = policy::without_statement(policy_of(*found), statement_id);
    if (!policy) {
        return not_found("Statement " + statement_id + " is not found in resource policy.");
    }
    set_policy(tx, *found, *std::move(policy), call.context);
    return no_content();
}

} // namespace benchtop::lambda
