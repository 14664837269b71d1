#include "emulator/pipeline/api_authorization.hpp"

#include "emulator/apigateway/jwt.hpp"
#include "emulator/pipeline/authorizer.hpp"
#include "emulator/pipeline/caches.hpp"
#include "emulator/pipeline/issuer_keys.hpp"
#include "emulator/protocol/json_writer.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace benchtop::pipeline {
namespace {

namespace json = boost::json;

std::string token_of(const RequestHead& head, const apigateway::Authorizer& authorizer) {
    constexpr std::string_view header = "$request.header.";
    constexpr std::string_view query = "$request.querystring.";
    std::string token;
    for (const std::string& source : authorizer.identity_sources) {
        if (source.starts_with(header)) {
            token = head.headers.get(source.substr(header.size()));
        } else if (source.starts_with(query)) {
            token = Query::parse(head.query()).get(source.substr(query.size()));
        }
    }
    constexpr std::string_view bearer = "bearer ";
    if (token.size() > bearer.size() && iequals(token.substr(0, bearer.size()), bearer)) {
        token.erase(0, bearer.size());
    }
    return token;
}

// Every claim as text, as the event has them.
std::string claim_text(const json::value& value) {
    if (value.is_string()) {
        return std::string(value.get_string());
    }
    if (!value.is_array()) {
        return json::serialize(value);
    }
    std::string text;
    for (const json::value& item : value.get_array()) {
        text += (text.empty() ? "[" : " ") + claim_text(item);
    }
    return text.empty() ? "[]" : text + "]";
}

std::string jwt_context(
    const apigateway::Jwt& jwt, const std::vector<std::string>& scopes, bool asks_for_scopes
) {
    protocol::JsonWriter out;
    out.begin_object().key("jwt").begin_object().key("claims").begin_object();
    for (const auto& [name, value] : jwt.claims) {
        out.member(name, claim_text(value));
    }
    out.end_object().key("scopes");
    if (asks_for_scopes) {
        out.begin_array();
        for (const std::string& scope : scopes) {
            out.string(scope);
        }
        out.end_array();
    } else {
        out.null();
    }
    out.end_object().end_object();
    return std::move(out).take();
}

std::variant<ApiAdmission, ApiRefusal>
authorize_jwt(Services& services, const apigateway::Plan& plan, const RequestHead& head) {
    const apigateway::Route& route = *plan.match.route;
    const apigateway::Authorizer* authorizer =
        plan.match.stage->deployed.authorizer(route.authorizer_id);
    if (authorizer == nullptr) {
        return ApiRefusal{500, "", "the route's authorizer is gone"};
    }
    const std::string token = token_of(head, *authorizer);
    if (token.empty()) {
        return ApiRefusal{401, "Bearer", "the request has no token"};
    }
    const auto invalid = [](const AwsError& error) {
        return ApiRefusal{
            401,
            "Bearer scope=\"\" error=\"invalid_token\" error_description=\"" + error.message() +
                "\"",
            error.message()};
    };
    // In AWS's order: decode, algorithm and signature, claims.
    const auto jwt = apigateway::parse_jwt(token);
    if (!jwt) {
        return invalid(jwt.error());
    }
    if (auto known = apigateway::check_algorithm(*jwt); !known) {
        return invalid(known.error());
    }
    const auto keys = services.caches->issuer_keys.find(
        services,
        authorizer->issuer,
        head.received_at,
        [&jwt](const json::object& set) { return apigateway::has_key_of(*jwt, set); }
    );
    if (!keys) {
        return ApiRefusal{
            401,
            "Bearer scope=\"\" error=\"invalid_token\" error_description=\"OIDC discovery endpoint "
            "communication error\"",
            "the issuer's keys are not at " + authorizer->issuer +
                "/.well-known/openid-configuration: offline, it must be a public object of a "
                "bucket "
                "here"};
    }
    if (auto fits = apigateway::verify_signature(*jwt, *keys); !fits) {
        return invalid(fits.error());
    }
    TimeAxis axis;
    services.store.read([&](const store::ReadTx& tx) { axis = tx.time_axis(); });
    if (auto kept = apigateway::check_claims(
            *jwt, authorizer->issuer, authorizer->audience, axis, head.received_at
        );
        !kept) {
        return invalid(kept.error());
    }
    const auto scopes = apigateway::scopes_of(*jwt);
    const auto& wanted = route.authorization_scopes;
    const bool enough =
        wanted.empty() || std::any_of(scopes.begin(), scopes.end(), [&](const auto& scope) {
            return std::find(wanted.begin(), wanted.end(), scope) != wanted.end();
        });
    if (!enough) {
        std::string list;
        for (const std::string& scope : wanted) {
            list += (list.empty() ? "" : " ") + scope;
        }
        return ApiRefusal{
            403,
            "Bearer scope=\"" + list + "\" error=\"insufficient_scope\" error_description=\"\"",
            "the token has none of the scopes " + list};
    }
    return ApiAdmission{jwt_context(*jwt, scopes, !wanted.empty())};
}

std::variant<ApiAdmission, ApiRefusal> authorize_iam(
    Services& services,
    const apigateway::Plan& plan,
    const RequestHead& head,
    std::string_view body_sha256
) {
    std::variant<ApiAdmission, ApiRefusal> result = ApiRefusal{};
    services.store.read([&](const store::ReadTx& tx) {
        const TimeAxis axis = tx.time_axis();
        auth::VerifyContext context{.now = head.received_at, .axis = axis};
        context.service = "execute-api";
        context.family = auth::ErrorFamily::RestJson;
        context.body_sha256 = body_sha256;
        Services::Caches::Lease slot(*services.caches);
        slot->refresh(services.store.identity_epoch(), services.store.configuration_epoch());
        IdentityLookup keys(*slot, tx);
        const auto verified = auth::verify(head, context, keys, slot->signing_keys);
        if (!verified) {
            result = ApiRefusal{403, "", verified.error().message()};
            return;
        }
        RequestAuthorizer authorizer(
            keys.found(),
            head,
            *verified,
            head.received_at,
            verified->signed_at ? axis.age(*verified->signed_at, head.received_at)
                                : microseconds{0},
            policy::MessageStyle::Plain
        );
        authorizer.look_in(tx, nullptr);
        service::AccessRequest request;
        request.action = "execute-api:Invoke";
        request.resource = apigateway::request_arn(plan);
        request.resource_account = plan.api->row.account;
        if (auto allowed = authorizer.check(request); !allowed) {
            result = ApiRefusal{403, "", allowed.error().message()};
            return;
        }
        const policy::Principal& who = authorizer.caller();
        protocol::JsonWriter out;
        out.begin_object()
            .key("iam")
            .begin_object()
            .member("accessKey", verified->access_key_id)
            .member("accountId", who.account)
            .member("callerId", who.user_id)
            .key("cognitoIdentity")
            .null()
            .key("principalOrgId")
            .null()
            .member("userArn", who.arn)
            .member("userId", who.user_id)
            .end_object()
            .end_object();
        result = ApiAdmission{std::move(out).take()};
    });
    return result;
}

} // namespace

std::variant<ApiAdmission, ApiRefusal> authorize_api(
    Services& services,
    const apigateway::Plan& plan,
    const RequestHead& head,
    std::string_view body_sha256
) {
    const std::string& type = plan.match.route->authorization_type;
    if (type == "JWT") {
        return authorize_jwt(services, plan, head);
    }
    if (type == "AWS_IAM") {
        return authorize_iam(services, plan, head, body_sha256);
    }
    return ApiAdmission{};
}

} // namespace benchtop::pipeline
