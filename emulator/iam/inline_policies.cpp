// Inline policies of roles, users and groups.
#include "emulator/iam/errors.hpp"
#include "emulator/iam/handlers.hpp"

#include <algorithm>

namespace benchtop::iam {
namespace {

AwsError no_inline(const Entity& entity, std::string_view name) {
    return no_such_entity(
        "The " + std::string(entity.label) + " policy with name " + std::string(name) +
        " cannot be found."
    );
}

const store::InlinePolicy*
find(const std::vector<store::InlinePolicy>& policies, std::string_view name) {
    const auto found = std::find_if(policies.begin(), policies.end(), [&](const auto& policy) {
        return policy.name == name;
    });
    return found == policies.end() ? nullptr : &*found;
}

} // namespace

Result<Response>
put_inline(store::WriteTx& tx, service::Call& call, const Entity& entity, std::string_view action) {
    const auto owner = require_entity(tx, call, entity);
    if (!owner) {
        return owner.error();
    }
    const auto name = required_name(call, "PolicyName", 128);
    if (!name) {
        return name.error();
    }
    const auto document = document_of(
        call, "PolicyDocument", policy::PolicyKind::Identity, policy::policy_bytes_max, "PolicySize"
    );
    if (!document) {
        return document.error();
    }
    std::size_t characters = counted_characters(*document);
    for (const auto& other : tx.inline_policies(entity.kind, call.account(), *owner)) {
        characters += other.name == *name ? 0 : counted_characters(other.document);
    }
    if (characters > entity.inline_max) {
        return limit_exceeded(
            "Maximum policy size of " + std::to_string(entity.inline_max) + " bytes exceeded for " +
            std::string(entity.label) + " " + *owner
        );
    }
    tx.put_inline_policy(entity.kind, call.account(), *owner, {*name, *document});
    return answer(call, action);
}

Result<Response> get_inline(
    const store::ReadTx& tx, service::Call& call, const Entity& entity, std::string_view action
) {
    const auto owner = require_entity(tx, call, entity);
    if (!owner) {
        return owner.error();
    }
    const auto name = required_name(call, "PolicyName", 128);
    if (!name) {
        return name.error();
    }
    const auto policies = tx.inline_policies(entity.kind, call.account(), *owner);
    const store::InlinePolicy* policy = find(policies, *name);
    if (policy == nullptr) {
        return no_inline(entity, *name);
    }
    auto xml = result_writer();
    xml.element(entity.parameter, *owner)
        .element("PolicyName", *name)
        .element("PolicyDocument", encoded_document(policy->document));
    return answer(call, action, std::move(xml));
}

Result<Response> list_inline(
    const store::ReadTx& tx, service::Call& call, const Entity& entity, std::string_view action
) {
    const auto owner = require_entity(tx, call, entity);
    if (!owner) {
        return owner.error();
    }
    const auto policies = tx.inline_policies(entity.kind, call.account(), *owner);
    auto xml = result_writer();
    auto written = write_page(call, xml, "PolicyNames", policies.size(), [&](std::size_t i) {
        xml.element("member", policies[i].name);
    });
    if (!written) {
        return written.error();
    }
    return answer(call, action, std::move(xml));
}

Result<Response> delete_inline(
    store::WriteTx& tx, service::Call& call, const Entity& entity, std::string_view action
) {
    const auto owner = require_entity(tx, call, entity);
    if (!owner) {
        return owner.error();
    }
    const auto name = required_name(call, "PolicyName", 128);
    if (!name) {
        return name.error();
    }
    if (find(tx.inline_policies(entity.kind, call.account(), *owner), *name) == nullptr) {
        return no_inline(entity, *name);
    }
    tx.delete_inline_policy(entity.kind, call.account(), *owner, *name);
    return answer(call, action);
}

} // namespace benchtop::iam
