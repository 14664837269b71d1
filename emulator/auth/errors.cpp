#include "emulator/auth/errors.hpp"

#include "emulator/core/encoding.hpp"

namespace benchtop::auth::errors {
namespace {

// "41 57 53": the form of StringToSignBytes.
std::string spaced_hex(std::string_view text) {
    constexpr std::string_view kHex = "0123456789abcdef";
    std::string out;
    out.reserve(text.size() * 3);
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (!out.empty()) {
            out += ' ';
        }
        out += kHex[byte >> 4];
        out += kHex[byte & 15];
    }
    return out;
}

std::string quoted_region_flaw(std::string_view given, std::string_view expected) {
    std::string flaw = "the region '";
    flaw.append(given).append("' is wrong; expecting '").append(expected).append("'");
    return flaw;
}

std::string_view pick(ErrorFamily family, std::string_view query, std::string_view json) {
    return family == ErrorFamily::Query ? query : json;
}

int generic_status(ErrorFamily family) {
    return family == ErrorFamily::Json11 ? 400 : 403;
}

} // namespace

AwsError access_denied(std::string_view message) {
    return AwsError(403, "AccessDenied", message);
}

AwsError invalid_argument(std::string_view message, std::string_view name, std::string_view value) {
    return AwsError(400, "InvalidArgument", message)
        .with("ArgumentName", name)
        .with("ArgumentValue", value)
        .closing();
}

AwsError invalid_request(std::string_view message) {
    return AwsError(400, "InvalidRequest", message).closing();
}

AwsError only_one_mechanism(std::string_view authorization) {
    return invalid_argument(
        "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature "
        "query "
        "string parameter or the Authorization header should be specified",
        "Authorization",
        authorization
    );
}

AwsError mechanism_not_supported(std::string_view region) {
    return invalid_request("The authorization mechanism you have provided is not supported. Please "
                           "use AWS4-HMAC-SHA256.")
        .header("x-amz-bucket-region", region);
}

AwsError sigv4a_not_implemented(std::string_view where) {
    return AwsError(
               501,
               "NotImplemented",
               "A header you provided implies functionality that is not implemented"
    )
        .with("Header", where)
        .because("SigV4A (AWS4-ECDSA-P256-SHA256) is not verified here")
        .closing();
}

AwsError header_malformed(std::string_view flaw) {
    std::string message = "The authorization header is malformed; ";
    message += flaw;
    return AwsError(400, "AuthorizationHeaderMalformed", message).closing();
}

AwsError query_parameters(std::string_view message) {
    return AwsError(400, "AuthorizationQueryParametersError", message).closing();
}

AwsError credential_flaw(Form form, std::string_view flaw) {
    if (form == Form::Header) {
        return header_malformed(flaw);
    }
    if (form == Form::Post) {
        return AwsError(400, "InvalidArgument", flaw).closing();
    }
    std::string message = "Error parsing the X-Amz-Credential parameter; ";
    message += flaw;
    return query_parameters(message);
}

AwsError wrong_region(Form form, std::string_view given, std::string_view expected) {
    return credential_flaw(form, quoted_region_flaw(given, expected))
        .with("Region", expected)
        .header("x-amz-bucket-region", expected);
}

AwsError missing_date() {
    return access_denied("AWS authentication requires a valid Date or x-amz-date header");
}

AwsError time_too_skewed(std::string_view request_time, UtcInstant now) {
    return AwsError(
               403,
               "RequestTimeTooSkewed",
               "The difference between the request time and the current time is too large."
    )
        .with("RequestTime", request_time)
        .with("ServerTime", to_iso8601_s(now))
        .with("MaxAllowedSkewMilliseconds", "900000")
        .closing();
}

AwsError invalid_access_key_id(std::string_view access_key_id) {
    return AwsError(
               403,
               "InvalidAccessKeyId",
               "The AWS Access Key Id you provided does not exist in our records."
    )
        .with("AWSAccessKeyId", access_key_id);
}

AwsError invalid_token(std::string_view token) {
    return AwsError(400, "InvalidToken", "The provided token is malformed or otherwise invalid.")
        .with("Token-0", token)
        .closing();
}

AwsError expired_token(std::string_view token) {
    return AwsError(400, "ExpiredToken", "The provided token has expired.")
        .with("Token-0", token)
        .closing();
}

AwsError headers_not_signed(std::string_view names) {
    return access_denied("There were headers present in the request which were not signed")
        .with("HeadersNotSigned", names);
}

AwsError request_expired(std::string_view expires_as_given, UtcInstant expires, UtcInstant server) {
    AwsError error = access_denied("Request has expired");
    if (!expires_as_given.empty()) {
        error.with("X-Amz-Expires", expires_as_given);
    }
    error.with("Expires", to_iso8601_s(expires));
    error.with("ServerTime", to_iso8601_s(server));
    return error;
}

AwsError request_not_yet_valid(UtcInstant signed_at, UtcInstant expires, UtcInstant server) {
    return access_denied("Request is not yet valid")
        .with("X-Amz-Date", std::to_string(to_epoch_ms(signed_at)))
        .with("Expires", to_iso8601_s(expires))
        .with("ServerTime", to_iso8601_s(server));
}

AwsError signature_does_not_match(const Mismatch& mismatch) {
    AwsError error(
        403,
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided. Check your "
        "key and signing method."
    );
    error.with("AWSAccessKeyId", mismatch.access_key_id);
    error.with("StringToSign", mismatch.string_to_sign);
    error.with("SignatureProvided", mismatch.provided);
    error.with("StringToSignBytes", spaced_hex(mismatch.string_to_sign));
    if (!mismatch.canonical_request.empty()) {
        error.with("CanonicalRequest", mismatch.canonical_request);
        error.with("CanonicalRequestBytes", spaced_hex(mismatch.canonical_request));
    }
    return error;
}

AwsError incomplete_body() {
    return AwsError(400, "IncompleteBody", "The request body terminated unexpectedly").closing();
}

AwsError incomplete_body(std::uint64_t expected, std::uint64_t provided) {
    return AwsError(
               400,
               "IncompleteBody",
               "You did not provide the number of bytes specified by the Content-Length HTTP header"
    )
        .with("NumberBytesExpected", std::to_string(expected))
        .with("NumberBytesProvided", std::to_string(provided))
        .closing();
}

AwsError malformed_trailer() {
    return AwsError(
               400,
               "MalformedTrailerError",
               "The request contained trailing data that was not well-formed or did not conform to "
               "our published schema."
    )
        .closing();
}

AwsError missing_content_length() {
    return AwsError(411, "MissingContentLength", "You must provide the Content-Length HTTP header.")
        .closing();
}

AwsError generic_missing_token(ErrorFamily family) {
    return family == ErrorFamily::Query
               ? AwsError(
                     403, "MissingAuthenticationToken", "Request is missing Authentication Token"
                 )
               : AwsError(
                     generic_status(family),
                     "MissingAuthenticationTokenException",
                     "Missing Authentication Token"
                 );
}

AwsError generic_invalid_token(ErrorFamily family) {
    return AwsError(
        generic_status(family),
        pick(family, "InvalidClientTokenId", "UnrecognizedClientException"),
        "The security token included in the request is invalid."
    );
}

AwsError generic_expired_token(ErrorFamily family) {
    return AwsError(
        generic_status(family),
        pick(family, "ExpiredToken", "ExpiredTokenException"),
        "The security token included in the request is expired"
    );
}

AwsError generic_incomplete(ErrorFamily family, std::string_view message) {
    return AwsError(
        family == ErrorFamily::RestJson ? 403 : 400,
        pick(family, "IncompleteSignature", "IncompleteSignatureException"),
        message
    );
}

AwsError generic_signature(ErrorFamily family, std::string_view message) {
    return AwsError(
        generic_status(family),
        pick(family, "SignatureDoesNotMatch", "InvalidSignatureException"),
        message
    );
}

AwsError generic_mismatch(ErrorFamily family) {
    return generic_signature(
        family,
        "The request signature we calculated does not match the signature you provided. Check your "
        "AWS Secret Access Key and signing method. Consult the service documentation for details."
    );
}

} // namespace benchtop::auth::errors
