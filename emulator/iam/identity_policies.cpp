#include "emulator/iam/identity_policies.hpp"

#include "emulator/iam/model.hpp"

namespace benchtop::iam {
namespace {

std::string owner_text(store::PrincipalKind kind, std::string_view name) {
    switch (kind) {
    case store::PrincipalKind::User:
        return "user " + std::string(name);
    case store::PrincipalKind::Group:
        return "group " + std::string(name);
    default:
        return "role " + std::string(name);
    }
}

void add_entity(
    const store::ReadTx& tx,
    store::PrincipalKind kind,
    std::string_view account,
    std::string_view name,
    std::vector<policy::NamedPolicy>& set
) {
    const std::string owner = owner_text(kind, name);
    for (const auto& inline_policy : tx.inline_policies(kind, account, name)) {
        add_policy(
            set, inline_policy.document, "inline policy " + inline_policy.name + " of " + owner, ""
        );
    }
    for (const std::string& arn : attached_policies(tx, kind, account, name)) {
        if (const auto managed = find_policy(tx, account, arn)) {
            add_policy(
                set,
                managed->current().document,
                "managed policy " + managed->name + " of " + owner,
                arn
            );
        }
    }
}

std::string boundary_of(
    const store::ReadTx& tx,
    store::PrincipalKind kind,
    std::string_view account,
    std::string_view name
) {
    if (kind == store::PrincipalKind::User) {
        const auto user = tx.find_user(account, name);
        return user ? parse_details(user->details).boundary : std::string();
    }
    const auto role = tx.find_role(account, name);
    return role ? parse_details(role->details).boundary : std::string();
}

} // namespace

void add_policy(
    std::vector<policy::NamedPolicy>& set,
    std::string_view document,
    std::string name,
    std::string arn
) {
    auto parsed = policy::parse_policy(document, policy::PolicyKind::Identity);
    if (parsed) {
        set.push_back(
            {std::make_shared<const policy::Policy>(*std::move(parsed)),
             std::move(name),
             std::move(arn)}
        );
    }
}

policy::PolicySet policies_of(
    const store::ReadTx& tx,
    store::PrincipalKind kind,
    std::string_view account,
    std::string_view name
) {
    policy::PolicySet set;
    add_entity(tx, kind, account, name, set.identity);
    if (kind == store::PrincipalKind::User) {
        for (const std::string& group : groups_of_user(tx, account, name)) {
            add_entity(tx, store::PrincipalKind::Group, account, group, set.identity);
        }
    }
    if (const std::string arn = boundary_of(tx, kind, account, name); !arn.empty()) {
        set.boundary.emplace();
        // A boundary that is gone allows nothing.
        if (const auto managed = find_policy(tx, account, arn)) {
            add_policy(
                *set.boundary,
                managed->current().document,
                "permissions boundary " + managed->name + " of " + owner_text(kind, name),
                arn
            );
        }
    }
    return set;
}

} // namespace benchtop::iam
