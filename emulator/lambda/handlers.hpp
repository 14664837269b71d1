// The functions the operations' rows point to, by the file that has them.
#pragma once

#include "emulator/service/operation.hpp"

namespace benchtop::lambda {

using Access = Result<std::vector<service::AccessRequest>>;

// functions.cpp
Access access_create_function(const store::ReadTx&, const service::Call&);
Result<Response> create_function(store::WriteTx&, service::Call&);
Result<Response> get_function(const store::ReadTx&, service::Call&);
Result<Response> get_function_configuration(const store::ReadTx&, service::Call&);
Result<Response> list_functions(const store::ReadTx&, service::Call&);
Result<Response> delete_function(store::WriteTx&, service::Call&);
// update.cpp
Result<Response> update_function_code(store::WriteTx&, service::Call&);
Result<Response> update_function_configuration(store::WriteTx&, service::Call&);
// versions.cpp
Result<Response> publish_version(store::WriteTx&, service::Call&);
Result<Response> list_versions(const store::ReadTx&, service::Call&);
// aliases.cpp
Result<Response> create_alias(store::WriteTx&, service::Call&);
Result<Response> get_alias(const store::ReadTx&, service::Call&);
Result<Response> list_aliases(const store::ReadTx&, service::Call&);
Result<Response> update_alias(store::WriteTx&, service::Call&);
Result<Response> delete_alias(store::WriteTx&, service::Call&);
// permissions.cpp
Result<Response> add_permission(store::WriteTx&, service::Call&);
Result<Response> get_policy(const store::ReadTx&, service::Call&);
Result<Response> remove_permission(store::WriteTx&, service::Call&);
// invoke.cpp
Access access_invoke(const store::ReadTx&, const service::Call&);
Result<service::Invocation> invoke(const store::ReadTx&, service::Call&);
Result<Response> answer_invoke(service::Call&, std::optional<InvokeOutcome>);
Result<Response> invoke_event(store::WriteTx&, service::Call&);
Result<Response> invoke_dry_run(const store::ReadTx&, service::Call&);
// event_invoke_config.cpp
Result<Response> put_event_invoke_config(store::WriteTx&, service::Call&);
Result<Response> update_event_invoke_config(store::WriteTx&, service::Call&);
Result<Response> get_event_invoke_config(const store::ReadTx&, service::Call&);
Result<Response> delete_event_invoke_config(store::WriteTx&, service::Call&);
Result<Response> list_event_invoke_configs(const store::ReadTx&, service::Call&);
// settings.cpp
Result<Response> put_concurrency(store::WriteTx&, service::Call&);
Result<Response> get_concurrency(const store::ReadTx&, service::Call&);
Result<Response> delete_concurrency(store::WriteTx&, service::Call&);
Access access_tags(const store::ReadTx&, const service::Call&, std::string_view action);
Result<Response> tag_resource(store::WriteTx&, service::Call&);
Result<Response> untag_resource(store::WriteTx&, service::Call&);
Result<Response> list_tags(const store::ReadTx&, service::Call&);
Result<Response> get_account_settings(const store::ReadTx&, service::Call&);
Result<Response> get_code_signing_config(const store::ReadTx&, service::Call&);

} // namespace benchtop::lambda
