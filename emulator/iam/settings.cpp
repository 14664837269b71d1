// Permissions boundaries, tags, and the account's own answers.
#include "emulator/core/encoding.hpp"
#include "emulator/iam/errors.hpp"
#include "emulator/iam/handlers.hpp"

#include <algorithm>

namespace benchtop::iam {
namespace {

Details details_of(
    const store::ReadTx& tx, const service::Call& call, const Entity& entity, std::string_view name
) {
    return entity.kind == store::PrincipalKind::Role
               ? parse_details(tx.find_role(call.account(), name)->details)
               : parse_details(tx.find_user(call.account(), name)->details);
}

void set_details(
    store::WriteTx& tx,
    const service::Call& call,
    const Entity& entity,
    std::string_view name,
    const Details& details
) {
    if (entity.kind == store::PrincipalKind::Role) {
        auto role = *tx.find_role(call.account(), name);
        role.details = to_text(details);
        tx.put_role(role);
    } else {
        auto user = *tx.find_user(call.account(), name);
        user.details = to_text(details);
        tx.put_user(user);
    }
}

} // namespace

Result<Response> put_boundary(
    store::WriteTx& tx, service::Call& call, const Entity& entity, std::string_view action
) {
    const auto name = require_entity(tx, call, entity);
    if (!name) {
        return name.error();
    }
    const auto arn = required(call, "PermissionsBoundary");
    if (!arn) {
        return arn.error();
    }
    if (!find_policy(tx, call.account(), *arn)) {
        return no_such_entity("Policy " + *arn + " does not exist or is not attachable.");
    }
    Details details = details_of(tx, call, entity, *name);
    details.boundary = *arn;
    set_details(tx, call, entity, *name, details);
    return answer(call, action);
}

Result<Response> delete_boundary(
    store::WriteTx& tx, service::Call& call, const Entity& entity, std::string_view action
) {
    const auto name = require_entity(tx, call, entity);
    if (!name) {
        return name.error();
    }
    Details details = details_of(tx, call, entity, *name);
    details.boundary.clear();
    set_details(tx, call, entity, *name, details);
    return answer(call, action);
}

Result<Response>
tag(store::WriteTx& tx, service::Call& call, const Entity& entity, std::string_view action) {
    const auto name = require_entity(tx, call, entity);
    if (!name) {
        return name.error();
    }
    const auto added = tags_of(call);
    if (!added) {
        return added.error();
    }
    Details details = details_of(tx, call, entity, *name);
    for (const auto& tag : *added) {
        std::erase_if(details.tags, [&](const auto& old) { return iequals(old.first, tag.first); });
        details.tags.push_back(tag);
    }
    if (details.tags.size() > 50) {
        return limit_exceeded("The number of tags has reached the maximum limit for this resource."
        );
    }
    set_details(tx, call, entity, *name, details);
    return answer(call, action);
}

Result<Response>
untag(store::WriteTx& tx, service::Call& call, const Entity& entity, std::string_view action) {
    const auto name = require_entity(tx, call, entity);
    if (!name) {
        return name.error();
    }
    const auto keys = members_of(call, "TagKeys");
    Details details = details_of(tx, call, entity, *name);
    std::erase_if(details.tags, [&](const auto& tag) {
        return std::any_of(keys.begin(), keys.end(), [&](const std::string& key) {
            return iequals(key, tag.first);
        });
    });
    set_details(tx, call, entity, *name, details);
    return answer(call, action);
}

Result<Response> list_tags(
    const store::ReadTx& tx, service::Call& call, const Entity& entity, std::string_view action
) {
    const auto name = require_entity(tx, call, entity);
    if (!name) {
        return name.error();
    }
    const Details details = details_of(tx, call, entity, *name);
    auto xml = result_writer();
    auto written = write_page(call, xml, "Tags", details.tags.size(), [&](std::size_t i) {
        xml.open("member")
            .element("Key", details.tags[i].first)
            .element("Value", details.tags[i].second)
            .close();
    });
    if (!written) {
        return written.error();
    }
    return answer(call, action, std::move(xml));
}

Result<Response> list_account_aliases(const store::ReadTx&, service::Call& call) {
    auto xml = result_writer();
    xml.empty("AccountAliases").element("IsTruncated", false);
    return answer(call, "ListAccountAliases", std::move(xml));
}

Result<Response> get_account_summary(const store::ReadTx& tx, service::Call& call) {
    const std::string& account = call.account();
    auto xml = result_writer();
    xml.open("SummaryMap");
    const auto entry = [&xml](std::string_view key, std::size_t value) {
        xml.open("entry")
            .element("key", key)
            .element("value", static_cast<std::uint64_t>(value))
            .close();
    };
    entry("Users", tx.list_users(account).size());
    entry("UsersQuota", 5000);
    entry("Groups", list_groups(tx, account).size());
    entry("GroupsQuota", 300);
    entry("Roles", tx.list_roles(account).size());
    entry("RolesQuota", 1000);
    entry("Policies", list_policies(tx, account).size());
    entry("PoliciesQuota", 1500);
    entry("PolicySizeQuota", 6144);
    entry("RolePolicySizeQuota", 10240);
    entry("UserPolicySizeQuota", 2048);
    entry("GroupPolicySizeQuota", 5120);
    entry("AssumeRolePolicySizeQuota", 2048);
    entry("AccessKeysPerUserQuota", 2);
    entry("AttachedPoliciesPerRoleQuota", 10);
    entry("AttachedPoliciesPerUserQuota", 10);
    entry("AttachedPoliciesPerGroupQuota", 10);
    entry("VersionsPerPolicyQuota", 5);
    xml.close();
    return answer(call, "GetAccountSummary", std::move(xml));
}

} // namespace benchtop::iam
