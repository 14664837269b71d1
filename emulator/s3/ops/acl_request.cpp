#include "emulator/s3/ops/acl_request.hpp"

#include "emulator/s3/document_integrity.hpp"
#include "emulator/s3/errors.hpp"
#include "emulator/s3/errors_access.hpp"
#include "emulator/s3/ownership.hpp"

namespace benchtop::s3 {

Result<void> decode_acl_request(const S3Request& request, AclOf of, AclInput& input) {
    if (auto digests = plan_document_integrity(request, ChecksumRule::Optional); !digests) {
        return digests.error();
    }
    auto headers = decode_acl_headers(request, of);
    if (!headers) {
        return headers.error();
    }
    input.headers = *std::move(headers);
    return {};
}

Result<void> decode_acl_body(Input& base, std::string_view document) {
    auto& input = static_cast<AclInput&>(base);
    if (document.empty()) {
        return input.headers.given() ? Result<void>() : missing_acl_header();
    }
    if (input.headers.given()) {
        return unexpected_content();
    }
    auto parsed = parse_acl_document(document);
    if (!parsed) {
        return parsed.error();
    }
    input.document = *std::move(parsed);
    return {};
}

Result<Acl> requested_acl(
    const service::OpContext& context,
    const store::Bucket& bucket,
    const AclInput& input,
    std::string_view owner,
    const service::AccessRequest& access
) {
    if (input.document && input.document->owner != owner) {
        return access_denied();
    }
    Acl acl =
        input.document ? input.document->acl : acl_of_headers(input.headers, owner, bucket.account);
    if (is_public(acl) && public_access_block_of(bucket).block_public_acls) {
        return prevented_by_public_access_block(
            context, bucket, access.action, access.resource, "public ACLs", "BlockPublicAcls"
        );
    }
    return acl;
}

} // namespace benchtop::s3
