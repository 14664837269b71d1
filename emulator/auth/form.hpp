// Who is calling by a browser's POST form: the form's fields carry the signature, of the policy
// field's text as it stands ("Authenticating Requests in Browser-Based Uploads Using POST", Amazon
// S3 API Reference). What the policy says is not judged here.
#pragma once

#include "emulator/auth/verify.hpp"

namespace benchtop::auth {

// "Bucket POST must contain a field named 'X'...": InvalidArgument.
AwsError missing_form_field(std::string_view name);

// `form` holds the fields as headers. Anonymous without any field of a signature. Errors, in this
// order: a field missing, the credential's flaws (InvalidArgument), InvalidAccessKeyId, the
// token's, SignatureDoesNotMatch.
Result<Authenticated> verify_form(
    const RequestHead& form, const VerifyContext& context, KeyLookup& keys, SigningKeyCache& cache
);

// True when something that ends at `expires`, an instant of a client's clock, has ended on the
// lab's. It is as old as what was made at `made_at`, so only advances made since then end it
// earlier. Unknown (SigV2): it was made with the shortest customary lifetime that does not put its
// making in the future. Without time travel neither makes a difference.
bool has_ended(
    UtcInstant expires, std::optional<UtcInstant> made_at, const TimeAxis& axis, UtcInstant now
);

} // namespace benchtop::auth
