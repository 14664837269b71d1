// Every refusal of this room, in AWS's words. S3's texts are those of recorded answers; the texts
// of the other services are the common SigV4 texts.
#pragma once

#include "emulator/auth/verify.hpp"
#include "emulator/core/error.hpp"

#include <string>
#include <string_view>

namespace benchtop::auth::errors {

// Each form names the same flaw of a credential differently. A POST form's refusals still lack the
// credential as their argument.
enum class Form { Header, Query, Post };

// --- S3 ---
AwsError access_denied(std::string_view message);
AwsError invalid_argument(std::string_view message, std::string_view name, std::string_view value);
AwsError invalid_request(std::string_view message);
AwsError only_one_mechanism(std::string_view authorization);
AwsError mechanism_not_supported(std::string_view region);
AwsError sigv4a_not_implemented(std::string_view where);
// "The authorization header is malformed; " + flaw
AwsError header_malformed(std::string_view flaw);
AwsError query_parameters(std::string_view message);
// A flaw of the credential, in the words of the form.
AwsError credential_flaw(Form form, std::string_view flaw);
AwsError wrong_region(Form form, std::string_view given, std::string_view expected);
AwsError missing_date();
AwsError time_too_skewed(std::string_view request_time, UtcInstant now);
AwsError invalid_access_key_id(std::string_view access_key_id);
AwsError invalid_token(std::string_view token);
AwsError expired_token(std::string_view token);
AwsError headers_not_signed(std::string_view names);
AwsError request_expired(std::string_view expires_as_given, UtcInstant expires, UtcInstant server);
AwsError request_not_yet_valid(UtcInstant signed_at, UtcInstant expires, UtcInstant server);

struct Mismatch {
    std::string_view access_key_id;
    std::string_view string_to_sign;
    std::string_view provided;
    std::string_view canonical_request; // empty for SigV2
};

AwsError signature_does_not_match(const Mismatch& mismatch);
AwsError incomplete_body();
AwsError incomplete_body(std::uint64_t expected, std::uint64_t provided);
AwsError malformed_trailer();
AwsError missing_content_length();

// --- Query, REST-JSON, JSON 1.1 ---
AwsError generic_missing_token(ErrorFamily family);
AwsError generic_invalid_token(ErrorFamily family); // unknown key, missing or garbled token
AwsError generic_expired_token(ErrorFamily family);
AwsError generic_incomplete(ErrorFamily family, std::string_view message);
AwsError generic_signature(ErrorFamily family, std::string_view message);
AwsError generic_mismatch(ErrorFamily family);

} // namespace benchtop::auth::errors
