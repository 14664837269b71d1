#include "handlers/aws/sigv4.hpp"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

namespace handlers::aws {

namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";

std::string_view view(const Sha256& digest) {
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::string scope_text(const SigningScope& scope) {
    return std::string(scope.amz_date.substr(0, 8)) + '/' + std::string(scope.region) + "/" +
           std::string(scope.service) + "/aws4_request";
}

// Trimmed, inner runs of spaces collapsed.
std::string canonical_value(std::string_view value) {
    std::string out;
    for (const char c : value) {
        const bool blank = c == ' ' || c == '\t';
        if (!blank) {
            out += c;
        } else if (!out.empty() && out.back() != ' ') {
            out += ' ';
        }
    }
    if (!out.empty() && out.back() == ' ') {
        out.pop_back();
    }
    return out;
}

// Lower-case names in order; a repeated header's values joined by commas.
std::map<std::string, std::string> canonical_headers(const HttpHeaders& headers) {
    std::map<std::string, std::string> out;
    for (const auto& [name, value] : headers) {
        std::string lower = name;
        for (char& c : lower) {
            c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        }
        const auto [at, is_new] = out.try_emplace(std::move(lower));
        at->second += (is_new ? "" : ",") + canonical_value(value);
    }
    return out;
}

} // namespace

std::string canonical_query(std::string_view raw_query) {
    std::vector<std::pair<std::string, std::string>> parameters;
    while (!raw_query.empty()) {
        const auto end = std::min(raw_query.find('&'), raw_query.size());
        const std::string_view item = raw_query.substr(0, end);
        raw_query.remove_prefix(std::min(end + 1, raw_query.size()));
        if (item.empty()) {
            continue;
        }
        const auto equals = std::min(item.find('='), item.size());
        const auto value = item.substr(std::min(equals + 1, item.size()));
        parameters.emplace_back(
            uri_encode(unquote_plus(item.substr(0, equals))), uri_encode(unquote_plus(value))
        );
    }
    std::sort(parameters.begin(), parameters.end());
    std::string out;
    for (const auto& [name, value] : parameters) {
        out += (out.empty() ? "" : "&") + name + '=' + value;
    }
    return out;
}

std::string signed_header_names(const HttpHeaders& headers) {
    std::string out;
    for (const auto& [name, value] : canonical_headers(headers)) {
        out += (out.empty() ? "" : ";") + name;
    }
    return out;
}

std::string canonical_request(const SigningInput& input) {
    const std::string path = input.encode_path_again
                                 ? uri_encode(input.path, Slash::Keep)
                                 : uri_encode(unquote_plus(input.path), Slash::Keep);
    std::string out =
        std::string(input.method) + '\n' + path + '\n' + canonical_query(input.query) + '\n';
    for (const auto& [name, value] : canonical_headers(input.headers)) {
        out += name + ':' + value + '\n';
    }
    return out + '\n' + signed_header_names(input.headers) + '\n' + std::string(input.payload_hash);
}

std::string string_to_sign(std::string_view canonical, const SigningScope& scope) {
    return std::string(algorithm) + '\n' + std::string(scope.amz_date) + '\n' + scope_text(scope) +
           '\n' + to_hex(sha256(canonical));
}

Sha256 signing_key(const Credentials& credentials, const SigningScope& scope) {
    Sha256 key = hmac_sha256("AWS4" + credentials.secret_access_key, scope.amz_date.substr(0, 8));
    for (const std::string_view part :
         {scope.region, scope.service, std::string_view("aws4_request")}) {
        key = hmac_sha256(view(key), part);
    }
    return key;
}

std::string
signature(const SigningInput& input, const SigningScope& scope, const Credentials& credentials) {
    const Sha256 key = signing_key(credentials, scope);
    return to_hex(hmac_sha256(view(key), string_to_sign(canonical_request(input), scope)));
}

std::string authorization(
    const SigningInput& input, const SigningScope& scope, const Credentials& credentials
) {
    return std::string(algorithm) + " Credential=" + credentials.access_key_id + '/' +
           scope_text(scope) + ", SignedHeaders=" + signed_header_names(input.headers) +
           ", Signature=" + signature(input, scope, credentials);
}

std::string presigned_query(
    std::string_view method,
    std::string_view path,
    const HttpHeaders& headers,
    std::int64_t expires_s,
    const SigningScope& scope,
    const Credentials& credentials
) {
    std::string query = "X-Amz-Algorithm=" + std::string(algorithm) + "&X-Amz-Credential=" +
                        uri_encode(credentials.access_key_id + '/' + scope_text(scope)) +
                        "&X-Amz-Date=" + std::string(scope.amz_date) +
                        "&X-Amz-Expires=" + std::to_string(expires_s) +
                        "&X-Amz-SignedHeaders=" + uri_encode(signed_header_names(headers));
    if (!credentials.session_token.empty()) {
        query += "&X-Amz-Security-Token=" + uri_encode(credentials.session_token);
    }
    const SigningInput input{method, path, query, headers, unsigned_payload};
    return query + "&X-Amz-Signature=" + signature(input, scope, credentials);
}

} // namespace handlers::aws
