// JSON Web Tokens as an HTTP API's JWT authorizer takes them: RSA signatures, keys from a JWK set
// (RFC 7515, 7517, 7519; API Gateway Developer Guide, "Controlling access to HTTP APIs with JWT
// authorizers"). Pure; the time is an argument.
#pragma once

#include "emulator/core/result.hpp"
#include "emulator/core/time_axis.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace benchtop::apigateway {

struct Jwt {
    boost::json::object header;
    boost::json::object claims;
    std::string signed_part; // header.payload, as received
    std::string signature;   // decoded

    std::string_view text(std::string_view claim) const; // "" when it is no text
};

// The errors of this file carry one sentence for the WWW-Authenticate header.
Result<Jwt> parse_jwt(std::string_view token);
// RS256, RS384 or RS512; an error for any other algorithm.
Result<void> check_algorithm(const Jwt& jwt);
// A JWK set: {"keys": [...]}; nullopt when it is none.
std::optional<boost::json::object> parse_key_set(std::string_view text);
// Whether the set has an RSA key of the id the token names.
bool has_key_of(const Jwt& jwt, const boost::json::object& key_set);
Result<void> verify_signature(const Jwt& jwt, const boost::json::object& key_set);
// iss, aud or client_id, exp, nbf, iat. A token is as old as its iat says, on the lab's clock.
Result<void> check_claims(
    const Jwt& jwt,
    std::string_view issuer,
    const std::vector<std::string>& audience,
    const TimeAxis& axis,
    UtcInstant now
);
// Of the claims scope and scp.
std::vector<std::string> scopes_of(const Jwt& jwt);

} // namespace benchtop::apigateway
