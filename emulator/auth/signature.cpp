#include "emulator/auth/signature.hpp"

namespace benchtop::auth {

SigningKey derive_signing_key(
    std::string_view secret, std::string_view day, std::string_view region, std::string_view service
) {
    std::string first = "AWS4";
    first += secret;
    const SigningKey by_day = hmac_sha256(as_bytes(first), day);
    const SigningKey by_region = hmac_sha256(by_day, region);
    const SigningKey by_service = hmac_sha256(by_region, service);
    return hmac_sha256(by_service, "aws4_request");
}

Signature sign_v4(const SigningKey& key, std::string_view string_to_sign) {
    return Signature(to_hex(hmac_sha256(key, string_to_sign)));
}

Signature sign_v2(std::string_view secret, std::string_view string_to_sign) {
    return Signature(to_base64(hmac_sha1(as_bytes(secret), string_to_sign)));
}

} // namespace benchtop::auth
