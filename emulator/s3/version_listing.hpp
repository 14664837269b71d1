// The paging logic of ListObjectVersions, without XML ("Listing objects in a versioning-enabled
// bucket", Amazon S3 User Guide; recorded corners).
#pragma once

#include "emulator/s3/listing.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace benchtop::s3 {

struct VersionsQuery {
    // `after` is the key marker. Without a version marker all versions of that key are passed over.
    ListingQuery keys;
    std::string version_marker; // version id, or "null"; "" for none
};

struct ListedVersion {
    store::Object object; // or delete marker
    bool is_latest = false;
};

struct VersionsPage {
    std::vector<ListedVersion> versions; // by key, newest first
    std::vector<std::string> common_prefixes;
    bool truncated = false;
    // Where the next page goes on; the version is "" after a common prefix.
    std::string next_key;
    std::string next_version;

    std::size_t count() const { return versions.size() + common_prefixes.size(); }
};

VersionsPage
list_versions(const store::ReadTx& tx, store::BucketId bucket, const VersionsQuery& query);

} // namespace benchtop::s3
