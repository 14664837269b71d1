#include "emulator/s3/ops/lifecycle_common.hpp"

namespace benchtop::s3 {

void add_expiration_header(
    Headers& headers,
    const service::OpContext& context,
    const store::Bucket& bucket,
    const store::Object& object
) {
    const auto config = lifecycle_of(bucket);
    if (!config) {
        return;
    }
    if (const auto value = expiration_header(*config, object, context.axis); !value.empty()) {
        headers.add("x-amz-expiration", value);
    }
}

void add_abort_headers(
    Headers& headers,
    const service::OpContext& context,
    const store::Bucket& bucket,
    const store::Upload& upload
) {
    const auto config = lifecycle_of(bucket);
    if (!config) {
        return;
    }
    const auto values =
        abort_headers(*config, upload.object.key, upload.initiated_at, context.axis);
    if (values) {
        headers.add("x-amz-abort-date", values->first);
        headers.add("x-amz-abort-rule-id", values->second);
    }
}

} // namespace benchtop::s3
