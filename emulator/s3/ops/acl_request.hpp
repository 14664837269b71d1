// What PutBucketAcl and PutObjectAcl share: an ACL comes in headers or in the body, not in both.
#pragma once

#include "emulator/s3/acl_wire.hpp"
#include "emulator/s3/operation.hpp"

#include <optional>

namespace benchtop::s3 {

inline constexpr std::size_t kAclDocumentMax = 64 * 1024;

struct AclInput : Input {
    AclHeaders headers;
    std::optional<AclDocument> document;
};

// Reads the headers into `input`. Errors: those of decode_acl_headers() and of digests.
Result<void> decode_acl_request(const S3Request& request, AclOf of, AclInput& input);

// Operation::decode_document of both. Errors: those of parse_acl_document(), MissingSecurityHeader,
// UnexpectedContent.
Result<void> decode_acl_body(Input& input, std::string_view document);

// The list that was asked for. Errors: AccessDenied for a document that names another owner (an
// owner is not changed by an ACL), or for a public list while BlockPublicAcls is set.
Result<Acl> requested_acl(
    const service::OpContext& context,
    const store::Bucket& bucket,
    const AclInput& input,
    std::string_view owner,
    const service::AccessRequest& access
);

} // namespace benchtop::s3
