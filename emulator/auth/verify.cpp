#include "emulator/auth/verify.hpp"

#include "emulator/auth/mechanisms.hpp"
#include "emulator/auth/payload.hpp"
#include "emulator/core/encoding.hpp"

#include <algorithm>
#include <array>

namespace benchtop::auth {
namespace {

Result<Authenticated> anonymous(const Call& call) {
    const auto payload = payload_of_anonymous_request(call.head.headers, call.context.accepts_body);
    if (!payload) {
        return payload.error();
    }
    Authenticated who;
    who.payload = payload->kind;
    if (payload->kind == PayloadHash::Literal) {
        who.payload_literal = payload->value;
    }
    return who;
}

Result<Authenticated> by_header(const Call& call, std::string_view authorization) {
    const auto space = authorization.find(' ');
    if (space == std::string_view::npos) {
        return errors::invalid_argument(
            "Authorization header is invalid -- one and only one ' ' (space) required",
            "Authorization",
            authorization
        );
    }
    const std::string_view scheme = authorization.substr(0, space);
    if (scheme == "AWS4-HMAC-SHA256") {
        return verify_sigv4_header(call, authorization);
    }
    if (scheme == "AWS") {
        return verify_sigv2_header(call, authorization);
    }
    if (scheme == "AWS4-ECDSA-P256-SHA256") {
        return errors::sigv4a_not_implemented("Authorization");
    }
    return errors::invalid_argument(
        "Unsupported Authorization Type", "Authorization", authorization
    );
}

} // namespace

Result<Authenticated> verify(
    const RequestHead& head, const VerifyContext& context, KeyLookup& keys, SigningKeyCache& cache
) {
    const Call call{head, context, keys, cache};
    CanonicalQuery query(head.query());
    if (context.family != ErrorFamily::S3) {
        return verify_generic(call, query);
    }
    const auto authorization = head.headers.find("authorization");
    const bool presigned_v4 = query.has("X-Amz-Algorithm");
    const bool query_v2 = query.has("Signature") || query.has("AWSAccessKeyId");
    if ((authorization && (presigned_v4 || query.has("Signature"))) ||
        (presigned_v4 && query.has("Signature"))) {
        return errors::only_one_mechanism(authorization.value_or(std::string_view{}));
    }
    if (authorization) {
        return by_header(call, trim(*authorization));
    }
    if (presigned_v4) {
        return verify_presigned(call, query);
    }
    if (query_v2) {
        return verify_sigv2_query(call, query);
    }
    return anonymous(call);
}

bool is_expired(const KeyRecord& key, const VerifyContext& context) {
    return key.issued_at && key.lifetime &&
           context.axis.age(*key.issued_at, context.now) >= *key.lifetime;
}

Result<std::shared_ptr<const KeyRecord>>
find_key(const Call& call, std::string_view access_key_id, std::optional<std::string_view> token) {
    auto key = call.keys.find(access_key_id);
    // A temporary key without its token is answered as if it did not exist.
    if (!key || (!token && !key->session_token.empty())) {
        return errors::invalid_access_key_id(access_key_id);
    }
    if (token && !equal_constant_time(key->session_token, *token)) {
        return errors::invalid_token(*token);
    }
    if (is_expired(*key, call.context)) {
        return errors::expired_token(token.value_or(std::string_view{}));
    }
    return key;
}

Result<void>
check_scope(const CredentialScope& scope, const VerifyContext& context, errors::Form form) {
    const auto quoted = [](std::string_view before, std::string_view value, std::string_view after
                        ) {
        std::string flaw(before);
        flaw.append(" \"").append(value).append("\". ").append(after);
        return flaw;
    };
    if (scope.service != context.service) {
        std::string owner = "This endpoint belongs to \"";
        owner.append(context.service).append("\".");
        return errors::credential_flaw(form, quoted("incorrect service", scope.service, owner));
    }
    if (scope.terminal != "aws4_request") {
        return errors::credential_flaw(
            form,
            quoted("incorrect terminal", scope.terminal, "This endpoint uses \"aws4_request\".")
        );
    }
    if (!is_scope_date(scope.date)) {
        return errors::credential_flaw(
            form,
            quoted(
                "incorrect date format",
                scope.date,
                "This date in the credential must be in the format \"yyyyMMdd\"."
            )
        );
    }
    if (context.expected_region) {
        if (scope.region != *context.expected_region) {
            return errors::wrong_region(form, scope.region, *context.expected_region);
        }
    } else if (!is_plausible_region(scope.region)) {
        return errors::wrong_region(form, scope.region, "us-east-1");
    }
    return {};
}

bool names_contain(const std::vector<std::string_view>& names, std::string_view name) {
    return std::any_of(names.begin(), names.end(), [&](std::string_view candidate) {
        return iequals(candidate, name);
    });
}

bool starts_with_amz(std::string_view header_name) {
    return header_name.size() > 6 && iequals(header_name.substr(0, 6), "x-amz-");
}

bool is_signature_parameter(std::string_view name) {
    static constexpr std::array<std::string_view, 8> kNames{
        "x-amz-algorithm",
        "x-amz-credential",
        "x-amz-date",
        "x-amz-expires",
        "x-amz-signedheaders",
        "x-amz-signature",
        "x-amz-security-token",
        "x-amz-content-sha256",
    };
    return std::any_of(kNames.begin(), kNames.end(), [&](std::string_view candidate) {
        return iequals(candidate, name);
    });
}

std::string unsigned_headers(
    const Headers& headers, std::string_view signed_headers, const CanonicalQuery* covering
) {
    const auto names = split_signed_headers(signed_headers);
    std::vector<std::string> missing;
    if (!names_contain(names, "host")) {
        missing.emplace_back("host");
    }
    for (const auto& [name, value] : headers.entries()) {
        if (!starts_with_amz(name) || iequals(name, "x-amz-content-sha256") ||
            names_contain(names, name)) {
            continue;
        }
        const bool covered =
            covering != nullptr && !is_signature_parameter(name) && covering->has_any_case(name);
        if (!covered) {
            missing.push_back(to_lower(name));
        }
    }
    std::sort(missing.begin(), missing.end());
    missing.erase(std::unique(missing.begin(), missing.end()), missing.end());
    std::string joined;
    for (const std::string& name : missing) {
        if (!joined.empty()) {
            joined += ", ";
        }
        joined += name;
    }
    return joined;
}

} // namespace benchtop::auth
