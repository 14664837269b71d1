// What the store knows about a resource that decides who may use it, beside policies: access
// control lists, the owner of an object, Block Public Access, and an object's tags.
//
// Rules: "How Amazon S3 authorizes a request", Amazon S3 User Guide: whoever owns the bucket
// decides on it, on writing into it and on tags; whoever owns an object decides on its bytes and
// its ACL, while Deny statements of the bucket's policy hold for every object.
#pragma once

#include "emulator/policy/policy.hpp"
#include "emulator/policy/principal.hpp"
#include "emulator/service/context.hpp"
#include "emulator/store/tx.hpp"

#include <string>

namespace benchtop::s3 {

struct AccessFacts {
    std::string owner; // account that decides
    // How closely an ACL grants the action to the caller.
    policy::PrincipalMatch acl = policy::PrincipalMatch::No;
    // Allow statements of the bucket's policy do not count: the object is another account's, or
    // RestrictPublicBuckets keeps this caller out of a bucket with a public policy.
    bool policy_only_denies = false;
};

struct AccessQuestion {
    const service::AccessRequest& request;
    const policy::Principal& caller;
    const store::Bucket& bucket;  // of the request's resource
    const policy::Policy* policy; // the bucket's own; null for none
};

AccessFacts access_facts(const store::ReadTx& tx, const AccessQuestion& question);

// Adds s3:ExistingObjectTag/KEY for actions on an object that is there.
void add_existing_tags(
    const store::ReadTx& tx, const AccessQuestion& question, policy::ConditionContext& context
);

// The action is one on an object that exists, and there is none. Whether the caller learns that
// depends on s3:ListBucket.
bool is_about_missing_object(const store::ReadTx& tx, const AccessQuestion& question);

// May the caller list the key? ("HeadObject", Amazon S3 API Reference; s3:prefix: ceph/ceph#68577.)
service::AccessRequest listing_of(const service::AccessRequest& about_object);

// The bucket's name in "arn:aws:s3:::BUCKET[/KEY]"; "" when the resource is nothing of S3.
std::string_view bucket_of_arn(std::string_view resource);

} // namespace benchtop::s3
