// The request headers that say what is stored beside an object's bytes: system headers, user
// metadata, storage class, tags, encryption, ACL. Shared by PutObject, CreateMultipartUpload and
// CopyObject.
#pragma once

#include "emulator/s3/acl_wire.hpp"
#include "emulator/s3/operation.hpp"
#include "emulator/s3/ops/lock_headers.hpp"
#include "emulator/s3/tags.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace benchtop::s3 {

// Cache-Control, Content-*, Expires and x-amz-meta-*. Errors: MetadataTooLarge.
Result<store::ObjectAttributes> decode_content_headers(const S3Request& request);

// What concerns where and how the object is kept; never copied from a source.
struct StorageHeaders {
    std::string storage_class; // "" is STANDARD
    std::string website_redirect_location;
    bool names_storage_class = false;
    bool names_redirect = false;
    bool names_encryption = false;
    AclHeaders acl; // takes effect in settle_acl()
};

// Errors: InvalidStorageClass, InvalidRedirectLocation, those of decode_acl_headers() and
// check_encryption_of_upload().
Result<StorageHeaders> decode_storage_headers(const S3Request& request);

// Gives a new object its owner and its ACL, by the bucket's ownership controls. Errors:
// AccessControlListNotSupported, AccessDenied (a public ACL while BlockPublicAcls is set).
Result<void> settle_acl(
    const service::OpContext& context,
    const store::Bucket& bucket,
    const AclHeaders& headers,
    store::Object& object
);

// All of the above for an object made by this request.
struct NewObject {
    store::ObjectAttributes attributes; // content headers, metadata, storage class, redirect, tags
    AclHeaders acl;
    LockHeaders lock;
};

Result<NewObject> decode_new_object(const S3Request& request);
// What must be allowed for it: s3:PutObject, and what its tags, ACL and lock need beside.
std::vector<service::AccessRequest>
new_object_access(const S3Request& request, const NewObject& made, const store::Bucket& bucket);

// What policies may ask about a write: s3:x-amz-acl, s3:x-amz-storage-class, tags...
void add_write_conditions(
    const S3Request& request, const Tags& tags, service::AccessRequest& access
);

// The parts of it that concern the ACL and the tags alone.
void add_acl_conditions(const S3Request& request, service::AccessRequest& access);
void add_tag_conditions(const Tags& tags, service::AccessRequest& access);

// The headers ask for more than the bucket owner's rights, so s3:PutObjectAcl is needed. Full
// control for the owner by x-amz-grant-full-control is asked with s3:PutObject alone ("Bucket
// policy examples using condition keys", Amazon S3 User Guide).
bool asks_for_acl(const S3Request& request, const store::Bucket& bucket);

} // namespace benchtop::s3
