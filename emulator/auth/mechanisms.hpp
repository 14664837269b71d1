// The mechanisms behind verify(), one function each, and what they share. Private to this room.
#pragma once

#include "emulator/auth/canonical.hpp"
#include "emulator/auth/errors.hpp"
#include "emulator/auth/scope.hpp"
#include "emulator/auth/verify.hpp"

namespace benchtop::auth {

struct Call {
    const RequestHead& head;
    const VerifyContext& context;
    KeyLookup& keys;
    SigningKeyCache& cache;
};

Result<Authenticated> verify_sigv4_header(const Call& call, std::string_view authorization);
Result<Authenticated> verify_presigned(const Call& call, CanonicalQuery& query);
Result<Authenticated> verify_sigv2_header(const Call& call, std::string_view authorization);
Result<Authenticated> verify_sigv2_query(const Call& call, const CanonicalQuery& query);
// Every service but S3, both forms.
Result<Authenticated> verify_generic(const Call& call, const CanonicalQuery& query);

// Finds the key and judges the session token that came with the request (nullopt: none).
Result<std::shared_ptr<const KeyRecord>>
find_key(const Call& call, std::string_view access_key_id, std::optional<std::string_view> token);

// True when a temporary credential has outlived itself.
bool is_expired(const KeyRecord& key, const VerifyContext& context);

// Field count is checked by the parser; this is service, terminal, date format, then region.
Result<void> check_scope(const CredentialScope& scope, const VerifyContext& c, errors::Form form);

bool names_contain(const std::vector<std::string_view>& names, std::string_view name);

// x-amz-* headers that must be signed and are not, and "host" when it is not: sorted, joined by
// ", "; "" when all is well. `covered` may excuse a header (a signed query parameter of its name).
std::string unsigned_headers(
    const Headers& headers, std::string_view signed_headers, const CanonicalQuery* covering
);

// A date before 1970 counts as none (ceph/s3-tests test_headers.py and openstack/swift s3api, which
// both follow AWS here).
inline bool is_before_epoch(UtcInstant date) {
    return date < UtcInstant{};
}

bool starts_with_amz(std::string_view header_name);

// X-Amz-* query parameters that are part of the signature itself and never act as headers.
bool is_signature_parameter(std::string_view name);

} // namespace benchtop::auth
