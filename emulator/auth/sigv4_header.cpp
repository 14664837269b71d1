// SigV4 in the Authorization header, S3's flavour and S3's order of checks.
#include "emulator/auth/mechanisms.hpp"
#include "emulator/auth/payload.hpp"
#include "emulator/core/encoding.hpp"

#include <array>
#include <optional>

namespace benchtop::auth {
namespace {

struct Components {
    std::string_view credential;
    std::string_view signed_headers;
    std::string_view signature;
};

// "Credential=..., SignedHeaders=..., Signature=..." in any order.
Result<Components> parse_components(std::string_view text) {
    Components components;
    std::array<std::string_view, 3> parts;
    std::size_t count = 0;
    while (true) {
        const auto comma = text.find(',');
        if (count < parts.size()) {
            parts[count] = trim(text.substr(0, comma));
        }
        ++count;
        if (comma == std::string_view::npos) {
            break;
        }
        text.remove_prefix(comma + 1);
    }
    if (count != parts.size()) {
        return errors::header_malformed("the authorization header requires three components: "
                                        "Credential, SignedHeaders, and Signature.");
    }
    for (const std::string_view part : parts) {
        const auto equals = part.find('=');
        if (equals == std::string_view::npos ||
            part.find('=', equals + 1) != std::string_view::npos) {
            std::string flaw = "the authorization component \"";
            flaw.append(part).append("\" is malformed.");
            return errors::header_malformed(flaw);
        }
        const std::string_view name = part.substr(0, equals);
        const std::string_view value = part.substr(equals + 1);
        if (name == "Credential") {
            components.credential = value;
        } else if (name == "SignedHeaders") {
            components.signed_headers = value;
        } else if (name == "Signature") {
            components.signature = value;
        }
    }
    if (components.credential.empty()) {
        return errors::header_malformed("missing Credential.");
    }
    if (components.signed_headers.empty()) {
        return errors::header_malformed("missing SignedHeaders.");
    }
    if (components.signature.empty()) {
        return errors::header_malformed("missing Signature.");
    }
    return components;
}

struct RequestDate {
    std::string_view as_sent;
    UtcInstant instant;
};

Result<RequestDate> checked_date(std::string_view text, const std::optional<UtcInstant>& instant) {
    if (!instant || is_before_epoch(*instant)) {
        return errors::missing_date();
    }
    return RequestDate{text, *instant};
}

// x-amz-date beats Date; a bad x-amz-date is not replaced by a good Date.
Result<RequestDate> request_date(const Headers& headers) {
    if (const auto amz = headers.find("x-amz-date")) {
        const std::string_view text = trim(*amz);
        return checked_date(text, parse_amz_date(text));
    }
    const std::string_view text = trim(headers.get("date"));
    if (const auto instant = parse_http_date(text)) {
        return checked_date(text, instant);
    }
    return checked_date(text, parse_amz_date(text));
}

} // namespace

Result<Authenticated> verify_sigv4_header(const Call& call, std::string_view authorization) {
    const Headers& headers = call.head.headers;
    const VerifyContext& context = call.context;
    const auto date = request_date(headers);
    if (!date) {
        return date.error();
    }
    const microseconds skew = context.now - date->instant;
    if (skew > seconds{900} || skew < -seconds{900}) {
        return errors::time_too_skewed(date->as_sent, context.now);
    }
    const auto components = parse_components(authorization.substr(authorization.find(' ') + 1));
    if (!components) {
        return components.error();
    }
    const auto scope = parse_credential(components->credential);
    if (!scope) {
        return errors::header_malformed("the Credential is mal-formed; expecting "
                                        "\"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".");
    }
    if (auto ok = check_scope(*scope, context, errors::Form::Header); !ok) {
        return ok.error();
    }
    auto token = headers.find("x-amz-security-token");
    auto key = find_key(call, scope->access_key_id, token);
    if (!key) {
        return key.error();
    }
    const std::string amz_date = to_amz_date(date->instant);
    if (std::string_view(amz_date).substr(0, 8) != scope->date) {
        return errors::header_malformed(
            "Invalid credential date. Date is not the same as X-Amz-Date."
        );
    }
    const auto payload = payload_of_signed_request(headers, context.accepts_body);
    if (!payload) {
        return payload.error();
    }
    if (const auto names = unsigned_headers(headers, components->signed_headers, nullptr);
        !names.empty()) {
        return errors::headers_not_signed(names);
    }
    const CanonicalQuery query(call.head.query());
    std::string canonical = canonical_request(
        {.method = call.head.method,
         .path = call.head.path(),
         .path_rule = PathRule::S3,
         .query = query,
         .query_left_out = {},
         .headers = headers,
         .signed_headers = components->signed_headers,
         .payload_hash = payload->value}
    );
    const std::string to_sign = string_to_sign(amz_date, scope->text, canonical);
    const SigningKey signing_key =
        call.cache.get(**key, scope->date, scope->region, scope->service);
    if (!sign_v4(signing_key, to_sign).matches(components->signature)) {
        return errors::signature_does_not_match(
            {scope->access_key_id, to_sign, components->signature, canonical}
        );
    }
    Authenticated who;
    who.type = AuthType::RestHeader;
    who.key = std::move(*key);
    who.access_key_id = scope->access_key_id;
    who.region = scope->region;
    who.version = 4;
    who.signed_at = date->instant;
    who.payload = payload->kind;
    if (payload->kind == PayloadHash::Literal) {
        who.payload_literal = payload->value;
    }
    if (payload->kind == PayloadHash::StreamingSigned ||
        payload->kind == PayloadHash::StreamingSignedTrailer) {
        who.chunk.key = signing_key;
        who.chunk.scope = scope->text;
        who.chunk.amz_date = amz_date;
        who.chunk.seed_signature = components->signature;
        who.chunk.canonical_request = std::move(canonical);
    }
    return who;
}

} // namespace benchtop::auth
