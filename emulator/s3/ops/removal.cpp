#include "emulator/s3/ops/removal.hpp"

#include "emulator/s3/errors.hpp"
#include "emulator/s3/object_events.hpp"
#include "emulator/s3/object_lock.hpp"
#include "emulator/s3/ops/conditions.hpp"
#include "emulator/s3/versions.hpp"

namespace benchtop::s3 {
namespace {

void raise_removed(
    store::WriteTx& tx,
    const service::OpContext& context,
    const store::Bucket& bucket,
    std::string_view key,
    std::string_view version_id
) {
    raise_event(
        tx,
        context,
        bucket,
        deleted_event("ObjectRemoved:Delete", key, version_id, tx.next_sequencer(context.now))
    );
}

Removed add_marker(
    store::WriteTx& tx,
    const service::OpContext& context,
    const store::Bucket& bucket,
    std::string_view key
) {
    const store::Object marker = store_delete_marker(tx, context, bucket, key);
    raise_event(
        tx, context, bucket, delete_marker_event("ObjectRemoved:DeleteMarkerCreated", marker)
    );
    return {true, std::string(shown_version_id(marker))};
}

} // namespace

Result<void> check_delete_condition(
    const store::ReadTx& tx,
    const store::Bucket& bucket,
    std::string_view key,
    std::string_view tags
) {
    const auto current = tx.find_object(bucket.id, key);
    if (!current) {
        return no_such_key(key);
    }
    if (!matches_etag(tags, current->etag)) {
        return precondition_failed("If-Match");
    }
    return {};
}

Result<void> check_removal_lock(
    const store::ReadTx& tx,
    const service::OpContext& context,
    const store::Bucket& bucket,
    std::string_view key,
    const VersionChoice& choice,
    bool bypass
) {
    if (!choice) {
        return {}; // a bucket with object lock has versions: a marker hides the object
    }
    const auto version = tx.find_version(bucket.id, key, *choice);
    return version ? check_removable(context, bucket, *version, bypass) : Result<void>();
}

Removed remove_object(
    store::WriteTx& tx,
    const service::OpContext& context,
    const store::Bucket& bucket,
    std::string_view key,
    const VersionChoice& choice
) {
    if (choice) {
        const auto deleted = tx.delete_version(bucket.id, key, *choice);
        if (deleted) {
            raise_removed(tx, context, bucket, key, deleted->version_id);
        }
        return {deleted && deleted->delete_marker, choice->empty() ? "null" : *choice};
    }
    if (versioning_of(bucket) != Versioning::Off) {
        return add_marker(tx, context, bucket, key);
    }
    if (tx.delete_object(bucket.id, key)) {
        raise_removed(tx, context, bucket, key, "");
    }
    return {};
}

} // namespace benchtop::s3
