// How a bucket's versioning decides what a write or a delete does to the versions of a key (Amazon
// S3 User Guide, "How S3 Versioning works", "Adding objects to versioning-suspended buckets",
// "Deleting object versions from a versioning-enabled bucket").
#pragma once

#include "emulator/service/context.hpp"
#include "emulator/store/tx.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace benchtop::s3 {

enum class Versioning { Off /* never enabled */, Enabled, Suspended };

Versioning versioning_of(const store::Bucket& bucket);

// 32 characters of [A-Za-z0-9._], opaque. AWS knows its own ids: one with the last characters
// changed is "Invalid version id specified", not NoSuchVersion (recorded). So an id carries a
// check, and masked by the rest of it the sequencer, from which a listing goes on although the
// version its marker names has been deleted since (recorded).
std::string make_version_id(Random& random, std::string_view sequencer);
// The sequencer of a well-formed id; nullopt for any other text.
std::optional<std::string> sequencer_of_version_id(std::string_view version_id);

// Makes `object`, whose sequencer is set, the current version of its key, and gives it its version
// id: a new one when versioning is enabled (what was current becomes noncurrent), else the null
// version (which it replaces, wherever that is).
void store_version(
    store::WriteTx& tx,
    const service::OpContext& context,
    const store::Bucket& bucket,
    store::Object& object
);

// Like store_version() for an object whose making began before the key's current version or delete
// marker came to be, as its sequencer tells (a multipart upload's): that one stays current. Without
// versioning nothing is kept.
void store_older_version(
    store::WriteTx& tx,
    const service::OpContext& context,
    const store::Bucket& bucket,
    store::Object& object
);

// Puts a delete marker on top of the key, which need not exist. Versioning must not be Off.
store::Object store_delete_marker(
    store::WriteTx& tx,
    const service::OpContext& context,
    const store::Bucket& bucket,
    std::string_view key
);

// "null" for the null version.
std::string_view shown_version_id(const store::Object& object);

} // namespace benchtop::s3
