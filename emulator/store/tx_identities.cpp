// Accounts, identities, settings and the time axis.
#include "emulator/store/accounts.hpp"
#include "emulator/store/connection.hpp"

namespace benchtop::store {
namespace {

// The first column of every row, read before another statement runs.
std::vector<std::string> names_of(Statement& rows) {
    std::vector<std::string> names;
    while (rows.step()) {
        names.push_back(rows.text_at(0));
    }
    return names;
}

} // namespace

Account ReadTx::account(std::string_view id) const {
    constexpr std::size_t kRemembered = 64;
    auto& accounts = connection_.accounts();
    auto found = accounts.find(id);
    if (found == accounts.end()) {
        if (accounts.size() >= kRemembered) {
            accounts.clear();
        }
        found = accounts.emplace(std::string(id), derive_account(id)).first;
    }
    return found->second;
}

std::optional<AccessKey> ReadTx::find_access_key(std::string_view access_key_id) const {
    Statement row = connection_.query(Sql::FindAccessKey);
    if (!row.text(access_key_id).step()) {
        return std::nullopt;
    }
    AccessKey key;
    key.access_key_id = access_key_id;
    key.secret = row.text_at(0);
    key.account = row.text_at(1);
    key.kind = static_cast<PrincipalKind>(row.integer_at(2));
    key.principal_name = row.text_at(3);
    key.session_name = row.text_at(4);
    key.session_token = row.text_at(5);
    key.session_policy = row.text_at(6);
    key.issued_at = row.time_at(7);
    if (!row.null_at(8)) {
        key.lifetime = microseconds{row.integer_at(8)};
    }
    return key;
}

std::optional<User> ReadTx::find_user(std::string_view account, std::string_view name) const {
    Statement row = connection_.query(Sql::FindUser);
    if (!row.text(account).text(name).step()) {
        return std::nullopt;
    }
    User user;
    user.account = account;
    user.name = name;
    user.path = row.text_at(0);
    user.user_id = row.text_at(1);
    user.created_at = row.time_at(2);
    user.details = row.text_at(3);
    return user;
}

std::optional<Role> ReadTx::find_role(std::string_view account, std::string_view name) const {
    Statement row = connection_.query(Sql::FindRole);
    if (!row.text(account).text(name).step()) {
        return std::nullopt;
    }
    Role role;
    role.account = account;
    role.name = name;
    role.path = row.text_at(0);
    role.role_id = row.text_at(1);
    role.trust_policy = row.text_at(2);
    role.created_at = row.time_at(3);
    role.details = row.text_at(4);
    return role;
}

std::vector<InlinePolicy>
ReadTx::inline_policies(PrincipalKind kind, std::string_view account, std::string_view name) const {
    std::vector<InlinePolicy> policies;
    Statement rows = connection_.query(Sql::ListInlinePolicies);
    rows.integer(static_cast<int>(kind)).text(account).text(name);
    while (rows.step()) {
        policies.push_back({rows.text_at(0), rows.text_at(1)});
    }
    return policies;
}

std::vector<User> ReadTx::list_users(std::string_view account) const {
    std::vector<User> users;
    for (const std::string& name : names_of(connection_.query(Sql::ListUsers).text(account))) {
        users.push_back(find_user(account, name).value());
    }
    return users;
}

std::vector<Role> ReadTx::list_roles(std::string_view account) const {
    std::vector<Role> roles;
    for (const std::string& name : names_of(connection_.query(Sql::ListRoles).text(account))) {
        roles.push_back(find_role(account, name).value());
    }
    return roles;
}

std::vector<AccessKey>
ReadTx::list_access_keys(std::string_view account, std::string_view user) const {
    const PrincipalKind kind = user.empty() ? PrincipalKind::Root : PrincipalKind::User;
    std::vector<AccessKey> keys;
    for (const std::string& id : names_of(connection_.query(Sql::ListAccessKeys)
                                              .text(account)
                                              .integer(static_cast<int>(kind))
                                              .text(user))) {
        keys.push_back(find_access_key(id).value());
    }
    return keys;
}

void WriteTx::delete_user(std::string_view account, std::string_view name) {
    delete_principal(Sql::DeleteUser, PrincipalKind::User, account, name);
}

void WriteTx::delete_role(std::string_view account, std::string_view name) {
    delete_principal(Sql::DeleteRole, PrincipalKind::Role, account, name);
}

void WriteTx::delete_principal(
    Sql sql, PrincipalKind kind, std::string_view account, std::string_view name
) {
    connection_.modify(sql).text(account).text(name).run();
    for (const Sql attached : {Sql::DeleteInlinePoliciesOf, Sql::DeleteAccessKeysOf}) {
        Statement row = connection_.modify(attached);
        if (attached == Sql::DeleteInlinePoliciesOf) {
            row.integer(static_cast<int>(kind)).text(account);
        } else {
            row.text(account).integer(static_cast<int>(kind));
        }
        row.text(name).run();
    }
    connection_.writer().job.identities = true;
}

void WriteTx::put_user(const User& user) {
    connection_.modify(Sql::PutUser)
        .text(user.account)
        .text(user.name)
        .text(user.path)
        .text(user.user_id)
        .time(user.created_at)
        .text(user.details)
        .run();
    connection_.writer().job.identities = true;
}

void WriteTx::put_role(const Role& role) {
    connection_.modify(Sql::PutRole)
        .text(role.account)
        .text(role.name)
        .text(role.path)
        .text(role.role_id)
        .text(role.trust_policy)
        .time(role.created_at)
        .text(role.details)
        .run();
    connection_.writer().job.identities = true;
}

void WriteTx::put_inline_policy(
    PrincipalKind kind, std::string_view account, std::string_view name, const InlinePolicy& policy
) {
    connection_.modify(Sql::PutInlinePolicy)
        .integer(static_cast<int>(kind))
        .text(account)
        .text(name)
        .text(policy.name)
        .text(policy.document)
        .run();
    connection_.writer().job.identities = true;
}

void WriteTx::delete_inline_policy(
    PrincipalKind kind, std::string_view account, std::string_view name, std::string_view policy
) {
    connection_.modify(Sql::DeleteInlinePolicy)
        .integer(static_cast<int>(kind))
        .text(account)
        .text(name)
        .text(policy)
        .run();
    connection_.writer().job.identities = true;
}

void WriteTx::put_access_key(const AccessKey& key) {
    Statement row = connection_.modify(Sql::PutAccessKey);
    row.text(key.access_key_id)
        .text(key.secret)
        .text(key.account)
        .integer(static_cast<int>(key.kind))
        .text(key.principal_name)
        .text(key.session_name)
        .text(key.session_token)
        .text(key.session_policy)
        .time(key.issued_at);
    if (key.lifetime) {
        row.integer(key.lifetime->count());
    } else {
        row.null();
    }
    row.run();
    connection_.writer().job.identities = true;
}

void WriteTx::delete_access_key(std::string_view access_key_id) {
    connection_.modify(Sql::DeleteAccessKey).text(access_key_id).run();
    connection_.writer().job.identities = true;
}

std::optional<std::string> ReadTx::setting(std::string_view name) const {
    Statement row = connection_.query(Sql::GetSetting);
    return row.text(name).step() ? std::optional(row.text_at(0)) : std::nullopt;
}

void WriteTx::set_setting(std::string_view name, std::string_view value) {
    connection_.modify(Sql::PutSetting).text(name).text(value).run();
}

TimeAxis ReadTx::time_axis() const {
    const WriterState& state = connection_.writer(); // of a reader: always empty
    if (state.job.axis) {
        return *state.job.axis;
    }
    return state.batch.axis ? *state.batch.axis : connection_.commons().axis();
}

void WriteTx::add_advance(const Advance& advance) {
    connection_.modify(Sql::AddAdvance).time(advance.at).integer(advance.amount.count()).run();
    TimeAxis axis;
    Statement rows = connection_.query(Sql::ListAdvances);
    while (rows.step()) {
        axis.advance(rows.time_at(0), microseconds{rows.integer_at(1)});
    }
    connection_.writer().job.axis = std::move(axis);
}

} // namespace benchtop::store
