// Signatures as values that cannot be compared by accident: the type has no operator==, and the
// only comparison there is takes the same time wherever the first difference lies.
#pragma once

#include "emulator/core/digest.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace benchtop::auth {

class Signature {
public:
    // Lower-case hex (SigV4) or base64 (SigV2).
    explicit Signature(std::string text)
        : text_(std::move(text)) {}

    // The only comparison; `provided` is the client's text.
    bool matches(std::string_view provided) const { return equal_constant_time(text_, provided); }

    // For chaining chunk signatures.
    const std::string& text() const { return text_; }

    friend bool operator==(const Signature&, const Signature&) = delete;

private:
    std::string text_;
};

using SigningKey = Sha256Digest;

// The HMAC chain "AWS4" + secret, day (yyyyMMdd), region, service, "aws4_request".
SigningKey derive_signing_key(
    std::string_view secret, std::string_view day, std::string_view region, std::string_view service
);

// hex(HMAC-SHA256(key, string to sign))
Signature sign_v4(const SigningKey& key, std::string_view string_to_sign);
// base64(HMAC-SHA1(secret, string to sign))
Signature sign_v2(std::string_view secret, std::string_view string_to_sign);

} // namespace benchtop::auth
