// Errors of versioning ("Working with delete markers", Amazon S3 User Guide; recorded answers).
#pragma once

#include "emulator/core/result.hpp"
#include "emulator/store/rows.hpp"

#include <string_view>

namespace benchtop::s3 {

// NoSuchKey for a key whose current version is a delete marker: the headers tell of it.
AwsError no_such_key_but_marker(const store::Object& marker);
// A delete marker was named by its version id: 405, for all but DELETE.
AwsError method_not_allowed_on_marker(std::string_view method, const store::Object& marker);
AwsError illegal_versioning_configuration();
// MFA delete: no device's code is valid here.
AwsError mfa_required();
// Suspending the versioning of a bucket with object lock.
AwsError versioning_is_locked();

} // namespace benchtop::s3
