// The request headers that say what is stored beside an object's bytes: system headers, user
// metadata, storage class, tags, encryption, ACL. Shared by PutObject and CopyObject.
#pragma once

#include "emulator/s3/operation.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace benchtop::s3 {

using Tags = std::vector<std::pair<std::string, std::string>>;

// Cache-Control, Content-*, Expires and x-amz-meta-*. Errors: MetadataTooLarge.
Result<store::ObjectAttributes> decode_content_headers(const S3Request& request);

// What concerns where and how the object is kept; never copied from a source.
struct StorageHeaders {
    std::string storage_class; // "" is STANDARD
    std::string website_redirect_location;
    bool names_storage_class = false;
    bool names_redirect = false;
    bool names_encryption = false;
};

// Errors: InvalidStorageClass, AccessControlListNotSupported, InvalidArgument (x-amz-acl), those of
// check_encryption_of_upload, InvalidRedirectLocation; NotImplemented for object lock.
Result<StorageHeaders> decode_storage_headers(const S3Request& request);

// x-amz-tagging: at most 10 tags in the form of a query. Errors: InvalidArgument, InvalidTag,
// BadRequest.
Result<Tags> decode_tagging_header(std::string_view value);

// What policies may ask about a write: s3:x-amz-acl, s3:x-amz-storage-class, tags...
void add_write_conditions(
    const S3Request& request, const Tags& tags, service::AccessRequest& access
);

// The x-amz-acl header asks for more than the bucket owner's rights, so s3:PutObjectAcl is needed.
bool asks_for_acl(const S3Request& request);

} // namespace benchtop::s3
