// What DeleteObject and DeleteObjects share: the removal of one object, and what it means in a
// bucket with versions ("Deleting object versions from a versioning-enabled bucket", Amazon S3 User
// Guide).
#pragma once

#include "emulator/s3/operation.hpp"
#include "emulator/s3/ops/version_choice.hpp"

#include <string_view>

namespace benchtop::s3 {

// The If-Match of a delete: `tags` is an ETag or "*". It looks at the current version only ("How to
// perform conditional deletes", same guide). Errors: NoSuchKey, PreconditionFailed.
Result<void> check_delete_condition(
    const store::ReadTx& tx,
    const store::Bucket& bucket,
    std::string_view key,
    std::string_view tags
);

// The lock of the version that would be deleted for good. `bypass`: see asks_for_bypass(). Errors:
// AccessDenied.
Result<void> check_removal_lock(
    const store::ReadTx& tx,
    const service::OpContext& context,
    const store::Bucket& bucket,
    std::string_view key,
    const VersionChoice& choice,
    bool bypass
);

struct Removed {
    bool delete_marker = false; // one was made, or one was removed
    std::string version_id;     // as shown: of the marker made or of what was named; "" for neither
};

// Removes the object, or puts a delete marker on top of it; raises the event of what happened. What
// is not there is removed all the same, but nothing happened to tell of.
Removed remove_object(
    store::WriteTx& tx,
    const service::OpContext& context,
    const store::Bucket& bucket,
    std::string_view key,
    const VersionChoice& choice
);

} // namespace benchtop::s3
