// The resource policy of a Lambda function as text: Lambda writes it, API Gateway's quick create
// and the deployment of a stack add to it. Member order as recorded (localstack snapshot
// test_lambda_api, November 2025).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace benchtop::policy {

// What AddPermission takes. "" leaves a member out.
struct FunctionPermission {
    std::string statement_id;
    std::string action;    // "lambda:InvokeFunction"
    std::string principal; // service name, 12 digits, ARN or "*"
    std::string source_arn;
    std::string source_account;
    std::string event_source_token;
    std::string principal_org_id;
    std::string function_url_auth_type;
};

// One statement; `resource` is the ARN of the function, with its qualifier if it has one.
std::string function_statement(const FunctionPermission& permission, std::string_view resource);

// nullopt: the policy has a statement of that id. `policy` "" stands for none.
std::optional<std::string> with_statement(
    std::string_view policy, const FunctionPermission& permission, std::string_view resource
);
// nullopt: it has none of that id. "" when the last statement goes.
std::optional<std::string>
without_statement(std::string_view policy, std::string_view statement_id);

} // namespace benchtop::policy
