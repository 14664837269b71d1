#include "emulator/stack/readers.hpp"

namespace benchtop::stack {
namespace {

std::vector<store::InlinePolicy> inline_policies(Properties& properties) {
    std::vector<store::InlinePolicy> out;
    for (Properties& policy : properties.maps("Policies")) {
        store::InlinePolicy one;
        one.name = policy.required("PolicyName");
        const auto document = policy.document("PolicyDocument");
        if (!document) {
            policy.fail("PolicyDocument", "this is missing.");
        }
        one.document = *document;
        policy.finish();
        out.push_back(std::move(one));
    }
    return out;
}

} // namespace

void read_role(Reading& reading) {
    Properties& properties = reading.properties;
    RoleSpec role;
    role.origin = reading.origin;
    properties.find("RoleName");
    role.name = reading.evaluator.ref(reading.resource);
    const auto trust = properties.document("AssumeRolePolicyDocument");
    if (!trust) {
        properties.fail("AssumeRolePolicyDocument", "this is missing.");
    }
    role.trust_policy = *trust;
    role.policies = inline_policies(properties);
    role.managed_policy_arns = properties.texts("ManagedPolicyArns");
    role.path = properties.text("Path").value_or("/");
    role.description = properties.text("Description").value_or("");
    role.permissions_boundary = properties.text("PermissionsBoundary").value_or("");
    if (const auto seconds = properties.integer("MaxSessionDuration")) {
        role.max_session_duration = static_cast<int>(*seconds);
    }
    role.tags = properties.tags("Tags");
    reading.stack.roles.push_back(std::move(role));
}

void read_user(Reading& reading) {
    Properties& properties = reading.properties;
    UserSpec user;
    user.origin = reading.origin;
    properties.find("UserName");
    user.name = reading.evaluator.ref(reading.resource);
    user.policies = inline_policies(properties);
    user.managed_policy_arns = properties.texts("ManagedPolicyArns");
    user.path = properties.text("Path").value_or("/");
    user.tags = properties.tags("Tags");
    reading.stack.users.push_back(std::move(user));
}

void read_policy(Reading& reading) {
    Properties& properties = reading.properties;
    PolicySpec policy;
    policy.origin = reading.origin;
    policy.managed = reading.resource.type == "AWS::IAM::ManagedPolicy";
    if (policy.managed) {
        properties.find("ManagedPolicyName");
        const std::string arn = reading.evaluator.ref(reading.resource);
        policy.name = arn.substr(arn.rfind('/') + 1);
        policy.path = properties.text("Path").value_or("/");
        policy.description = properties.text("Description").value_or("");
    } else {
        policy.name = properties.required("PolicyName");
    }
    const auto document = properties.document("PolicyDocument");
    if (!document) {
        properties.fail("PolicyDocument", "this is missing.");
    }
    policy.document = *document;
    policy.roles = properties.texts("Roles");
    policy.users = properties.texts("Users");
    if (!policy.managed && policy.roles.empty() && policy.users.empty()) {
        properties.fail("Roles", "an inline policy names a role or a user.");
    }
    reading.stack.policies.push_back(std::move(policy));
}

} // namespace benchtop::stack
