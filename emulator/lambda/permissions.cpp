// AddPermission, GetPolicy, RemovePermission: who else may invoke a function, version or alias.
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
    const Details details = details_of(found.function);
    return current_revision(details, phase_of(details, context.axis, context.now));
}

bool is_principal(std::string_view text) {
    const bool digits = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return c >= '0' && c <= '9';
    });
    return text == "*" || (digits && text.size() == 12) || text.starts_with("arn:aws:iam::") ||
           text.starts_with("arn:aws:sts::") ||
           (text.ends_with(".amazonaws.com") && policy::is_known_service(text));
}

Result<policy::FunctionPermission> read_permission(const service::Call& call) {
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
            permission.action == "*" || permission.action == "lambda:*" ||
                (permission.action.starts_with("lambda:") && permission.action.size() > 7),
            R"((lambda:[*]|lambda:[a-zA-Z]+|[*]))"
        );
    }
    if (auto kept = constraints.check(); !kept) {
        return kept.error();
    }
    if (!is_principal(permission.principal)) {
        return invalid_parameter(
            "The provided principal was invalid. Please check the principal and try again."
        );
    }
    return permission;
}

} // namespace

Result<Response> add_permission(store::WriteTx& tx, service::Call& call) {
    const auto name = named_function(call);
    if (!name) {
        return name.error();
    }
    const auto permission = read_permission(call);
    if (!permission) {
        return permission.error();
    }
    if (name->qualifier == store::kLatestVersion) {
        return invalid_parameter("We currently do not support adding policies for $LATEST.");
    }
    auto found = require(tx, *name);
    if (!found) {
        return found.error();
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
