#include "emulator/iam/operations.hpp"

#include "emulator/iam/handlers.hpp"

#include <array>

namespace benchtop::iam {
namespace {

using service::Operation;

// The operation's name as a template argument: its permission is "iam:" and the name.
template <std::size_t N>
struct Name {
    char text[N]{};

    constexpr Name(const char (&given)[N]) { // NOLINT: a literal is meant
        for (std::size_t i = 0; i < N; ++i) {
            text[i] = given[i];
        }
    }

    constexpr std::string_view view() const { return {text, N - 1}; }
};

std::string action(std::string_view name) {
    return "iam:" + std::string(name);
}

// What must be allowed, by what the request names.
template <Name N>
Access on_role(const store::ReadTx& tx, const service::Call& call) {
    const std::string_view name = call.parameter("RoleName");
    auto requests = on(call, action(N.view()), entity_arn(tx, call.account(), kRole, name));
    add_resource_tags(tx, kRole, name, requests);
    return requests;
}

template <Name N>
Access on_user(const store::ReadTx& tx, const service::Call& call) {
    const std::string_view given = call.parameter("UserName");
    const std::string_view name = given.empty() ? call.context.caller.username : given;
    auto requests = on(call, action(N.view()), entity_arn(tx, call.account(), kUser, name));
    add_resource_tags(tx, kUser, name, requests);
    return requests;
}

template <Name N>
Access on_group(const store::ReadTx& tx, const service::Call& call) {
    return on(
        call, action(N.view()), entity_arn(tx, call.account(), kGroup, call.parameter("GroupName"))
    );
}

template <Name N>
Access on_policy(const store::ReadTx&, const service::Call& call) {
    return on(call, action(N.view()), std::string(call.parameter("PolicyArn")));
}

template <Name N>
Access on_all(const store::ReadTx&, const service::Call& call) {
    return on(call, action(N.view()), "*");
}

// List operations are about everything below a path.
template <Name N, Name Label>
Access on_list(const store::ReadTx&, const service::Call& call) {
    return on(
        call,
        action(N.view()),
        "arn:aws:iam::" + call.account() + ":" + std::string(Label.view()) + "/"
    );
}

// What does not exist yet: with the path that is asked for.
template <Name N, Name Label, Name Parameter>
Access on_new(const store::ReadTx&, const service::Call& call) {
    const std::string_view path = call.parameter("Path");
    return on(
        call,
        action(N.view()),
        "arn:aws:iam::" + call.account() + ":" + std::string(Label.view()) +
            (path.empty() ? "/" : std::string(path)) + std::string(call.parameter(Parameter.view()))
    );
}

// Attaching asks with the policy's ARN as a condition key (Service Authorization Reference, IAM).
template <Name N, const Entity& E>
Access on_attachment(const store::ReadTx& tx, const service::Call& call) {
    auto requests =
        on(call, action(N.view()), entity_arn(tx, call.account(), E, call.parameter(E.parameter)));
    requests[0].conditions.emplace_back("iam:PolicyARN", call.parameter("PolicyArn"));
    return requests;
}

using Check = decltype(Operation::access_requests);

template <Name N>
constexpr Operation reads(Check check, decltype(Operation::read) read) {
    Operation row;
    row.name = N.view();
    row.protocol = service::Protocol::Query;
    row.access_requests = check;
    row.read = read;
    return row;
}

template <Name N>
constexpr Operation writes(Check check, decltype(Operation::write) write) {
    Operation row;
    row.name = N.view();
    row.protocol = service::Protocol::Query;
    row.access = service::Access::Write;
    row.access_requests = check;
    row.write = write;
    return row;
}

// Operations that differ only in whose they are.
template <Name N, const Entity& E, auto F>
Result<Response> write_of(store::WriteTx& tx, service::Call& call) {
    return F(tx, call, E, N.view());
}

template <Name N, const Entity& E, auto F>
Result<Response> read_of(const store::ReadTx& tx, service::Call& call) {
    return F(tx, call, E, N.view());
}

// Template arguments live as long as the program: so do the views of them.
#define READS(name, check, function) reads<#name>(check<#name>, function)
#define WRITES(name, check, function) writes<#name>(check<#name>, function)
#define READS_OF(name, check, entity, function)                                                    \
    reads<#name>(check<#name>, read_of<#name, entity, function>)
#define WRITES_OF(name, check, entity, function)                                                   \
    writes<#name>(check<#name>, write_of<#name, entity, function>)
#define ATTACHES(name, entity, function)                                                           \
    writes<#name>(on_attachment<#name, entity>, write_of<#name, entity, function>)

constexpr std::array kOperations{
    writes<"CreateRole">(on_new<"CreateRole", "role", "RoleName">, create_role),
    READS(GetRole, on_role, get_role),
    reads<"ListRoles">(on_list<"ListRoles", "role">, list_roles),
    WRITES(UpdateRole, on_role, update_role),
    WRITES(UpdateRoleDescription, on_role, update_role_description),
    WRITES(UpdateAssumeRolePolicy, on_role, update_assume_role_policy),
    WRITES(DeleteRole, on_role, delete_role),
    WRITES_OF(PutRolePolicy, on_role, kRole, put_inline),
    READS_OF(GetRolePolicy, on_role, kRole, get_inline),
    READS_OF(ListRolePolicies, on_role, kRole, list_inline),
    WRITES_OF(DeleteRolePolicy, on_role, kRole, delete_inline),
    ATTACHES(AttachRolePolicy, kRole, attach),
    ATTACHES(DetachRolePolicy, kRole, detach),
    READS_OF(ListAttachedRolePolicies, on_role, kRole, list_attached),
    WRITES_OF(PutRolePermissionsBoundary, on_role, kRole, put_boundary),
    WRITES_OF(DeleteRolePermissionsBoundary, on_role, kRole, delete_boundary),
    WRITES_OF(TagRole, on_role, kRole, tag),
    WRITES_OF(UntagRole, on_role, kRole, untag),
    READS_OF(ListRoleTags, on_role, kRole, list_tags),
    READS(ListInstanceProfilesForRole, on_role, list_instance_profiles_for_role),

    writes<"CreateUser">(on_new<"CreateUser", "user", "UserName">, create_user),
    READS(GetUser, on_user, get_user),
    reads<"ListUsers">(on_list<"ListUsers", "user">, list_users),
    WRITES(DeleteUser, on_user, delete_user),
    WRITES(CreateAccessKey, on_user, create_access_key),
    READS(ListAccessKeys, on_user, list_access_keys),
    WRITES(UpdateAccessKey, on_user, update_access_key),
    WRITES(DeleteAccessKey, on_user, delete_access_key),
    READS(GetAccessKeyLastUsed, on_all, get_access_key_last_used),
    WRITES_OF(PutUserPolicy, on_user, kUser, put_inline),
    READS_OF(GetUserPolicy, on_user, kUser, get_inline),
    READS_OF(ListUserPolicies, on_user, kUser, list_inline),
    WRITES_OF(DeleteUserPolicy, on_user, kUser, delete_inline),
    ATTACHES(AttachUserPolicy, kUser, attach),
    ATTACHES(DetachUserPolicy, kUser, detach),
    READS_OF(ListAttachedUserPolicies, on_user, kUser, list_attached),
    WRITES_OF(PutUserPermissionsBoundary, on_user, kUser, put_boundary),
    WRITES_OF(DeleteUserPermissionsBoundary, on_user, kUser, delete_boundary),
    WRITES_OF(TagUser, on_user, kUser, tag),
    WRITES_OF(UntagUser, on_user, kUser, untag),
    READS_OF(ListUserTags, on_user, kUser, list_tags),

    writes<"CreateGroup">(on_new<"CreateGroup", "group", "GroupName">, create_group),
    READS(GetGroup, on_group, get_group),
    reads<"ListGroups">(on_list<"ListGroups", "group">, list_groups_operation),
    WRITES(DeleteGroup, on_group, delete_group_operation),
    WRITES(AddUserToGroup, on_group, add_user_to_group),
    WRITES(RemoveUserFromGroup, on_group, remove_user_from_group),
    READS(ListGroupsForUser, on_user, list_groups_for_user),
    WRITES_OF(PutGroupPolicy, on_group, kGroup, put_inline),
    READS_OF(GetGroupPolicy, on_group, kGroup, get_inline),
    READS_OF(ListGroupPolicies, on_group, kGroup, list_inline),
    WRITES_OF(DeleteGroupPolicy, on_group, kGroup, delete_inline),
    ATTACHES(AttachGroupPolicy, kGroup, attach),
    ATTACHES(DetachGroupPolicy, kGroup, detach),
    READS_OF(ListAttachedGroupPolicies, on_group, kGroup, list_attached),

    writes<"CreatePolicy">(on_new<"CreatePolicy", "policy", "PolicyName">, create_policy),
    READS(GetPolicy, on_policy, get_policy),
    READS(ListPolicies, on_all, list_policies_operation),
    WRITES(DeletePolicy, on_policy, delete_policy_operation),
    WRITES(CreatePolicyVersion, on_policy, create_policy_version),
    READS(GetPolicyVersion, on_policy, get_policy_version),
    READS(ListPolicyVersions, on_policy, list_policy_versions),
    WRITES(DeletePolicyVersion, on_policy, delete_policy_version),
    WRITES(SetDefaultPolicyVersion, on_policy, set_default_policy_version),
    READS(ListEntitiesForPolicy, on_policy, list_entities_for_policy),

    READS(SimulatePrincipalPolicy, on_all, simulate_principal_policy),
    READS(SimulateCustomPolicy, on_all, simulate_custom_policy),
    READS(ListAccountAliases, on_all, list_account_aliases),
    READS(GetAccountSummary, on_all, get_account_summary),
};

#undef READS
#undef WRITES
#undef READS_OF
#undef WRITES_OF
#undef ATTACHES

} // namespace

service::ServiceTable service_table() {
    return {
        .name = "iam",
        .protocol = service::Protocol::Query,
        .version = "2010-05-08",
        .xmlns = "https://iam.amazonaws.com/doc/2010-05-08/",
        .operations = kOperations,
    };
}

} // namespace benchtop::iam
