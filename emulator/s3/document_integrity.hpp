// Digests a client may announce for a document body (XML, JSON): Content-MD5, x-amz-checksum-* and
// a literal x-amz-content-sha256. Used by every operation of BodyKind::Document.
//
// Recorded order: syntax of the headers before the body is read; then the SHA-256, which beats a
// wrong MD5, which beats a wrong checksum ("Checking object integrity", Amazon S3 User Guide).
#pragma once

#include "emulator/core/digest.hpp"
#include "emulator/core/result.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace benchtop::s3 {

struct S3Request;

enum class ChecksumRule {
    Optional,
    OfObject, // x-amz-checksum-* are about the object that the document makes, not the document
    Required, // Content-MD5 or x-amz-checksum-*; x-amz-content-sha256 alone is not enough
};

struct DocumentIntegrity {
    std::optional<std::string> sha256; // as sent
    std::string content_md5;           // base64 as sent; "" when none
    std::optional<ChecksumAlgorithm> algorithm;
    std::string checksum; // base64 as sent
};

// Errors: InvalidDigest, and InvalidRequest for checksum headers that contradict each other or are
// missing.
Result<DocumentIntegrity> plan_document_integrity(const S3Request& request, ChecksumRule rule);

// Errors: XAmzContentSHA256Mismatch, BadDigest.
Result<void> check_document(const DocumentIntegrity& plan, std::string_view document);

// Which operations must carry a digest; CompleteMultipartUpload's checksums are the object's.
ChecksumRule checksum_rule(std::string_view operation);

// Both steps at once, when the whole document is there.
Result<void> check_document_integrity(
    const S3Request& request, std::string_view operation, std::string_view document
);

} // namespace benchtop::s3
