// Errors of S3 Object Lock (recorded answers; "Locking objects with Object Lock", Amazon S3 User
// Guide).
#pragma once

#include "emulator/core/result.hpp"
#include "emulator/core/time.hpp"

#include <string_view>

namespace benchtop::s3 {

AwsError object_is_locked();                                    // AccessDenied
AwsError no_object_lock_configuration(std::string_view bucket); // the bucket's, 404
AwsError no_lock_of_object();          // retention or legal hold was never set: 404
AwsError bucket_without_object_lock(); // a sub-resource of an object asked for one
AwsError write_without_object_lock();  // x-amz-object-lock-* on a write
AwsError lock_needs_versioning();      // InvalidBucketState
// A date in the past. `argument` names the header or element, `value` is shown as ArgumentValue.
AwsError retain_until_in_the_past(std::string_view argument, std::string_view value);
AwsError bypass_without_object_lock();
// `what`: "Object" or "Part".
AwsError lock_needs_digest(std::string_view what);

// "Tue Dec 31 16:00:00 PST 2019": how InvalidArgument shows a date of an XML document (recorded).
std::string to_pacific_time(UtcInstant t);

} // namespace benchtop::s3
