// Requester Pays buckets ("Using Requester Pays buckets for storage transfers and usage", Amazon S3
// User Guide): whoever is not of the owner's account has to say that they pay. Nobody is billed
// here.
#pragma once

#include "emulator/s3/operation.hpp"

namespace benchtop::s3 {

// The caller would be charged for requests to this bucket.
bool charges_requester(const store::Bucket& bucket, const policy::Principal& caller);

// Errors: AccessDenied without x-amz-request-payer, and for anonymous callers, who cannot pay.
Result<void> check_requester_pays(
    const S3Request& request, const store::Bucket& bucket, const policy::Principal& caller
);

} // namespace benchtop::s3
