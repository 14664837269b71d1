// SigV2, in the Authorization header and in the query string.
// Source: "Signing and authenticating REST requests", Amazon S3.
#include "emulator/auth/lifetime.hpp"
#include "emulator/auth/mechanisms.hpp"
#include "emulator/auth/payload.hpp"
#include "emulator/core/encoding.hpp"

#include <algorithm>
#include <array>

namespace benchtop::auth {
namespace {

constexpr std::array<std::string_view, 37> kSignedParameters{
    "accelerate",
    "acl",
    "analytics",
    "cors",
    "defaultObjectAcl",
    "delete",
    "inventory",
    "lifecycle",
    "location",
    "logging",
    "metrics",
    "notification",
    "object-lock",
    "partNumber",
    "policy",
    "replication",
    "requestPayment",
    "response-cache-control",
    "response-content-disposition",
    "response-content-encoding",
    "response-content-language",
    "response-content-type",
    "response-expires",
    "restore",
    "select",
    "select-type",
    "storageClass",
    "tagging",
    "torrent",
    "uploadId",
    "uploads",
    "versionId",
    "versioning",
    "versions",
    "website",
    "encryption",
    "ownershipControls",
};

// "/bucket", addressed by path: clients sign it with or without a slash behind it.
bool is_bucket_path(const Call& call) {
    const std::string_view path = call.head.path();
    return call.context.bucket_for_sigv2.empty() && path.size() > 1 &&
           path.find('/', 1) == std::string_view::npos;
}

void append_resource(std::string& out, const StringToSignV2& input) {
    out += input.bucket;
    out += input.head.path();
    if (input.slash == BucketSlash::Added) {
        out += '/';
    }
    const Query query = Query::parse(input.head.query());
    std::vector<const QueryParameter*> chosen;
    for (const QueryParameter& parameter : query.parameters()) {
        if (std::find(kSignedParameters.begin(), kSignedParameters.end(), parameter.name) !=
            kSignedParameters.end()) {
            chosen.push_back(&parameter);
        }
    }
    std::stable_sort(chosen.begin(), chosen.end(), [](const auto* a, const auto* b) {
        return a->name < b->name;
    });
    char separator = '?';
    for (const QueryParameter* parameter : chosen) {
        out += separator;
        separator = '&';
        out += parameter->name;
        if (parameter->has_equals) {
            out += '=';
            out += parameter->value;
        }
    }
}

// x-amz-* headers, and in the query form x-amz-* parameters that no header repeats.
std::vector<std::pair<std::string, std::string>>
amz_values(const RequestHead& head, bool query_form) {
    std::vector<std::pair<std::string, std::string>> values;
    const auto known = [&](std::string_view name) {
        return std::any_of(values.begin(), values.end(), [&](const auto& entry) {
            return entry.first == name;
        });
    };
    for (const auto& [name, value] : head.headers.entries()) {
        if (starts_with_amz(name) && !known(to_lower(name))) {
            values.emplace_back(to_lower(name), trim(head.headers.joined(name)));
        }
    }
    if (query_form) {
        const Query query = Query::parse(head.query());
        for (const QueryParameter& parameter : query.parameters()) {
            if (starts_with_amz(parameter.name) && !known(to_lower(parameter.name))) {
                values.emplace_back(to_lower(parameter.name), parameter.value);
            }
        }
    }
    std::sort(values.begin(), values.end());
    return values;
}

struct SignatureV2 {
    std::string_view access_key_id;
    std::string_view provided;
    std::string_view date_line;
    bool query_form;
};

Result<void> check_signature(const Call& call, const KeyRecord& key, const SignatureV2& s) {
    StringToSignV2 input{call.head, call.context.bucket_for_sigv2, s.date_line, s.query_form};
    const std::string to_sign = string_to_sign_v2(input);
    if (sign_v2(key.secret, to_sign).matches(s.provided)) {
        return {};
    }
    if (is_bucket_path(call)) {
        input.slash = BucketSlash::Added;
        if (sign_v2(key.secret, string_to_sign_v2(input)).matches(s.provided)) {
            return {};
        }
    }
    return errors::signature_does_not_match({s.access_key_id, to_sign, s.provided, {}});
}

std::string_view region_of(const VerifyContext& context) {
    return context.expected_region.value_or("us-east-1");
}

void describe_payload(Authenticated& who, const Payload& payload) {
    who.payload = payload.kind;
    if (payload.kind == PayloadHash::Literal || payload.kind == PayloadHash::UndecodedStreaming) {
        who.payload_literal = payload.value;
    }
}

} // namespace

std::string string_to_sign_v2(const StringToSignV2& input) {
    const Headers& headers = input.head.headers;
    std::string out;
    out.reserve(512);
    out += input.head.method;
    out += '\n';
    out += trim(headers.get("content-md5"));
    out += '\n';
    out += trim(headers.get("content-type"));
    out += '\n';
    out += input.date_line;
    out += '\n';
    for (const auto& [name, value] : amz_values(input.head, input.query_form)) {
        out += name;
        out += ':';
        out += value;
        out += '\n';
    }
    append_resource(out, input);
    return out;
}

// A SigV2 URL says when it ends and not when it was made, but an age needs both. Without time
// travel the choice makes no difference.
seconds customary_lifetime(UtcInstant expires, UtcInstant now) {
    for (const seconds lifetime :
         {seconds{300}, seconds{900}, seconds{3600}, seconds{86400}, seconds{604800}}) {
        if (expires - lifetime <= now) {
            return lifetime;
        }
    }
    return std::chrono::duration_cast<seconds>(expires - now) + seconds{1};
}

Result<Authenticated> verify_sigv2_header(const Call& call, std::string_view authorization) {
    const VerifyContext& context = call.context;
    const Headers& headers = call.head.headers;
    if (!accepts_sigv2(region_of(context))) {
        return errors::mechanism_not_supported(region_of(context));
    }
    const std::string_view rest = authorization.substr(authorization.find(' ') + 1);
    if (rest.find(' ') != std::string_view::npos) {
        return errors::invalid_argument(
            "Authorization header is invalid -- one and only one ' ' (space) required",
            "Authorization",
            authorization
        );
    }
    const auto colon = rest.rfind(':');
    if (colon == std::string_view::npos) {
        return errors::invalid_argument(
            "AWS authorization header is invalid.  Expected AwsAccessKeyId:signature",
            "Authorization",
            authorization
        );
    }
    const std::string_view access_key_id = rest.substr(0, colon);
    const std::string_view provided = rest.substr(colon + 1);
    const auto amz_date = headers.find("x-amz-date");
    const std::string_view date_text = trim(amz_date ? *amz_date : headers.get("date"));
    auto date = parse_http_date(date_text);
    if (!date) {
        date = parse_amz_date(date_text);
    }
    if (!date || is_before_epoch(*date)) {
        return errors::missing_date();
    }
    const microseconds skew = context.now - *date;
    if (skew > seconds{900} || skew < -seconds{900}) {
        return errors::time_too_skewed(date_text, context.now);
    }
    auto key = find_key(call, access_key_id, headers.find("x-amz-security-token"));
    if (!key) {
        return key.error();
    }
    const SignatureV2 signature{
        access_key_id, provided, amz_date ? std::string_view{} : date_text, false};
    if (auto ok = check_signature(call, **key, signature); !ok) {
        return ok.error();
    }
    Authenticated who;
    who.type = AuthType::RestHeader;
    who.key = std::move(*key);
    who.access_key_id = access_key_id;
    who.region = region_of(context);
    who.version = 2;
    who.signed_at = *date;
    describe_payload(who, payload_of_query_request(headers.find("x-amz-content-sha256")));
    return who;
}

Result<Authenticated> verify_sigv2_query(const Call& call, const CanonicalQuery& query) {
    const VerifyContext& context = call.context;
    const Headers& headers = call.head.headers;
    if (!accepts_sigv2(region_of(context))) {
        return errors::mechanism_not_supported(region_of(context));
    }
    const auto access_key_id = query.value("AWSAccessKeyId");
    const auto provided = query.value("Signature");
    const auto expires_text = query.value("Expires");
    if (!access_key_id || !provided || !expires_text) {
        return errors::access_denied("Query-string authentication requires the Signature, Expires "
                                     "and AWSAccessKeyId parameters");
    }
    // Microseconds since 1970 must not overflow: the year 9999 is far enough.
    constexpr std::int64_t kLastSecond = 253402300799;
    const auto expires_number = parse_i64(*expires_text);
    if (!expires_number || *expires_number < 0 || *expires_number > kLastSecond) {
        return errors::access_denied(
            "Invalid date (should be seconds since epoch): " + *expires_text
        );
    }
    const UtcInstant expires = from_epoch_seconds(*expires_number);
    const seconds lifetime = customary_lifetime(expires, context.now);
    const UtcInstant made = expires - lifetime;
    const microseconds age = context.axis.age(made, context.now);
    if (age > lifetime) {
        return errors::request_expired({}, expires, made + age);
    }
    const auto query_token = query.value_any_case("x-amz-security-token");
    auto key = find_key(
        call,
        *access_key_id,
        query_token ? std::optional<std::string_view>(*query_token)
                    : headers.find("x-amz-security-token")
    );
    if (!key) {
        return key.error();
    }
    const SignatureV2 signature{*access_key_id, *provided, *expires_text, true};
    if (auto ok = check_signature(call, **key, signature); !ok) {
        return ok.error();
    }
    Authenticated who;
    who.type = AuthType::QueryString;
    who.key = std::move(*key);
    who.access_key_id = *access_key_id;
    who.region = region_of(context);
    who.version = 2;
    const auto hash_parameter = query.value_any_case("x-amz-content-sha256");
    const auto hash_header = headers.find("x-amz-content-sha256");
    describe_payload(
        who,
        payload_of_query_request(
            hash_header ? hash_header : std::optional<std::string_view>(hash_parameter)
        )
    );
    return who;
}

} // namespace benchtop::auth
