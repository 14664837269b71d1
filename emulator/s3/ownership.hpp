// Object Ownership and Block Public Access as a bucket's settings say, and what they make of the
// bucket's and its objects' access control lists.
//
// Rules: "Controlling ownership of objects and disabling ACLs for your bucket" and "Blocking public
// access to your Amazon S3 storage", Amazon S3 User Guide. A new bucket has BucketOwnerEnforced and
// all four blocks; deleting either configuration leaves a bucket without it.
#pragma once

#include "emulator/s3/acl.hpp"
#include "emulator/store/rows.hpp"

#include <string>
#include <string_view>

namespace benchtop::s3 {

// Names of the bucket settings; their text is the configuration's document, "" once it is deleted.
inline constexpr std::string_view kOwnershipSetting = "ownershipControls";
inline constexpr std::string_view kPublicAccessBlockSetting = "publicAccessBlock";
inline constexpr std::string_view kAclSetting = "acl";

enum class Ownership { BucketOwnerEnforced, BucketOwnerPreferred, ObjectWriter };

std::optional<Ownership> parse_ownership(std::string_view name);
Ownership ownership_of(const store::Bucket& bucket);
// The configuration's document, as GetBucketOwnershipControls shows it.
std::string ownership_document(std::string_view name);

struct PublicAccessBlock {
    bool block_public_acls = false;
    bool ignore_public_acls = false;
    bool block_public_policy = false;
    bool restrict_public_buckets = false;
};

PublicAccessBlock public_access_block_of(const store::Bucket& bucket);
std::string public_access_block_document(const PublicAccessBlock& block);

// Account that owns an object now: the bucket's, when ACLs are off.
std::string_view owner_of(const store::Bucket& bucket, const store::Object& object);
// The lists as they stand: full control for the bucket's owner, when ACLs are off.
Acl acl_of(const store::Bucket& bucket);
Acl acl_of(const store::Bucket& bucket, const store::Object& object);

} // namespace benchtop::s3
