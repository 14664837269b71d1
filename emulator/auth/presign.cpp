#include "emulator/auth/presign.hpp"

#include "emulator/auth/canonical.hpp"
#include "emulator/auth/signature.hpp"
#include "emulator/core/encoding.hpp"

namespace benchtop::auth {

std::string presigned_query(const PresignInput& input) {
    const std::string date = to_amz_date(input.now);
    const std::string day = date.substr(0, 8);
    const std::string scope = day + "/" + std::string(input.region) + "/s3/aws4_request";
    std::string query;
    const auto add = [&query](std::string_view name, std::string_view value) {
        query.append(query.empty() ? "" : "&").append(name).append("=");
        query += percent_encode(value, SlashRule::Encode);
    };
    if (!input.version_id.empty()) {
        add("versionId", input.version_id);
    }
    add("X-Amz-Security-Token", input.key.session_token);
    add("X-Amz-Algorithm", "AWS4-HMAC-SHA256");
    add("X-Amz-Date", date);
    add("X-Amz-SignedHeaders", "host");
    add("X-Amz-Expires", std::to_string(input.expires.count()));
    add("X-Amz-Credential", input.key.access_key_id + "/" + scope);
    Headers headers;
    headers.add("Host", std::string(input.host));
    const CanonicalQuery canonical_query(query);
    const std::string canonical = canonical_request(
        {.method = "GET",
         .path = input.path,
         .path_rule = PathRule::S3,
         .query = canonical_query,
         .query_left_out = "X-Amz-Signature",
         .headers = headers,
         .signed_headers = "host",
         .payload_hash = "UNSIGNED-PAYLOAD"}
    );
    const SigningKey key = derive_signing_key(input.key.secret, day, input.region, "s3");
    add("X-Amz-Signature", sign_v4(key, string_to_sign(date, scope, canonical)).text());
    return query;
}

} // namespace benchtop::auth
