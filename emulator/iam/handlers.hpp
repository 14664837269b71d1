// The functions the operations' rows point to, by the file that has them.
#pragma once

#include "emulator/iam/request.hpp"

namespace benchtop::iam {

// roles.cpp
Result<Response> create_role(store::WriteTx&, service::Call&);
Result<Response> get_role(const store::ReadTx&, service::Call&);
Result<Response> list_roles(const store::ReadTx&, service::Call&);
Result<Response> update_role(store::WriteTx&, service::Call&);
Result<Response> update_role_description(store::WriteTx&, service::Call&);
Result<Response> update_assume_role_policy(store::WriteTx&, service::Call&);
Result<Response> delete_role(store::WriteTx&, service::Call&);
Result<Response> list_instance_profiles_for_role(const store::ReadTx&, service::Call&);
// users.cpp
Result<Response> create_user(store::WriteTx&, service::Call&);
Result<Response> get_user(const store::ReadTx&, service::Call&);
Result<Response> list_users(const store::ReadTx&, service::Call&);
Result<Response> delete_user(store::WriteTx&, service::Call&);
Result<Response> create_access_key(store::WriteTx&, service::Call&);
Result<Response> list_access_keys(const store::ReadTx&, service::Call&);
Result<Response> update_access_key(store::WriteTx&, service::Call&);
Result<Response> delete_access_key(store::WriteTx&, service::Call&);
Result<Response> get_access_key_last_used(const store::ReadTx&, service::Call&);
// groups.cpp
Result<Response> create_group(store::WriteTx&, service::Call&);
Result<Response> get_group(const store::ReadTx&, service::Call&);
Result<Response> list_groups_operation(const store::ReadTx&, service::Call&);
Result<Response> delete_group_operation(store::WriteTx&, service::Call&);
Result<Response> add_user_to_group(store::WriteTx&, service::Call&);
Result<Response> remove_user_from_group(store::WriteTx&, service::Call&);
Result<Response> list_groups_for_user(const store::ReadTx&, service::Call&);
// inline_policies.cpp
Result<Response>
put_inline(store::WriteTx&, service::Call&, const Entity&, std::string_view action);
Result<Response>
get_inline(const store::ReadTx&, service::Call&, const Entity&, std::string_view action);
Result<Response>
list_inline(const store::ReadTx&, service::Call&, const Entity&, std::string_view action);
Result<Response>
delete_inline(store::WriteTx&, service::Call&, const Entity&, std::string_view action);
// managed_policies.cpp
Result<Response> create_policy(store::WriteTx&, service::Call&);
Result<Response> get_policy(const store::ReadTx&, service::Call&);
Result<Response> list_policies_operation(const store::ReadTx&, service::Call&);
Result<Response> delete_policy_operation(store::WriteTx&, service::Call&);
Result<Response> create_policy_version(store::WriteTx&, service::Call&);
Result<Response> get_policy_version(const store::ReadTx&, service::Call&);
Result<Response> list_policy_versions(const store::ReadTx&, service::Call&);
Result<Response> delete_policy_version(store::WriteTx&, service::Call&);
Result<Response> set_default_policy_version(store::WriteTx&, service::Call&);
Result<Response> list_entities_for_policy(const store::ReadTx&, service::Call&);
Result<Response> attach(store::WriteTx&, service::Call&, const Entity&, std::string_view action);
Result<Response> detach(store::WriteTx&, service::Call&, const Entity&, std::string_view action);
Result<Response>
list_attached(const store::ReadTx&, service::Call&, const Entity&, std::string_view action);
// settings.cpp
Result<Response>
put_boundary(store::WriteTx&, service::Call&, const Entity&, std::string_view action);
Result<Response>
delete_boundary(store::WriteTx&, service::Call&, const Entity&, std::string_view action);
Result<Response> tag(store::WriteTx&, service::Call&, const Entity&, std::string_view action);
Result<Response> untag(store::WriteTx&, service::Call&, const Entity&, std::string_view action);
Result<Response>
list_tags(const store::ReadTx&, service::Call&, const Entity&, std::string_view action);
Result<Response> list_account_aliases(const store::ReadTx&, service::Call&);
Result<Response> get_account_summary(const store::ReadTx&, service::Call&);
// simulate.cpp
Result<Response> simulate_principal_policy(const store::ReadTx&, service::Call&);
Result<Response> simulate_custom_policy(const store::ReadTx&, service::Call&);

} // namespace benchtop::iam
