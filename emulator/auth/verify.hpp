// Who is calling: verification of a request's head in every form S3 and its neighbours accept
// (SigV4 in the Authorization header, SigV4 presigned, SigV2 in both forms), pure: the time is an
// argument, the bytes are those received. Errors are AWS's own, in AWS's order of checks.
// Source: "Authenticating Requests (AWS Signature Version 4)" and "Signing and authenticating REST
// requests" of the Amazon S3 API reference; recorded answers for what these leave open.
#pragma once

#include "emulator/auth/keys.hpp"
#include "emulator/core/http.hpp"
#include "emulator/core/result.hpp"
#include "emulator/core/time_axis.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace benchtop::auth {

// Whose texts a refusal speaks: REST-XML of S3; Query (STS, IAM); REST-JSON (Lambda, API Gateway);
// JSON 1.1 (Logs). S3 also chooses S3's canonicalisation and S3's order of checks.
enum class ErrorFamily { S3, Query, RestJson, Json11 };

struct VerifyContext {
    UtcInstant now; // real axis
    const TimeAxis& axis;
    std::string_view service = "s3"; // as it must stand in the credential scope
    // nullopt: any plausible region name is accepted.
    std::optional<std::string_view> expected_region{};
    // "/bucket" when the Host header named the bucket, since SigV2 signs it before the path; else
    // "".
    std::string_view bucket_for_sigv2{};
    // The operation is an object upload: x-amz-content-sha256: STREAMING-* is allowed.
    bool accepts_body = false;
    ErrorFamily family = ErrorFamily::S3;
    // Lower-case hex SHA-256 of the body, for every service but S3: their signature covers the
    // body itself, so the caller reads it (bounded) first. nullopt: there is no body.
    std::optional<std::string_view> body_sha256{};
};

enum class AuthType { Anonymous, RestHeader, QueryString, Form };

// What the signature says about the body.
enum class PayloadHash {
    None,     // nothing said (presigned, SigV2, anonymous)
    Unsigned, // UNSIGNED-PAYLOAD
    Literal,  // must equal the body's SHA-256 in hex (any case); see payload_literal
    StreamingUnsignedTrailer, // aws-chunked, optionally with a trailer
    StreamingSigned,          // aws-chunked, every chunk signed
    StreamingSignedTrailer,   // the same, with a signed trailer
    UndecodedStreaming, // STREAMING-* outside SigV4 header form: always an error, plan_chunked
};

// What chunk signatures are chained to; filled for the two signed streaming forms.
struct ChunkSigning {
    SigningKey key{};
    std::string scope;    // "20130524/us-east-1/s3/aws4_request"
    std::string amz_date; // "20130524T000000Z"
    std::string seed_signature;
    std::string canonical_request; // of the head, repeated in a chunk's SignatureDoesNotMatch
};

struct Authenticated {
    AuthType type = AuthType::Anonymous;
    std::shared_ptr<const KeyRecord> key; // null when anonymous
    std::string access_key_id;            // "" when anonymous
    std::string region;                   // of the scope; SigV2: the expected one, or us-east-1
    int version = 0;                      // 2, 4; 0 when anonymous
    std::optional<UtcInstant> signed_at;  // not for SigV2 query form
    PayloadHash payload = PayloadHash::None;
    std::string payload_literal; // the x-amz-content-sha256 value as sent, for Literal and
                                 // UndecodedStreaming
    ChunkSigning chunk;
};

// Errors: facts of every refusal are in errors.hpp. Anonymous is a success for S3 and
// MissingAuthenticationToken for the other families.
Result<Authenticated> verify(
    const RequestHead& head, const VerifyContext& context, KeyLookup& keys, SigningKeyCache& cache
);

} // namespace benchtop::auth
