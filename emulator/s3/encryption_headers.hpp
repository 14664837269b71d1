// x-amz-server-side-encryption*: what a request may say about encryption. Every object is SSE-S3.
// Keys of the customer and of KMS are refused: over plain http in S3's words, which demands TLS for
// them, and over TLS because they are not built.
#pragma once

#include "emulator/s3/operation.hpp"

namespace benchtop::s3 {

// For what writes an object: AES256 or nothing. Errors: InvalidRequest (SSE-C), InvalidArgument,
// NotImplemented.
Result<void> check_encryption_of_upload(const S3Request& request);

// For what reads, and for what goes on with an upload: how an object is encrypted was said when it
// was written or its upload begun. Errors: InvalidArgument, InvalidRequest (SSE-C),
// NotImplemented.
Result<void> refuse_encryption_of_read(const S3Request& request);

} // namespace benchtop::s3
