#include "emulator/auth/payload.hpp"

#include "emulator/auth/errors.hpp"
#include "emulator/core/encoding.hpp"

#include <algorithm>

namespace benchtop::auth {
namespace {

constexpr std::string_view kHeader = "x-amz-content-sha256";
constexpr std::string_view kUnsigned = "UNSIGNED-PAYLOAD";
constexpr std::string_view kUnsignedTrailer = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
constexpr std::string_view kSigned = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
constexpr std::string_view kSignedTrailer = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
constexpr std::string_view kEcdsa = "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD";
constexpr std::string_view kEcdsaTrailer = "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER";

constexpr std::string_view kInvalidValue = "The value of x-amz-content-sha256 header is invalid.";

bool is_sha256_hex(std::string_view value) {
    return value.size() == 64 && std::all_of(value.begin(), value.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
           });
}

std::optional<PayloadHash> streaming_kind(std::string_view value) {
    if (value == kUnsignedTrailer) {
        return PayloadHash::StreamingUnsignedTrailer;
    }
    if (value == kSigned) {
        return PayloadHash::StreamingSigned;
    }
    if (value == kSignedTrailer) {
        return PayloadHash::StreamingSignedTrailer;
    }
    return std::nullopt;
}

bool is_ecdsa(std::string_view value) {
    return value == kEcdsa || value == kEcdsaTrailer;
}

} // namespace

Result<Payload> payload_of_signed_request(const Headers& headers, bool accepts_body) {
    const auto header = headers.find(kHeader);
    if (!header) {
        return errors::invalid_request(
            "Missing required header for this request: x-amz-content-sha256"
        );
    }
    const std::string_view value = trim(*header);
    if (is_sha256_hex(value)) {
        return Payload{PayloadHash::Literal, value};
    }
    if (value == kUnsigned) {
        return Payload{PayloadHash::Unsigned, value};
    }
    const auto streaming = streaming_kind(value);
    if (!streaming && !is_ecdsa(value)) {
        return errors::invalid_argument(
            "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, "
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, "
            "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD, "
            "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER or a valid sha256 value.",
            kHeader,
            value
        );
    }
    // An ECDSA body cannot belong to an HMAC-signed head.
    if (!streaming || !accepts_body) {
        return errors::invalid_request(kInvalidValue);
    }
    return Payload{*streaming, value};
}

Result<Payload> payload_of_anonymous_request(const Headers& headers, bool accepts_body) {
    const auto header = headers.find(kHeader);
    if (!header) {
        return Payload{};
    }
    const std::string_view value = trim(*header);
    if (is_ecdsa(value) || value == kSigned || value == kSignedTrailer) {
        return errors::invalid_request(
            "Anonymous requests don't support this x-amz-content-sha256 value. Please use "
            "UNSIGNED-PAYLOAD or STREAMING-UNSIGNED-PAYLOAD-TRAILER."
        );
    }
    if (value == kUnsignedTrailer) {
        if (!accepts_body) {
            return errors::invalid_request(kInvalidValue);
        }
        return Payload{PayloadHash::StreamingUnsignedTrailer, value};
    }
    return Payload{value == kUnsigned ? PayloadHash::Unsigned : PayloadHash::Literal, value};
}

Payload payload_of_query_request(std::optional<std::string_view> value) {
    if (!value) {
        return {};
    }
    const std::string_view text = trim(*value);
    if (text == kUnsigned) {
        return {PayloadHash::Unsigned, text};
    }
    if (streaming_kind(text) || is_ecdsa(text)) {
        return {PayloadHash::UndecodedStreaming, text};
    }
    return {PayloadHash::Literal, text};
}

} // namespace benchtop::auth
