// Managed policies, their versions, and who they are attached to.
#include "emulator/core/encoding.hpp"
#include "emulator/core/ids.hpp"
#include "emulator/iam/aws_managed.hpp"
#include "emulator/iam/errors.hpp"
#include "emulator/iam/handlers.hpp"

#include <algorithm>

namespace benchtop::iam {
namespace {

constexpr std::size_t kManagedMax = 6144;
constexpr std::size_t kVersionsMax = 5;
constexpr std::size_t kAttachedMax = 10; // of one role, user or group

std::size_t
attachment_count(const std::vector<Attachment>& attachments, const ManagedPolicy& policy) {
    return static_cast<std::size_t>(std::count_if(
        attachments.begin(),
        attachments.end(),
        [&](const Attachment& attachment) { return attachment.policy_arn == policy.arn(); }
    ));
}

std::size_t
boundary_count(const store::ReadTx& tx, std::string_view account, const std::string& arn) {
    std::size_t count = 0;
    for (const auto& role : tx.list_roles(account)) {
        count += parse_details(role.details).boundary == arn;
    }
    for (const auto& user : tx.list_users(account)) {
        count += parse_details(user.details).boundary == arn;
    }
    return count;
}

void write_policy(
    protocol::XmlWriter& xml,
    const store::ReadTx& tx,
    const service::Call& call,
    const ManagedPolicy& policy,
    bool whole
) {
    xml.element("PolicyName", policy.name)
        .element("PolicyId", policy.policy_id)
        .element("Arn", policy.arn())
        .element("Path", policy.path)
        .element("DefaultVersionId", policy.default_version)
        .element(
            "AttachmentCount",
            static_cast<std::uint64_t>(
                attachment_count(list_attachments(tx, call.account()), policy)
            )
        )
        .element(
            "PermissionsBoundaryUsageCount",
            static_cast<std::uint64_t>(boundary_count(tx, call.account(), policy.arn()))
        )
        .element("IsAttachable", true);
    if (whole && !policy.description.empty()) {
        xml.element("Description", policy.description);
    }
    xml.element("CreateDate", date_text(policy.created_at))
        .element("UpdateDate", date_text(policy.updated_at));
    if (whole) {
        write_tags(xml, policy.tags);
    }
}

void write_version(
    protocol::XmlWriter& xml,
    const ManagedPolicy& policy,
    const PolicyVersion& version,
    bool document
) {
    if (document) {
        xml.element("Document", encoded_document(version.document));
    }
    xml.element("VersionId", version.id)
        .element("IsDefaultVersion", version.id == policy.default_version)
        .element("CreateDate", date_text(version.created_at));
}

Result<void> check_own(const ManagedPolicy& policy) {
    if (policy.account == "aws") {
        return AwsError(403, "AccessDenied", "Policies of AWS cannot be changed: " + policy.arn());
    }
    return {};
}

Result<ManagedPolicy> require_own(const store::ReadTx& tx, const service::Call& call) {
    auto policy = require_policy(tx, call);
    if (!policy) {
        return policy.error();
    }
    if (auto own = check_own(*policy); !own) {
        return own.error();
    }
    return policy;
}

AwsError no_version(const ManagedPolicy& policy, std::string_view version) {
    return no_such_entity(
        "Policy " + policy.arn() + " version " + std::string(version) +
        " does not exist or is not attachable."
    );
}

} // namespace

Result<Response> create_policy(store::WriteTx& tx, service::Call& call) {
    const auto name = required_name(call, "PolicyName", 128);
    if (!name) {
        return name.error();
    }
    const auto path = path_of(call);
    if (!path) {
        return path.error();
    }
    const auto document = document_of(
        call, "PolicyDocument", policy::PolicyKind::Identity, kManagedMax, "PolicySize"
    );
    if (!document) {
        return document.error();
    }
    auto tags = tags_of(call);
    if (!tags) {
        return tags.error();
    }
    for (const ManagedPolicy& other : list_policies(tx, call.account())) {
        if (iequals(other.name, *name)) {
            return already_exists(
                "A policy called " + *name + " already exists. Duplicate names are not allowed."
            );
        }
    }
    ManagedPolicy policy;
    policy.account = call.account();
    policy.name = *name;
    policy.path = *path;
    policy.policy_id = make_unique_id(call.context.random, "ANPA");
    policy.description = call.parameter("Description");
    policy.versions = {{"v1", *document, call.context.now}};
    policy.created_at = policy.updated_at = call.context.now;
    policy.tags = *std::move(tags);
    put_policy(tx, policy);
    auto xml = result_writer();
    xml.open("Policy");
    write_policy(xml, tx, call, policy, false);
    xml.close();
    return answer(call, "CreatePolicy", std::move(xml));
}

Result<Response> get_policy(const store::ReadTx& tx, service::Call& call) {
    const auto policy = require_policy(tx, call);
    if (!policy) {
        return policy.error();
    }
    auto xml = result_writer();
    xml.open("Policy");
    write_policy(xml, tx, call, *policy, true);
    xml.close();
    return answer(call, "GetPolicy", std::move(xml));
}

Result<Response> list_policies_operation(const store::ReadTx& tx, service::Call& call) {
    const std::string_view scope = call.parameter("Scope");
    std::vector<ManagedPolicy> policies;
    if (scope != "AWS") {
        policies = list_policies(tx, call.account());
    }
    if (scope != "Local") {
        auto known = list_aws_managed();
        std::move(known.begin(), known.end(), std::back_inserter(policies));
    }
    if (call.parameter("OnlyAttached") == "true") {
        const auto attachments = list_attachments(tx, call.account());
        std::erase_if(policies, [&](const ManagedPolicy& policy) {
            return attachment_count(attachments, policy) == 0;
        });
    }
    if (const std::string_view prefix = call.parameter("PathPrefix"); !prefix.empty()) {
        std::erase_if(policies, [&](const auto& policy) {
            return !policy.path.starts_with(prefix);
        });
    }
    auto xml = result_writer();
    auto written = write_page(call, xml, "Policies", policies.size(), [&](std::size_t i) {
        xml.open("member");
        write_policy(xml, tx, call, policies[i], false);
        xml.close();
    });
    if (!written) {
        return written.error();
    }
    return answer(call, "ListPolicies", std::move(xml));
}

Result<Response> delete_policy_operation(store::WriteTx& tx, service::Call& call) {
    const auto policy = require_own(tx, call);
    if (!policy) {
        return policy.error();
    }
    if (attachment_count(list_attachments(tx, call.account()), *policy) > 0) {
        return delete_conflict("Cannot delete a policy attached to entities.");
    }
    if (policy->versions.size() > 1) {
        return delete_conflict("This policy has more than one version. Before you delete a policy, "
                               "you must delete the policy's versions. The default version is "
                               "deleted with the policy.");
    }
    delete_policy(tx, *policy);
    return answer(call, "DeletePolicy");
}

Result<Response> create_policy_version(store::WriteTx& tx, service::Call& call) {
    auto policy = require_own(tx, call);
    if (!policy) {
        return policy.error();
    }
    const auto document = document_of(
        call, "PolicyDocument", policy::PolicyKind::Identity, kManagedMax, "PolicySize"
    );
    if (!document) {
        return document.error();
    }
    if (policy->versions.size() >= kVersionsMax) {
        return limit_exceeded("A managed policy can have up to 5 versions. Before you create a new "
                              "version, you must delete an existing version.");
    }
    PolicyVersion version{
        "v" + std::to_string(++policy->last_version), *document, call.context.now};
    policy->versions.push_back(version);
    policy->updated_at = call.context.now;
    if (call.parameter("SetAsDefault") == "true") {
        policy->default_version = version.id;
    }
    put_policy(tx, *policy);
    auto xml = result_writer();
    xml.open("PolicyVersion");
    write_version(xml, *policy, version, false);
    xml.close();
    return answer(call, "CreatePolicyVersion", std::move(xml));
}

Result<Response> get_policy_version(const store::ReadTx& tx, service::Call& call) {
    const auto policy = require_policy(tx, call);
    if (!policy) {
        return policy.error();
    }
    const auto id = required(call, "VersionId");
    if (!id) {
        return id.error();
    }
    const PolicyVersion* version = policy->version(*id);
    if (version == nullptr) {
        return no_version(*policy, *id);
    }
    auto xml = result_writer();
    xml.open("PolicyVersion");
    write_version(xml, *policy, *version, true);
    xml.close();
    return answer(call, "GetPolicyVersion", std::move(xml));
}

Result<Response> list_policy_versions(const store::ReadTx& tx, service::Call& call) {
    const auto policy = require_policy(tx, call);
    if (!policy) {
        return policy.error();
    }
    const auto& versions = policy->versions;
    auto xml = result_writer();
    auto written = write_page(call, xml, "Versions", versions.size(), [&](std::size_t i) {
        xml.open("member");
        write_version(xml, *policy, versions[versions.size() - 1 - i], false); // newest first
        xml.close();
    });
    if (!written) {
        return written.error();
    }
    return answer(call, "ListPolicyVersions", std::move(xml));
}

Result<Response> delete_policy_version(store::WriteTx& tx, service::Call& call) {
    auto policy = require_own(tx, call);
    if (!policy) {
        return policy.error();
    }
    const auto id = required(call, "VersionId");
    if (!id) {
        return id.error();
    }
    if (policy->version(*id) == nullptr) {
        return no_version(*policy, *id);
    }
    if (*id == policy->default_version) {
        return delete_conflict("Cannot delete the default version of a policy.");
    }
    std::erase_if(policy->versions, [&](const PolicyVersion& version) {
        return version.id == *id;
    });
    put_policy(tx, *policy);
    return answer(call, "DeletePolicyVersion");
}

Result<Response> set_default_policy_version(store::WriteTx& tx, service::Call& call) {
    auto policy = require_own(tx, call);
    if (!policy) {
        return policy.error();
    }
    const auto id = required(call, "VersionId");
    if (!id) {
        return id.error();
    }
    if (policy->version(*id) == nullptr) {
        return no_version(*policy, *id);
    }
    policy->default_version = *id;
    policy->updated_at = call.context.now;
    put_policy(tx, *policy);
    return answer(call, "SetDefaultPolicyVersion");
}

Result<Response> list_entities_for_policy(const store::ReadTx& tx, service::Call& call) {
    const auto policy = require_policy(tx, call);
    if (!policy) {
        return policy.error();
    }
    const auto attachments = list_attachments(tx, call.account());
    const std::string_view filter = call.parameter("EntityFilter");
    auto xml = result_writer();

    struct List {
        std::string_view name;
        std::string_view filter;
        const Entity& entity;
        std::string_view id;
    };

    for (const List& list :
         {List{"PolicyGroups", "Group", kGroup, "GroupId"},
          List{"PolicyUsers", "User", kUser, "UserId"},
          List{"PolicyRoles", "Role", kRole, "RoleId"}}) {
        xml.open(list.name);
        for (const Attachment& attachment : attachments) {
            if (attachment.policy_arn != policy->arn() || attachment.kind != list.entity.kind ||
                (!filter.empty() && filter != list.filter)) {
                continue;
            }
            std::string id;
            if (const auto role = tx.find_role(call.account(), attachment.entity);
                role && list.filter == "Role") {
                id = role->role_id;
            } else if (const auto user = tx.find_user(call.account(), attachment.entity);
                       user && list.filter == "User") {
                id = user->user_id;
            } else if (const auto group = find_group(tx, call.account(), attachment.entity)) {
                id = group->group_id;
            }
            xml.open("member")
                .element(list.entity.parameter, attachment.entity)
                .element(list.id, id)
                .close();
        }
        xml.close();
    }
    xml.element("IsTruncated", false);
    return answer(call, "ListEntitiesForPolicy", std::move(xml));
}

Result<Response>
attach(store::WriteTx& tx, service::Call& call, const Entity& entity, std::string_view action) {
    const auto owner = require_entity(tx, call, entity);
    if (!owner) {
        return owner.error();
    }
    const auto arn = required(call, "PolicyArn");
    if (!arn) {
        return arn.error();
    }
    if (!arn->starts_with("arn:")) {
        return validation_error("Invalid ARN:  Could not be parsed!");
    }
    if (!find_policy(tx, call.account(), *arn)) {
        return no_such_entity("Policy " + *arn + " does not exist or is not attachable.");
    }
    const auto attached = attached_policies(tx, entity.kind, call.account(), *owner);
    const bool already = std::find(attached.begin(), attached.end(), *arn) != attached.end();
    if (!already && attached.size() >= kAttachedMax) {
        std::string quota(entity.label);
        quota[0] = static_cast<char>(quota[0] - 'a' + 'A');
        return limit_exceeded("Cannot exceed quota for PoliciesPer" + quota + ": 10");
    }
    put_attachment(tx, call.account(), {entity.kind, *owner, *arn});
    return answer(call, action);
}

Result<Response>
detach(store::WriteTx& tx, service::Call& call, const Entity& entity, std::string_view action) {
    const auto owner = require_entity(tx, call, entity);
    if (!owner) {
        return owner.error();
    }
    const auto arn = required(call, "PolicyArn");
    if (!arn) {
        return arn.error();
    }
    const auto attached = attached_policies(tx, entity.kind, call.account(), *owner);
    if (std::find(attached.begin(), attached.end(), *arn) == attached.end()) {
        return no_policy(*arn);
    }
    delete_attachment(tx, call.account(), {entity.kind, *owner, *arn});
    return answer(call, action);
}

Result<Response> list_attached(
    const store::ReadTx& tx, service::Call& call, const Entity& entity, std::string_view action
) {
    const auto owner = require_entity(tx, call, entity);
    if (!owner) {
        return owner.error();
    }
    const auto attached = attached_policies(tx, entity.kind, call.account(), *owner);
    auto xml = result_writer();
    auto written = write_page(call, xml, "AttachedPolicies", attached.size(), [&](std::size_t i) {
        xml.open("member")
            .element("PolicyName", std::string_view(attached[i]).substr(attached[i].rfind('/') + 1))
            .element("PolicyArn", attached[i])
            .close();
    });
    if (!written) {
        return written.error();
    }
    return answer(call, action, std::move(xml));
}

} // namespace benchtop::iam
