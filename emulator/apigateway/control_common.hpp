// What the operations of the control plane have in common: the API a request names, its pages, its
// deployments, its errors (API Gateway V2 API reference).
#pragma once

#include "emulator/apigateway/control_checks.hpp"
#include "emulator/protocol/json_input.hpp"
#include "emulator/protocol/json_writer.hpp"
#include "emulator/service/operation.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace benchtop::apigateway {

struct LoadedApi {
    store::HttpApi row;
    ApiModel model;

    std::string endpoint() const {
        return "https://" + row.api_id + ".execute-api." + row.region + ".amazonaws.com";
    }
};

// Of the path's first label: an API of the caller's account in this region.
Result<LoadedApi> load_api(const store::ReadTx& tx, const service::Call& call);
void save_api(store::WriteTx& tx, LoadedApi& api);

// Where a part of the API is in its list; an error in AWS's words when it is not.
Result<std::size_t> find_integration(const LoadedApi& api, std::string_view id);
Result<std::size_t> find_route(const LoadedApi& api, std::string_view id);
Result<std::size_t> find_stage(const LoadedApi& api, std::string_view name);
Result<std::size_t> find_authorizer(const LoadedApi& api, std::string_view id);

// Makes a deployment of what is there now; an error when nothing can be deployed.
Result<Deployment>
make_deployment(const ApiModel& model, std::string description, const service::OpContext& context);
void deploy_to(Stage& stage, const Deployment& deployment, UtcInstant now);
// After a change of routes or integrations: every stage with autoDeploy gets it.
void deploy_automatically(ApiModel& model, const service::OpContext& context);
void keep_deployment(ApiModel& model, Deployment deployment);

// apigateway:METHOD on the path, as IAM sees it.
Result<std::vector<service::AccessRequest>>
access_by_path(const store::ReadTx& tx, const service::Call& call);

Response json_response(int status, std::string body);
Response no_content();
// {"items": [...], "nextToken": ...} of ?maxResults= and ?nextToken=.
Result<Response> write_items(
    const service::Call& call,
    std::size_t size,
    const std::function<void(protocol::JsonWriter&, std::size_t)>& write
);
std::string time_text(UtcInstant at);
void write_texts(
    protocol::JsonWriter& json, std::string_view name, const std::vector<std::string>& texts
);
void write_map(
    protocol::JsonWriter& json,
    std::string_view name,
    const std::vector<std::pair<std::string, std::string>>& map
);

// A member's text, when it was given: for updates.
Result<void>
read_text(const protocol::JsonInput& json, std::string_view member, std::string& target);
Result<void> read_flag(const protocol::JsonInput& json, std::string_view member, bool& target);
Result<void> read_texts(
    const protocol::JsonInput& json, std::string_view member, std::vector<std::string>& target
);
Result<void> read_map(
    const protocol::JsonInput& json,
    std::string_view member,
    std::vector<std::pair<std::string, std::string>>& target
);
// The first error of several readings.
Result<void> all_of(std::initializer_list<Result<void>> readings);

// The documents of parts.
void write_integration(protocol::JsonWriter& json, const Integration& integration);
void write_route(protocol::JsonWriter& json, const Route& route);
void write_stage(protocol::JsonWriter& json, const Stage& stage);

} // namespace benchtop::apigateway
