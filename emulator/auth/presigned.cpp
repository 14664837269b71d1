// SigV4 in the query string (presigned URLs), S3's flavour and S3's order of checks.
#include "emulator/auth/mechanisms.hpp"
#include "emulator/auth/payload.hpp"
#include "emulator/core/encoding.hpp"

#include <algorithm>
#include <array>

namespace benchtop::auth {
namespace {

constexpr std::int64_t kLongestExpires = 604800;
constexpr seconds kAheadMax{900};

struct Parameters {
    std::string credential;
    std::string signature;
    std::string date_text;
    std::string signed_headers;
    std::string expires_text;
    UtcInstant date{};
    seconds expires{};
    CredentialScope scope; // views into `credential`
};

Result<void> read_expires(Parameters& p) {
    const auto number = parse_i64(p.expires_text);
    if (!number) {
        return errors::query_parameters("X-Amz-Expires should be a number");
    }
    if (*number < 0) {
        return errors::query_parameters("X-Amz-Expires must be non-negative");
    }
    if (*number > kLongestExpires) {
        return errors::query_parameters(
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires "
            "must be less than 604800 seconds"
        );
    }
    p.expires = seconds{*number};
    return {};
}

// Fills `p` in place, since its scope points into its own credential.
Result<void>
read_parameters(const CanonicalQuery& query, const VerifyContext& context, Parameters& p) {
    for (const std::string_view name :
         {"X-Amz-Credential",
          "X-Amz-Signature",
          "X-Amz-Date",
          "X-Amz-SignedHeaders",
          "X-Amz-Expires"}) {
        if (!query.has(name)) {
            return errors::query_parameters(
                "Query-string authentication version 4 requires the X-Amz-Algorithm, "
                "X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and "
                "X-Amz-Expires parameters."
            );
        }
    }
    const auto algorithm = query.find("X-Amz-Algorithm");
    if (algorithm == "AWS4-ECDSA-P256-SHA256") {
        return errors::sigv4a_not_implemented("X-Amz-Algorithm");
    }
    if (algorithm != "AWS4-HMAC-SHA256") {
        return errors::query_parameters(
            "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256\""
        );
    }
    p.credential = *query.value("X-Amz-Credential");
    p.signature = *query.value("X-Amz-Signature");
    p.date_text = *query.value("X-Amz-Date");
    p.signed_headers = *query.value("X-Amz-SignedHeaders");
    p.expires_text = *query.value("X-Amz-Expires");
    const auto scope = parse_credential(p.credential);
    if (!scope) {
        return errors::credential_flaw(
            errors::Form::Query,
            "the Credential is mal-formed; expecting "
            "\"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\"."
        );
    }
    p.scope = *scope;
    if (auto ok = check_scope(p.scope, context, errors::Form::Query); !ok) {
        return ok.error();
    }
    const auto date = parse_amz_date(p.date_text);
    if (!date) {
        return errors::query_parameters(
            "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\""
        );
    }
    p.date = *date;
    const std::string_view day = std::string_view(p.date_text).substr(0, 8);
    if (day != p.scope.date) {
        std::string message = "Invalid credential date \"";
        message.append(p.scope.date)
            .append("\". This date is not the same as X-Amz-Date: \"")
            .append(day)
            .append("\".");
        return errors::query_parameters(message);
    }
    return read_expires(p);
}

// Both instants of the answer are on the client's axis: what the client stamped, plus ages.
Result<void> check_time(const Parameters& p, const VerifyContext& context) {
    const microseconds age = context.axis.age(p.date, context.now);
    if (age < -kAheadMax) {
        return errors::request_not_yet_valid(p.date, p.date + p.expires, p.date + age);
    }
    if (age > p.expires) {
        return errors::request_expired(p.expires_text, p.date + p.expires, p.date + age);
    }
    return {};
}

} // namespace

Result<Authenticated> verify_presigned(const Call& call, CanonicalQuery& query) {
    const Headers& headers = call.head.headers;
    Parameters p;
    if (auto ok = read_parameters(query, call.context, p); !ok) {
        return ok.error();
    }
    if (auto ok = check_time(p, call.context); !ok) {
        return ok.error();
    }
    // A token's "%2B" decoded by a careless hand arrives as a space, which no token contains. It is
    // still known by it; what the hand broke is the signature.
    auto query_token = query.value("X-Amz-Security-Token");
    if (query_token) {
        std::ranges::replace(*query_token, ' ', '+');
    }
    const std::optional<std::string_view> token =
        query_token ? std::optional<std::string_view>(*query_token)
                    : headers.find("x-amz-security-token");
    auto key = find_key(call, p.scope.access_key_id, token);
    if (!key) {
        return key.error();
    }
    if (const auto names = unsigned_headers(headers, p.signed_headers, &query); !names.empty()) {
        return errors::headers_not_signed(names);
    }
    // A header that is also a signed parameter must say the same.
    for (const auto& [name, value] : headers.entries()) {
        if (starts_with_amz(name) && !is_signature_parameter(name)) {
            query.replace_any_case(name, headers.joined(name));
        }
    }
    const auto hash_header = headers.find("x-amz-content-sha256");
    const auto hash_parameter = query.value_any_case("x-amz-content-sha256");
    std::string_view payload_hash = "UNSIGNED-PAYLOAD";
    if (hash_header &&
        names_contain(split_signed_headers(p.signed_headers), "x-amz-content-sha256")) {
        payload_hash = trim(*hash_header);
    } else if (hash_parameter) {
        payload_hash = *hash_parameter;
    }
    const std::string canonical = canonical_request(
        {.method = call.head.method,
         .path = call.head.path(),
         .path_rule = PathRule::S3,
         .query = query,
         .query_left_out = "X-Amz-Signature",
         .headers = headers,
         .signed_headers = p.signed_headers,
         .payload_hash = payload_hash}
    );
    const std::string to_sign = string_to_sign(p.date_text, p.scope.text, canonical);
    const SigningKey signing_key =
        call.cache.get(**key, p.scope.date, p.scope.region, p.scope.service);
    if (!sign_v4(signing_key, to_sign).matches(p.signature)) {
        return errors::signature_does_not_match(
            {p.scope.access_key_id, to_sign, p.signature, canonical}
        );
    }
    Authenticated who;
    who.type = AuthType::QueryString;
    who.key = std::move(*key);
    who.access_key_id = p.scope.access_key_id;
    who.region = p.scope.region;
    who.version = 4;
    who.signed_at = p.date;
    const Payload payload = payload_of_query_request(
        hash_header ? hash_header : std::optional<std::string_view>(hash_parameter)
    );
    who.payload = payload.kind;
    if (payload.kind == PayloadHash::Literal || payload.kind == PayloadHash::UndecodedStreaming) {
        who.payload_literal = payload.value;
    }
    return who;
}

} // namespace benchtop::auth
