#include "emulator/explain/message.hpp"

#include "emulator/auth/canonical.hpp"
#include "emulator/auth/scope.hpp"
#include "emulator/core/encoding.hpp"
#include "emulator/explain/texts.hpp"

#include <algorithm>
#include <array>

namespace benchtop::explain {
namespace {

constexpr std::string_view kEmptySha256 =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr std::string_view kUnsigned = "UNSIGNED-PAYLOAD";
constexpr std::size_t kSigningKeysMax = 4096;

// A part "Name=value" of the Authorization header.
std::string component(std::string_view authorization, std::string_view name) {
    for (const std::string& part : split(authorization, ',')) {
        const std::string_view trimmed = trim(part);
        if (trimmed.size() > name.size() && trimmed.starts_with(name) &&
            trimmed[name.size()] == '=') {
            return std::string(trimmed.substr(name.size() + 1));
        }
    }
    return {};
}

Message common(const RequestHead& head, const auth::VerifyContext& context, Scheme scheme) {
    Message message;
    message.scheme = scheme;
    message.of_s3 = context.family == auth::ErrorFamily::S3;
    message.method = head.method;
    message.path = head.path();
    message.query = head.query();
    message.headers = head.headers;
    message.bucket = context.bucket_for_sigv2;
    return message;
}

bool read_scope(Message& message, std::string_view credential) {
    const auto scope = auth::parse_credential(credential);
    if (!scope) {
        return false;
    }
    message.access_key_id = scope->access_key_id;
    message.day = scope->date;
    message.region = scope->region;
    message.service = scope->service;
    return true;
}

std::string payload_of(const Message& message, const auth::VerifyContext& context) {
    if (!message.of_s3) {
        return std::string(context.body_sha256.value_or(kEmptySha256));
    }
    const auto header = message.headers.find("x-amz-content-sha256");
    if (message.scheme == Scheme::HeaderV4) {
        return std::string(trim(header.value_or(std::string_view{})));
    }
    if (header && message.is_signed("x-amz-content-sha256")) {
        return std::string(trim(*header));
    }
    return auth::CanonicalQuery(message.query)
        .value_any_case("x-amz-content-sha256")
        .value_or(std::string(kUnsigned));
}

std::optional<Received> read_header_v4(
    const RequestHead& head, const auth::VerifyContext& context, std::string_view authorization
) {
    Received received{common(head, context, Scheme::HeaderV4), {}};
    Message& message = received.message;
    const std::string_view rest =
        authorization.substr(std::min(authorization.size(), authorization.find(' ') + 1));
    received.provided = component(rest, "Signature");
    message.signed_headers = component(rest, "SignedHeaders");
    const auto amz_date = head.headers.find("x-amz-date");
    const std::string_view date = trim(amz_date ? *amz_date : head.headers.get("date"));
    auto instant = parse_amz_date(date);
    if (!instant) {
        instant = parse_http_date(date);
    }
    if (!instant || received.provided.empty() || message.signed_headers.empty() ||
        !read_scope(message, component(rest, "Credential"))) {
        return std::nullopt;
    }
    message.date = to_amz_date(*instant);
    message.payload_hash = payload_of(message, context);
    return received;
}

std::optional<Received> read_query_v4(const RequestHead& head, const auth::VerifyContext& context) {
    Received received{common(head, context, Scheme::QueryV4), {}};
    Message& message = received.message;
    const auth::CanonicalQuery query(head.query());
    received.provided = query.value("X-Amz-Signature").value_or("");
    message.signed_headers = query.value("X-Amz-SignedHeaders").value_or("");
    message.date = query.value("X-Amz-Date").value_or("");
    if (received.provided.empty() || message.signed_headers.empty() ||
        !parse_amz_date(message.date) ||
        !read_scope(message, query.value("X-Amz-Credential").value_or(""))) {
        return std::nullopt;
    }
    message.payload_hash = payload_of(message, context);
    return received;
}

std::optional<Received> read_header_v2(
    const RequestHead& head, const auth::VerifyContext& context, std::string_view authorization
) {
    Received received{common(head, context, Scheme::HeaderV2), {}};
    const std::string_view rest = authorization.substr(4);
    const auto colon = rest.rfind(':');
    if (colon == std::string_view::npos) {
        return std::nullopt;
    }
    received.message.access_key_id = rest.substr(0, colon);
    received.provided = rest.substr(colon + 1);
    received.message.date = head.headers.has("x-amz-date")
                                ? std::string{}
                                : std::string(trim(head.headers.get("date")));
    return received;
}

std::optional<Received> read_query_v2(const RequestHead& head, const auth::VerifyContext& context) {
    Received received{common(head, context, Scheme::QueryV2), {}};
    const auth::CanonicalQuery query(head.query());
    received.message.access_key_id = query.value("AWSAccessKeyId").value_or("");
    received.provided = query.value("Signature").value_or("");
    received.message.date = query.value("Expires").value_or("");
    if (received.message.access_key_id.empty() || received.provided.empty() ||
        received.message.date.empty()) {
        return std::nullopt;
    }
    return received;
}

RequestHead head_of(const Message& message) {
    RequestHead head;
    head.method = message.method;
    head.target = message.query.empty() ? message.path : text({message.path, "?", message.query});
    head.headers = message.headers;
    return head;
}

// In S3's presigned requests a header that is also a parameter must say the same.
void follow_headers(auth::CanonicalQuery& query, const Headers& headers) {
    constexpr std::array<std::string_view, 8> kOwn{
        "x-amz-algorithm",
        "x-amz-credential",
        "x-amz-date",
        "x-amz-expires",
        "x-amz-signedheaders",
        "x-amz-signature",
        "x-amz-security-token",
        "x-amz-content-sha256"};
    for (const auto& [name, value] : headers.entries()) {
        const std::string lower = to_lower(name);
        if (lower.starts_with("x-amz-") &&
            std::find(kOwn.begin(), kOwn.end(), lower) == kOwn.end()) {
            query.replace_any_case(name, headers.joined(name));
        }
    }
}

SignedText text_v4(const Message& message) {
    auth::CanonicalQuery query(message.query);
    if (message.of_s3 && message.scheme == Scheme::QueryV4) {
        follow_headers(query, message.headers);
    }
    SignedText out;
    out.canonical = auth::canonical_request(
        {.method = message.method,
         .path = message.path,
         .path_rule = message.of_s3 ? auth::PathRule::S3 : auth::PathRule::Generic,
         .query = query,
         .query_left_out = message.scheme == Scheme::QueryV4 ? "X-Amz-Signature" : "",
         .headers = message.headers,
         .signed_headers = message.signed_headers,
         .payload_hash = message.payload_hash}
    );
    if (message.path_line || message.query_line) {
        const auto path = out.canonical.find('\n') + 1;
        const auto line = out.canonical.find('\n', path) + 1;
        const auto rest = out.canonical.find('\n', line);
        std::string changed = out.canonical.substr(0, path);
        changed += message.path_line ? text({*message.path_line, "\n"})
                                     : out.canonical.substr(path, line - path);
        changed +=
            message.query_line ? *message.query_line : out.canonical.substr(line, rest - line);
        changed += out.canonical.substr(rest);
        out.canonical = std::move(changed);
    }
    const std::string scope =
        text({message.day, "/", message.region, "/", message.service, "/aws4_request"});
    out.to_sign = auth::string_to_sign(message.date, scope, out.canonical);
    return out;
}

SignedText text_v2(const Message& message) {
    const RequestHead head = head_of(message);
    return {
        {},
        auth::string_to_sign_v2(
            {.head = head,
             .bucket = message.bucket,
             .date_line = message.date,
             .query_form = message.scheme == Scheme::QueryV2,
             .slash = message.bucket_slash ? auth::BucketSlash::Added : auth::BucketSlash::AsSent}
        )};
}

bool is_named(std::string_view part, std::string_view name) {
    return part.substr(0, part.find('=')) == name;
}

} // namespace

bool Message::is_signed(std::string_view header) const {
    const auto names = split(signed_headers, ';');
    return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
        return iequals(name, header);
    });
}

std::optional<Received> read_message(const RequestHead& head, const auth::VerifyContext& context) {
    const auth::CanonicalQuery query(head.query());
    if (const auto header = head.headers.find("authorization")) {
        const std::string_view authorization = trim(*header);
        if (authorization.starts_with("AWS4-HMAC-SHA256")) {
            return read_header_v4(head, context, authorization);
        }
        return authorization.starts_with("AWS ") ? read_header_v2(head, context, authorization)
                                                 : std::nullopt;
    }
    if (query.has("X-Amz-Algorithm") || query.has("X-Amz-Signature")) {
        return read_query_v4(head, context);
    }
    return query.has("Signature") || query.has("AWSAccessKeyId") ? read_query_v2(head, context)
                                                                 : std::nullopt;
}

SignedText signed_text(const Message& message) {
    return message.is_v4() ? text_v4(message) : text_v2(message);
}

std::string Signer::sign(const Message& message, const SignedText& text_signed) {
    if (!message.is_v4()) {
        return auth::sign_v2(message.secret, text_signed.to_sign).text();
    }
    const std::string& day = message.key_day ? *message.key_day : message.day;
    const std::string& region = message.key_region ? *message.key_region : message.region;
    const std::string& service = message.key_service ? *message.key_service : message.service;
    std::string name = text({day, "\n", region, "\n", service, "\n", message.secret});
    auto found = keys_.find(name);
    if (found == keys_.end()) {
        if (keys_.size() >= kSigningKeysMax) {
            keys_.clear();
        }
        found =
            keys_
                .emplace(
                    std::move(name), auth::derive_signing_key(message.secret, day, region, service)
                )
                .first;
    }
    return auth::sign_v4(found->second, text_signed.to_sign).text();
}

std::optional<std::string> raw_parameter(std::string_view query, std::string_view name) {
    for (const std::string& part : split(query, '&')) {
        if (is_named(part, name)) {
            return part.size() > name.size() ? part.substr(name.size() + 1) : std::string{};
        }
    }
    return std::nullopt;
}

void set_parameter(std::string& query, std::string_view name, std::string_view raw_value) {
    auto parts = split(query, '&');
    for (std::string& part : parts) {
        if (is_named(part, name)) {
            part = text({name, "=", raw_value});
            break;
        }
    }
    query = joined(parts, "&");
}

void remove_parameter(std::string& query, std::string_view name) {
    auto parts = split(query, '&');
    std::erase_if(parts, [&](const std::string& part) { return is_named(part, name); });
    query = joined(parts, "&");
}

void add_parameter(std::string& query, std::string_view name_and_value) {
    query += query.empty() ? "" : "&";
    query += name_and_value;
}

} // namespace benchtop::explain
