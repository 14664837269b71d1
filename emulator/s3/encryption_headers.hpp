// x-amz-server-side-encryption*: what a request may say about encryption. Every object is SSE-S3.
// Keys of the customer and of KMS need TLS, which this endpoint does not speak, so they get the
// answer S3 gives over plain http.
#pragma once

#include "emulator/s3/operation.hpp"

namespace benchtop::s3 {

// For what writes an object: AES256 or nothing. Errors: InvalidRequest (SSE-C), InvalidArgument.
Result<void> check_encryption_of_upload(const S3Request& request);

// For what reads, and for what goes on with an upload: how an object is encrypted was said when it
// was written or its upload begun. Errors: InvalidArgument, InvalidRequest (SSE-C).
Result<void> refuse_encryption_of_read(const S3Request& request);

} // namespace benchtop::s3
