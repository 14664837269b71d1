// What the lifecycle operations, and those that tell of lifecycle in a header, share.
#pragma once

#include "emulator/core/http.hpp"
#include "emulator/s3/lifecycle.hpp"
#include "emulator/service/context.hpp"

#include <string_view>

namespace benchtop::s3 {

inline constexpr std::string_view kMinimumSizeHeader =
    "x-amz-transition-default-minimum-object-size";

// x-amz-expiration of an object that is its key's current version, when a rule expires it.
void add_expiration_header(
    Headers& headers,
    const service::OpContext& context,
    const store::Bucket& bucket,
    const store::Object& object
);

// x-amz-abort-date and x-amz-abort-rule-id of an upload that a rule aborts.
void add_abort_headers(
    Headers& headers,
    const service::OpContext& context,
    const store::Bucket& bucket,
    const store::Upload& upload
);

} // namespace benchtop::s3
