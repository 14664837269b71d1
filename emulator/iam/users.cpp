// Users and their access keys.
#include "emulator/core/encoding.hpp"
#include "emulator/core/ids.hpp"
#include "emulator/iam/errors.hpp"
#include "emulator/iam/handlers.hpp"

#include <algorithm>

namespace benchtop::iam {
namespace {

constexpr std::size_t kKeysMax = 2;

enum class View { Whole, Listed };

void write_user(protocol::XmlWriter& xml, const store::User& user, View view) {
    const Details details = parse_details(user.details);
    xml.element("Path", user.path)
        .element("UserName", user.name)
        .element("UserId", user.user_id)
        .element("Arn", user_arn(user))
        .element("CreateDate", date_text(user.created_at));
    if (view == View::Whole) {
        if (!details.boundary.empty()) {
            xml.open("PermissionsBoundary")
                .element("PermissionsBoundaryType", "Policy")
                .element("PermissionsBoundaryArn", details.boundary)
                .close();
        }
        if (!details.tags.empty()) {
            write_tags(xml, details.tags);
        }
    }
}

std::string_view status_of(const store::ReadTx& tx, const store::AccessKey& key) {
    return is_active(tx, key) ? "Active" : "Inactive";
}

// The key of AccessKeyId, when it belongs to `user`.
Result<store::AccessKey>
require_key(const store::ReadTx& tx, const service::Call& call, const store::User& user) {
    const auto id = required(call, "AccessKeyId");
    if (!id) {
        return id.error();
    }
    auto key = tx.find_access_key(*id);
    if (!key || key->account != user.account || key->principal_name != user.name ||
        key->kind != store::PrincipalKind::User || key->lifetime) {
        return no_such_entity("The Access Key with id " + *id + " cannot be found.");
    }
    return *std::move(key);
}

} // namespace

Result<Response> create_user(store::WriteTx& tx, service::Call& call) {
    const auto name = required_name(call, "UserName");
    if (!name) {
        return name.error();
    }
    const auto path = path_of(call);
    if (!path) {
        return path.error();
    }
    auto tags = tags_of(call);
    if (!tags) {
        return tags.error();
    }
    Details details;
    details.boundary = call.parameter("PermissionsBoundary");
    details.tags = *std::move(tags);
    if (!details.boundary.empty() && !find_policy(tx, call.account(), details.boundary)) {
        return no_such_entity(
            "Policy " + details.boundary + " does not exist or is not attachable."
        );
    }
    for (const auto& other : tx.list_users(call.account())) {
        if (iequals(other.name, *name)) {
            return already_exists("User with name " + *name + " already exists.");
        }
    }
    store::User user;
    user.account = call.account();
    user.name = *name;
    user.path = *path;
    user.user_id = make_unique_id(call.context.random, "AIDA");
    user.created_at = call.context.now;
    user.details = to_text(details);
    tx.put_user(user);
    auto xml = result_writer();
    xml.open("User");
    write_user(xml, user, View::Whole);
    xml.close();
    return answer(call, "CreateUser", std::move(xml));
}

Result<Response> get_user(const store::ReadTx& tx, service::Call& call) {
    auto xml = result_writer();
    xml.open("User");
    if (!call.parameters.has("UserName") &&
        call.context.caller.kind == policy::Principal::Kind::Root) {
        xml.element("UserId", call.account())
            .element("Arn", call.context.caller.arn)
            .element("CreateDate", date_text(UtcInstant{}));
    } else {
        const auto user = user_or_caller(tx, call);
        if (!user) {
            return user.error();
        }
        write_user(xml, *user, View::Whole);
    }
    xml.close();
    return answer(call, "GetUser", std::move(xml));
}

Result<Response> list_users(const store::ReadTx& tx, service::Call& call) {
    auto users = tx.list_users(call.account());
    if (const std::string_view prefix = call.parameter("PathPrefix"); !prefix.empty()) {
        std::erase_if(users, [&](const auto& user) { return !user.path.starts_with(prefix); });
    }
    auto xml = result_writer();
    auto written = write_page(call, xml, "Users", users.size(), [&](std::size_t i) {
        xml.open("member");
        write_user(xml, users[i], View::Listed);
        xml.close();
    });
    if (!written) {
        return written.error();
    }
    return answer(call, "ListUsers", std::move(xml));
}

Result<Response> delete_user(store::WriteTx& tx, service::Call& call) {
    const auto user = require_user(tx, call);
    if (!user) {
        return user.error();
    }
    if (!attached_policies(tx, store::PrincipalKind::User, user->account, user->name).empty()) {
        return delete_conflict("Cannot delete entity, must detach all policies first.");
    }
    if (!tx.inline_policies(store::PrincipalKind::User, user->account, user->name).empty()) {
        return delete_conflict("Cannot delete entity, must delete policies first.");
    }
    if (!tx.list_access_keys(user->account, user->name).empty()) {
        return delete_conflict("Cannot delete entity, must delete access keys first.");
    }
    if (!groups_of_user(tx, user->account, user->name).empty()) {
        return delete_conflict("Cannot delete entity, must remove users from group first.");
    }
    tx.delete_user(user->account, user->name);
    return answer(call, "DeleteUser");
}

Result<Response> create_access_key(store::WriteTx& tx, service::Call& call) {
    const auto user = user_or_caller(tx, call);
    if (!user) {
        return user.error();
    }
    if (tx.list_access_keys(user->account, user->name).size() >= kKeysMax) {
        return limit_exceeded("Cannot exceed quota for AccessKeysPerUser: 2");
    }
    store::AccessKey key;
    key.access_key_id = make_access_key_id(call.context.random, "AKIA", user->account);
    key.secret = make_secret_key(call.context.random);
    key.account = user->account;
    key.kind = store::PrincipalKind::User;
    key.principal_name = user->name;
    key.issued_at = call.context.now;
    tx.put_access_key(key);
    auto xml = result_writer();
    xml.open("AccessKey")
        .element("UserName", user->name)
        .element("AccessKeyId", key.access_key_id)
        .element("Status", "Active")
        .element("SecretAccessKey", key.secret)
        .element("CreateDate", date_text(key.issued_at))
        .close();
    return answer(call, "CreateAccessKey", std::move(xml));
}

Result<Response> list_access_keys(const store::ReadTx& tx, service::Call& call) {
    const auto user = user_or_caller(tx, call);
    if (!user) {
        return user.error();
    }
    const auto keys = tx.list_access_keys(user->account, user->name);
    auto xml = result_writer();
    auto written = write_page(call, xml, "AccessKeyMetadata", keys.size(), [&](std::size_t i) {
        xml.open("member")
            .element("UserName", user->name)
            .element("AccessKeyId", keys[i].access_key_id)
            .element("Status", status_of(tx, keys[i]))
            .element("CreateDate", date_text(keys[i].issued_at))
            .close();
    });
    if (!written) {
        return written.error();
    }
    return answer(call, "ListAccessKeys", std::move(xml));
}

Result<Response> update_access_key(store::WriteTx& tx, service::Call& call) {
    const auto user = user_or_caller(tx, call);
    if (!user) {
        return user.error();
    }
    const auto key = require_key(tx, call, *user);
    if (!key) {
        return key.error();
    }
    const std::string_view status = call.parameter("Status");
    if (status != "Active" && status != "Inactive") {
        protocol::Constraints constraints;
        constraints.broken(
            "status",
            "'" + std::string(status) + "'",
            "Member must satisfy enum value set: [Active, Inactive]"
        );
        return validation_error(constraints.message());
    }
    set_active(tx, *key, status == "Active");
    return answer(call, "UpdateAccessKey");
}

Result<Response> delete_access_key(store::WriteTx& tx, service::Call& call) {
    const auto user = user_or_caller(tx, call);
    if (!user) {
        return user.error();
    }
    const auto key = require_key(tx, call, *user);
    if (!key) {
        return key.error();
    }
    set_active(tx, *key, true);
    tx.delete_access_key(key->access_key_id);
    return answer(call, "DeleteAccessKey");
}

Result<Response> get_access_key_last_used(const store::ReadTx& tx, service::Call& call) {
    const auto id = required(call, "AccessKeyId");
    if (!id) {
        return id.error();
    }
    const auto key = tx.find_access_key(*id);
    if (!key || key->account != call.account() || key->kind != store::PrincipalKind::User) {
        return no_such_entity("The Access Key with id " + *id + " cannot be found.");
    }
    auto xml = result_writer();
    xml.element("UserName", key->principal_name)
        .open("AccessKeyLastUsed")
        .element("ServiceName", "N/A")
        .element("Region", "N/A")
        .close();
    return answer(call, "GetAccessKeyLastUsed", std::move(xml));
}

} // namespace benchtop::iam
