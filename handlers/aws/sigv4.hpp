// Signature Version 4 as S3 canonicalises it ("Authenticating Requests (AWS Signature Version 4)",
// S3 API Reference): the path is encoded once, dot segments and double slashes stay.
#pragma once

#include "handlers/aws/credentials.hpp"
#include "handlers/aws/text.hpp"
#include "handlers/aws/transport.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace handlers::aws {

inline constexpr std::string_view unsigned_payload = "UNSIGNED-PAYLOAD";

// What is signed. Views must outlive the call.
struct SigningInput {
    std::string_view method;
    std::string_view path;  // as on the wire, from the first slash up to the question mark
    std::string_view query; // as on the wire, without X-Amz-Signature
    HttpHeaders headers;    // exactly the headers to sign; Host among them
    std::string_view payload_hash;
    // Every service but S3 encodes the path once more.
    bool encode_path_again = false;
};

// When and where it is signed.
struct SigningScope {
    std::string_view amz_date; // 20130524T000000Z
    std::string_view region;
    std::string_view service = "s3";
};

// The stages, so that a test can compare each with the published ones.
std::string canonical_query(std::string_view raw_query);
std::string signed_header_names(const HttpHeaders& headers);
std::string canonical_request(const SigningInput& input);
std::string string_to_sign(std::string_view canonical_request, const SigningScope& scope);
Sha256 signing_key(const Credentials& credentials, const SigningScope& scope);
std::string
signature(const SigningInput& input, const SigningScope& scope, const Credentials& credentials);

// The value of the Authorization header.
std::string
authorization(const SigningInput& input, const SigningScope& scope, const Credentials& credentials);

// The query of a presigned URL, its parameters in the order in which botocore prints them.
// `headers` are the ones the URL's user must send; with Host alone any Content-Type is accepted.
std::string presigned_query(
    std::string_view method,
    std::string_view path,
    const HttpHeaders& headers,
    std::int64_t expires_s,
    const SigningScope& scope,
    const Credentials& credentials
);

} // namespace handlers::aws
