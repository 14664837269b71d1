// Names of buckets and regions ("General purpose bucket naming rules", Amazon S3 User Guide).
#pragma once

#include <string_view>

namespace benchtop::s3 {

bool is_valid_bucket_name(std::string_view name);

// A region S3 runs in ("us-east-2"); "EU" and "aws-global" are none.
bool is_known_region(std::string_view name);

} // namespace benchtop::s3
