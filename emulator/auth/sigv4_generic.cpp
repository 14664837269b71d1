// SigV4 of every service but S3: the common rules (path escaped twice, the body's own hash) and the
// common texts. Order of checks: parse, key, token, scope and date, signature.
// Source: "Create a signed AWS API request", IAM user guide.
#include "emulator/auth/mechanisms.hpp"
#include "emulator/core/encoding.hpp"

#include <array>

namespace benchtop::auth {
namespace {

constexpr seconds kSkewMax{300};
constexpr std::string_view kEmptySha256 =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

struct Claim {
    bool presigned = false;
    std::string credential;
    std::string signed_headers;
    std::string signature;
    std::string date_text; // as sent
    std::optional<std::string> token;
    seconds lifetime = kSkewMax; // how long the signature is good
};

std::string_view component(std::string_view text, std::string_view name) {
    while (!text.empty()) {
        const auto comma = text.find(',');
        const std::string_view part = trim(text.substr(0, comma));
        if (part.size() > name.size() && part[name.size()] == '=' &&
            part.substr(0, name.size()) == name) {
            return part.substr(name.size() + 1);
        }
        text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
    }
    return {};
}

Result<Claim> claim_of_header(const Call& call, std::string_view authorization) {
    const Headers& headers = call.head.headers;
    const ErrorFamily family = call.context.family;
    constexpr std::string_view kScheme = "AWS4-HMAC-SHA256";
    std::string_view rest = authorization;
    if (rest.substr(0, kScheme.size()) == kScheme) {
        rest.remove_prefix(kScheme.size());
    } else {
        rest = {};
    }
    Claim claim;
    claim.credential = component(rest, "Credential");
    claim.signature = component(rest, "Signature");
    claim.signed_headers = component(rest, "SignedHeaders");
    const auto amz_date = headers.find("x-amz-date");
    claim.date_text = trim(amz_date ? *amz_date : headers.get("date"));
    std::string missing;
    if (claim.credential.empty()) {
        missing += "Authorization header requires 'Credential' parameter. ";
    }
    if (claim.signature.empty()) {
        missing += "Authorization header requires 'Signature' parameter. ";
    }
    if (claim.signed_headers.empty()) {
        missing += "Authorization header requires 'SignedHeaders' parameter. ";
    }
    if (claim.date_text.empty()) {
        missing += "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' "
                   "header. ";
    }
    if (!missing.empty()) {
        missing += "Authorization=";
        missing += authorization;
        return errors::generic_incomplete(family, missing);
    }
    if (const auto token = headers.find("x-amz-security-token")) {
        claim.token = *token;
    }
    return claim;
}

Result<Claim> claim_of_query(const Call& call, const CanonicalQuery& query) {
    std::string missing;
    for (const std::string_view name :
         {"X-Amz-Algorithm",
          "X-Amz-Credential",
          "X-Amz-Signature",
          "X-Amz-SignedHeaders",
          "X-Amz-Date"}) {
        if (query.find(name).value_or(std::string_view{}).empty()) {
            missing += "AWS query-string parameters must include '";
            missing.append(name).append("'.");
        }
    }
    if (!missing.empty()) {
        missing += "Re-examine the query-string parameters.";
        return errors::generic_incomplete(call.context.family, missing);
    }
    Claim claim;
    claim.presigned = true;
    claim.credential = *query.value("X-Amz-Credential");
    claim.signature = *query.value("X-Amz-Signature");
    claim.signed_headers = *query.value("X-Amz-SignedHeaders");
    claim.date_text = *query.value("X-Amz-Date");
    claim.token = query.value("X-Amz-Security-Token");
    if (const auto text = query.value("X-Amz-Expires")) {
        const auto number = parse_i64(*text);
        if (!number || *number < 0 || *number > 604800) {
            return errors::generic_incomplete(
                call.context.family, "X-Amz-Expires must be a number of seconds up to 604800."
            );
        }
        claim.lifetime = seconds{*number};
    }
    return claim;
}

Result<std::shared_ptr<const KeyRecord>>
find_generic_key(const Call& call, std::string_view access_key_id, const Claim& claim) {
    const ErrorFamily family = call.context.family;
    auto key = call.keys.find(access_key_id);
    const std::string_view token = claim.token ? std::string_view(*claim.token) : "";
    if (!key || !equal_constant_time(key->session_token, token)) {
        return errors::generic_invalid_token(family);
    }
    if (is_expired(*key, call.context)) {
        return errors::generic_expired_token(family);
    }
    return key;
}

std::string minutes_text(seconds duration) {
    return std::to_string(duration.count() / 60) + " min.)";
}

// Header form on the real axis, like every skew; a presigned request by its age.
Result<void> check_time(const Claim& claim, UtcInstant date, const VerifyContext& context) {
    const microseconds age =
        claim.presigned ? context.axis.age(date, context.now) : context.now - date;
    const UtcInstant server = date + age;
    if (age > claim.lifetime) {
        return errors::generic_signature(
            context.family,
            "Signature expired: " + to_amz_date(date) + " is now earlier than " +
                to_amz_date(server - claim.lifetime) + " (" + to_amz_date(server) + " - " +
                minutes_text(claim.lifetime)
        );
    }
    if (age < -kSkewMax) {
        return errors::generic_signature(
            context.family,
            "Signature not yet current: " + to_amz_date(date) + " is still later than " +
                to_amz_date(server + kSkewMax) + " (" + to_amz_date(server) + " + " +
                minutes_text(kSkewMax)
        );
    }
    return {};
}

Result<void> check_generic_scope(
    const CredentialScope& scope, const VerifyContext& context, std::string_view date
) {
    const ErrorFamily family = context.family;
    if (scope.terminal != "aws4_request") {
        return errors::generic_signature(
            family,
            "Credential should be scoped with a valid terminator: 'aws4_request', not '" +
                std::string(scope.terminal) + "'."
        );
    }
    const bool region_ok = context.expected_region ? scope.region == *context.expected_region
                                                   : is_plausible_region(scope.region);
    if (!region_ok) {
        return errors::generic_signature(family, "Credential should be scoped to a valid region.");
    }
    if (scope.service != context.service) {
        return errors::generic_signature(
            family,
            "Credential should be scoped to correct service: '" + std::string(context.service) +
                "'."
        );
    }
    const std::string_view day = date.substr(0, 8);
    if (scope.date != day) {
        return errors::generic_signature(
            family,
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from "
            "HTTP: '" +
                std::string(scope.date) + "' != '" + std::string(day) + "', from '" +
                std::string(date) + "'."
        );
    }
    return {};
}

} // namespace

Result<Authenticated> verify_generic(const Call& call, const CanonicalQuery& query) {
    const VerifyContext& context = call.context;
    const ErrorFamily family = context.family;
    const auto authorization = call.head.headers.find("authorization");
    if (!authorization && !query.has("X-Amz-Algorithm")) {
        return errors::generic_missing_token(family);
    }
    const auto claim =
        authorization ? claim_of_header(call, trim(*authorization)) : claim_of_query(call, query);
    if (!claim) {
        return claim.error();
    }
    auto date = parse_amz_date(claim->date_text);
    if (!date) {
        date = parse_http_date(claim->date_text);
    }
    if (!date) {
        return errors::generic_incomplete(
            family,
            "Date must be in ISO-8601 'basic format'. Got '" + claim->date_text +
                "'. See http://en.wikipedia.org/wiki/ISO_8601"
        );
    }
    const auto scope = parse_credential(claim->credential);
    if (!scope) {
        return errors::generic_incomplete(
            family,
            "Credential must have exactly 5 slash-delimited elements, e.g. "
            "keyid/date/region/service/term, got '" +
                claim->credential + "'"
        );
    }
    auto key = find_generic_key(call, scope->access_key_id, *claim);
    if (!key) {
        return key.error();
    }
    const std::string amz_date = to_amz_date(*date);
    if (auto ok = check_generic_scope(*scope, context, amz_date); !ok) {
        return ok.error();
    }
    if (auto ok = check_time(*claim, *date, context); !ok) {
        return ok.error();
    }
    if (!names_contain(split_signed_headers(claim->signed_headers), "host")) {
        return errors::generic_signature(
            family, "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
        );
    }
    const std::string canonical = canonical_request(
        {.method = call.head.method,
         .path = call.head.path(),
         .path_rule = PathRule::Generic,
         .query = query,
         .query_left_out = claim->presigned ? "X-Amz-Signature" : "",
         .headers = call.head.headers,
         .signed_headers = claim->signed_headers,
         .payload_hash = context.body_sha256.value_or(kEmptySha256)}
    );
    const std::string to_sign = string_to_sign(amz_date, scope->text, canonical);
    const SigningKey signing_key =
        call.cache.get(**key, scope->date, scope->region, scope->service);
    if (!sign_v4(signing_key, to_sign).matches(claim->signature)) {
        return errors::generic_mismatch(family).because(canonical);
    }
    Authenticated who;
    who.type = claim->presigned ? AuthType::QueryString : AuthType::RestHeader;
    who.key = std::move(*key);
    who.access_key_id = scope->access_key_id;
    who.region = scope->region;
    who.version = 4;
    who.signed_at = *date;
    return who;
}

} // namespace benchtop::auth
