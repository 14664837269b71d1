#include "emulator/policy/function_policy.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace benchtop::policy {
namespace {

namespace json = boost::json;

json::value principal_value(std::string_view principal) {
    const bool account =
        principal.size() == 12 && std::all_of(principal.begin(), principal.end(), [](char c) {
            return c >= '0' && c <= '9';
        });
    if (principal == "*") {
        return json::value("*");
    }
    if (account) {
        return json::object{{"AWS", "arn:aws:iam::" + std::string(principal) + ":root"}};
    }
    return json::object{{principal.starts_with("arn:") ? "AWS" : "Service", principal}};
}

json::object statement_of(const FunctionPermission& permission, std::string_view resource) {
    json::object statement;
    statement["Sid"] = permission.statement_id;
    statement["Effect"] = "Allow";
    statement["Principal"] = principal_value(permission.principal);
    statement["Action"] = permission.action;
    statement["Resource"] = resource;
    json::object equals;
    const auto add = [&equals](std::string_view key, const std::string& value) {
        if (!value.empty()) {
            equals[key] = value;
        }
    };
    add("AWS:SourceAccount", permission.source_account);
    add("lambda:EventSourceToken", permission.event_source_token);
    add("aws:PrincipalOrgID", permission.principal_org_id);
    add("lambda:FunctionUrlAuthType", permission.function_url_auth_type);
    json::object condition;
    if (!equals.empty()) {
        condition["StringEquals"] = std::move(equals);
    }
    if (!permission.source_arn.empty()) {
        condition["ArnLike"] = json::object{{"AWS:SourceArn", permission.source_arn}};
    }
    if (!condition.empty()) {
        statement["Condition"] = std::move(condition);
    }
    return statement;
}

// The statements of a policy this program wrote.
json::array statements_of(std::string_view policy) {
    if (policy.empty()) {
        return {};
    }
    return json::parse(policy).at("Statement").as_array();
}

std::string policy_of(json::array statements) {
    return json::serialize(json::object{
        {"Version", "2012-10-17"}, {"Id", "default"}, {"Statement", std::move(statements)}});
}

auto with_id(std::string_view statement_id) {
    return [statement_id](const json::value& statement) {
        return statement.at("Sid").as_string() == statement_id;
    };
}

} // namespace

std::string function_statement(const FunctionPermission& permission, std::string_view resource) {
    return json::serialize(statement_of(permission, resource));
}

std::optional<std::string> with_statement(
    std::string_view policy, const FunctionPermission& permission, std::string_view resource
) {
    json::array statements = statements_of(policy);
    if (std::any_of(statements.begin(), statements.end(), with_id(permission.statement_id))) {
        return std::nullopt;
    }
    statements.push_back(statement_of(permission, resource));
    return policy_of(std::move(statements));
}

std::optional<std::string>
without_statement(std::string_view policy, std::string_view statement_id) {
    json::array statements = statements_of(policy);
    const auto found = std::find_if(statements.begin(), statements.end(), with_id(statement_id));
    if (found == statements.end()) {
        return std::nullopt;
    }
    statements.erase(found);
    return statements.empty() ? std::string() : policy_of(std::move(statements));
}

} // namespace benchtop::policy
