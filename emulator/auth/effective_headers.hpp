// x-amz-*, If-Match and If-None-Match given as signed parameters of a presigned URL act like
// headers. The exceptions: what belongs to the signature itself, and x-amz-checksum-* with
// x-amz-sdk-checksum-algorithm, which SDKs sign for a body they do not know yet and S3 does not
// take as the body's checksum. Source: recorded (localstack snapshot test_s3,
// presigned_url_v4_x_amz_in_qs).
#pragma once

#include "emulator/auth/verify.hpp"

namespace benchtop::auth {

// Only what the query adds; empty for every other kind of request. A real header wins.
Headers hoisted_headers(const RequestHead& head, const Authenticated& who);

// The request's headers and the hoisted ones after them.
Headers effective_headers(const RequestHead& head, const Authenticated& who);

} // namespace benchtop::auth
