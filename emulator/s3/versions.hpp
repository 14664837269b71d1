// How a bucket's versioning decides what a write does to the versions of a key (Amazon S3 User
// Guide, "How S3 Versioning works", "Adding objects to versioning-suspended buckets").
#pragma once

#include "emulator/service/context.hpp"
#include "emulator/store/tx.hpp"

#include <string>
#include <string_view>

namespace benchtop::s3 {

enum class Versioning { Off /* never enabled */, Enabled, Suspended };

Versioning versioning_of(const store::Bucket& bucket);

// 32 characters of [A-Za-z0-9._], opaque.
std::string make_version_id(Random& random);

// Makes `object` the current version of its key, and gives it its version id: a new one when
// versioning is enabled (what was current becomes noncurrent), else the null version (which it
// replaces, wherever that is).
void store_version(
    store::WriteTx& tx,
    const service::OpContext& context,
    const store::Bucket& bucket,
    store::Object& object
);

// "null" for the null version.
std::string_view shown_version_id(const store::Object& object);

} // namespace benchtop::s3
