// The functions the control plane's rows point to, by the file that has them.
#pragma once

#include "emulator/apigateway/control_common.hpp"

namespace benchtop::apigateway {

// control_apis.cpp
Result<Response> create_api(store::WriteTx&, service::Call&);
Result<Response> get_api(const store::ReadTx&, service::Call&);
Result<Response> get_apis(const store::ReadTx&, service::Call&);
Result<Response> update_api(store::WriteTx&, service::Call&);
Result<Response> delete_api(store::WriteTx&, service::Call&);
Result<Response> delete_cors(store::WriteTx&, service::Call&);
Result<Response> tag_resource(store::WriteTx&, service::Call&);
Result<Response> untag_resource(store::WriteTx&, service::Call&);
Result<Response> get_tags(const store::ReadTx&, service::Call&);
// control_routes.cpp
Result<Response> create_integration(store::WriteTx&, service::Call&);
Result<Response> get_integration(const store::ReadTx&, service::Call&);
Result<Response> get_integrations(const store::ReadTx&, service::Call&);
Result<Response> update_integration(store::WriteTx&, service::Call&);
Result<Response> delete_integration(store::WriteTx&, service::Call&);
Result<Response> create_route(store::WriteTx&, service::Call&);
Result<Response> get_route(const store::ReadTx&, service::Call&);
Result<Response> get_routes(const store::ReadTx&, service::Call&);
Result<Response> update_route(store::WriteTx&, service::Call&);
Result<Response> delete_route(store::WriteTx&, service::Call&);
// control_stages.cpp
Result<Response> create_stage(store::WriteTx&, service::Call&);
Result<Response> get_stage(const store::ReadTx&, service::Call&);
Result<Response> get_stages(const store::ReadTx&, service::Call&);
Result<Response> update_stage(store::WriteTx&, service::Call&);
Result<Response> delete_stage(store::WriteTx&, service::Call&);
Result<Response> delete_route_settings(store::WriteTx&, service::Call&);
Result<Response> delete_access_log_settings(store::WriteTx&, service::Call&);
Result<Response> create_deployment(store::WriteTx&, service::Call&);
Result<Response> get_deployment(const store::ReadTx&, service::Call&);
Result<Response> get_deployments(const store::ReadTx&, service::Call&);
Result<Response> delete_deployment(store::WriteTx&, service::Call&);
// control_authorizers.cpp
Result<Response> create_authorizer(store::WriteTx&, service::Call&);
Result<Response> get_authorizer(const store::ReadTx&, service::Call&);
Result<Response> get_authorizers(const store::ReadTx&, service::Call&);
Result<Response> update_authorizer(store::WriteTx&, service::Call&);
Result<Response> delete_authorizer(store::WriteTx&, service::Call&);

} // namespace benchtop::apigateway
