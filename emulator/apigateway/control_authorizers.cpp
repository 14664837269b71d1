// JWT authorizers.
#include "emulator/apigateway/control_handlers.hpp"
#include "emulator/core/ids.hpp"

#include <algorithm>

namespace benchtop::apigateway {
namespace {

using protocol::JsonInput;
using protocol::JsonWriter;

// "Quotas for configuring and running an HTTP API in API Gateway".
constexpr std::size_t kAuthorizersMax = 10;
constexpr std::size_t kAudienceMax = 50;
constexpr std::size_t kNameMax = 128; // the service's model
// Benchtop's own: of an issuer or an audience, and of an identity source.
constexpr std::size_t kClaimMax = 1024;
constexpr std::size_t kSourceMax = 512;

void write_authorizer(JsonWriter& json, const Authorizer& authorizer) {
    json.begin_object()
        .member("authorizerId", authorizer.id)
        .member("authorizerType", authorizer.type);
    write_texts(json, "identitySource", authorizer.identity_sources);
    json.key("jwtConfiguration").begin_object();
    write_texts(json, "audience", authorizer.audience);
    json.member("issuer", authorizer.issuer).end_object();
    json.member("name", authorizer.name).end_object();
}

Response authorizer_response(int status, const Authorizer& authorizer) {
    JsonWriter json;
    write_authorizer(json, authorizer);
    return json_response(status, std::move(json).take());
}

Result<void> read_authorizer(const service::Call& call, Authorizer& authorizer) {
    const JsonInput json(call.json);
    auto taken = all_of(
        {read_text(json, "name", authorizer.name),
         read_text(json, "authorizerType", authorizer.type),
         read_texts(json, "identitySource", authorizer.identity_sources)}
    );
    if (!taken) {
        return taken.error();
    }
    const auto jwt = json.object("jwtConfiguration");
    if (!jwt) {
        return jwt.error();
    }
    if (*jwt != nullptr) {
        const JsonInput members(**jwt);
        auto read = all_of(
            {read_text(members, "issuer", authorizer.issuer),
             read_texts(members, "audience", authorizer.audience)}
        );
        if (!read) {
            return read.error();
        }
    }
    auto refused = refuse_members(
        call.json,
        {"authorizerCredentialsArn",
         "authorizerPayloadFormatVersion",
         "authorizerResultTtlInSeconds",
         "authorizerUri",
         "enableSimpleResponses"},
        "is for Lambda authorizers, which Benchtop does not have."
    );
    auto bounded = all_of(
        {std::move(refused),
         check_length("issuer", authorizer.issuer, kClaimMax),
         check_texts("audience", authorizer.audience, kAudienceMax, kClaimMax),
         check_texts("identitySource", authorizer.identity_sources, 1, kSourceMax)}
    );
    if (authorizer.type == "REQUEST") {
        return bad_request("Benchtop has no Lambda authorizers: authorizerType must be JWT.");
    }
    if (authorizer.type != "JWT") {
        return bad_request("Invalid authorizerType specified. Must be one of [REQUEST, JWT]");
    }
    if (!bounded) {
        return bounded.error();
    }
    if (authorizer.name.empty() || !check_length("name", authorizer.name, kNameMax)) {
        return bad_request("Invalid authorizer name specified");
    }
    if (!authorizer.issuer.starts_with("https://") || authorizer.audience.empty()) {
        return bad_request("Issuer must be a valid https URL and audience must be set for a JWT "
                           "authorizer");
    }
    const bool sources_fit = authorizer.identity_sources.size() == 1 &&
                             (authorizer.identity_sources[0].starts_with("$request.header.") ||
                              authorizer.identity_sources[0].starts_with("$request.querystring."));
    if (!sources_fit) {
        return bad_request("Invalid identity source specified: $request.header.NAME or "
                           "$request.querystring.NAME");
    }
    return {};
}

} // namespace

Result<Response> create_authorizer(store::WriteTx& tx, service::Call& call) {
    auto api = load_api(tx, call);
    if (!api) {
        return api.error();
    }
    Authorizer authorizer;
    if (auto read = read_authorizer(call, authorizer); !read) {
        return read.error();
    }
    if (api->model.current.authorizers.size() >= kAuthorizersMax) {
        return AwsError(429, "TooManyRequestsException", "Maximum number of authorizers reached");
    }
    for (const Authorizer& other : api->model.current.authorizers) {
        if (other.name == authorizer.name) {
            return conflicting(
                "Authorizer with name " + other.name + " already exists for this API"
            );
        }
    }
    authorizer.id = make_api_id(call.context.random, 6);
    api->model.current.authorizers.push_back(authorizer);
    save_api(tx, *api); // nothing refers to it yet: no deployment
    return authorizer_response(201, authorizer);
}

Result<Response> get_authorizer(const store::ReadTx& tx, service::Call& call) {
    const auto api = load_api(tx, call);
    if (!api) {
        return api.error();
    }
    const auto at = find_authorizer(*api, call.labels.at(1));
    if (!at) {
        return at.error();
    }
    return authorizer_response(200, api->model.current.authorizers[*at]);
}

Result<Response> get_authorizers(const store::ReadTx& tx, service::Call& call) {
    const auto api = load_api(tx, call);
    if (!api) {
        return api.error();
    }
    return write_items(
        call,
        api->model.current.authorizers.size(),
        [&](JsonWriter& json, std::size_t i) {
            write_authorizer(json, api->model.current.authorizers[i]);
        }
    );
}

Result<Response> update_authorizer(store::WriteTx& tx, service::Call& call) {
    auto api = load_api(tx, call);
    if (!api) {
        return api.error();
    }
    const auto at = find_authorizer(*api, call.labels.at(1));
    if (!at) {
        return at.error();
    }
    Authorizer authorizer = api->model.current.authorizers[*at];
    if (auto read = read_authorizer(call, authorizer); !read) {
        return read.error();
    }
    api->model.current.authorizers[*at] = authorizer;
    deploy_automatically(api->model, call.context);
    save_api(tx, *api);
    return authorizer_response(200, authorizer);
}

Result<Response> delete_authorizer(store::WriteTx& tx, service::Call& call) {
    auto api = load_api(tx, call);
    if (!api) {
        return api.error();
    }
    const auto at = find_authorizer(*api, call.labels.at(1));
    if (!at) {
        return at.error();
    }
    for (const Route& route : api->model.current.routes) {
        if (route.authorizer_id == call.labels.at(1)) {
            return conflicting(
                "Cannot delete authorizer '" + call.labels.at(1) +
                "'. Authorizer is referenced by "
                "route '" +
                route.id + "'."
            );
        }
    }
    api->model.current.authorizers.erase(
        api->model.current.authorizers.begin() + static_cast<std::ptrdiff_t>(*at)
    );
    save_api(tx, *api);
    return no_content();
}

} // namespace benchtop::apigateway
