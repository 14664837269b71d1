#include "emulator/s3/document_integrity.hpp"

#include "emulator/core/encoding.hpp"
#include "emulator/s3/errors.hpp"
#include "emulator/s3/operation.hpp"

#include <algorithm>

namespace benchtop::s3 {
namespace {

constexpr std::string_view kChecksumPrefix = "x-amz-checksum-";

// Not values, but words about values.
bool is_checksum_setting(std::string_view name) {
    return name == "x-amz-checksum-algorithm" || name == "x-amz-checksum-type" ||
           name == "x-amz-checksum-mode";
}

std::optional<ChecksumAlgorithm> algorithm_of_header(std::string_view lower_name) {
    return parse_checksum_name(lower_name.substr(kChecksumPrefix.size()));
}

Result<void> read_checksum_headers(const RequestHead& head, DocumentIntegrity& plan) {
    for (const auto& [name, value] : head.headers.entries()) {
        const std::string lower = to_lower(name);
        if (!lower.starts_with(kChecksumPrefix) || is_checksum_setting(lower)) {
            continue;
        }
        if (plan.algorithm) {
            return invalid_request("Expecting a single x-amz-checksum- header. Multiple checksum "
                                   "Types are not allowed.");
        }
        const auto algorithm = algorithm_of_header(lower);
        if (!algorithm) {
            return invalid_request(
                "The algorithm type you specified in x-amz-checksum- header is invalid."
            );
        }
        const auto raw = from_base64(value);
        if (!raw || raw->size() != checksum_size(*algorithm)) {
            return invalid_request("Value for " + lower + " header is invalid.");
        }
        plan.algorithm = algorithm;
        plan.checksum = value;
    }
    return {};
}

Result<void> check_sdk_algorithm(const RequestHead& head, const DocumentIntegrity& plan) {
    const auto named = head.headers.find("x-amz-sdk-checksum-algorithm");
    if (!named) {
        return {};
    }
    if (!plan.algorithm) {
        return invalid_request("x-amz-sdk-checksum-algorithm specified, but no corresponding "
                               "x-amz-checksum-* or x-amz-trailer headers were found.");
    }
    if (parse_checksum_name(*named) != plan.algorithm) {
        return invalid_request("Value for x-amz-sdk-checksum-algorithm header is invalid.");
    }
    return {};
}

} // namespace

Result<DocumentIntegrity> plan_document_integrity(const S3Request& request, ChecksumRule rule) {
    DocumentIntegrity plan;
    // A streaming form is never decoded for a document: there it is just a wrong hash.
    if (request.authenticated.payload == auth::PayloadHash::Literal ||
        request.authenticated.payload == auth::PayloadHash::UndecodedStreaming) {
        plan.sha256 = request.authenticated.payload_literal;
    }
    if (const auto content_md5 = request.head.headers.find("content-md5")) {
        const auto raw = from_base64(*content_md5);
        if (!raw || raw->size() != std::tuple_size_v<Md5Digest>) {
            return invalid_digest(*content_md5);
        }
        plan.content_md5 = *content_md5;
    }
    if (rule == ChecksumRule::OfObject) {
        return plan;
    }
    if (auto headers = read_checksum_headers(request.head, plan); !headers) {
        return headers.error();
    }
    if (auto sdk = check_sdk_algorithm(request.head, plan); !sdk) {
        return sdk.error();
    }
    if (rule == ChecksumRule::Required && plan.content_md5.empty() && !plan.algorithm) {
        return missing_required_header("Content-MD5 OR x-amz-checksum-*");
    }
    return plan;
}

Result<void> check_document(const DocumentIntegrity& plan, std::string_view document) {
    if (plan.sha256) {
        const std::string computed = sha256_hex(document);
        if (!iequals(computed, *plan.sha256)) {
            return content_sha256_mismatch(*plan.sha256, computed);
        }
    }
    if (!plan.content_md5.empty()) {
        const std::string computed = to_base64(md5(document));
        if (from_base64(computed) != from_base64(plan.content_md5)) {
            return bad_digest_md5(computed, plan.content_md5);
        }
    }
    if (plan.algorithm) {
        Checksum checksum(*plan.algorithm);
        checksum.update(as_bytes(document));
        if (from_base64(plan.checksum) != checksum.finish()) {
            return bad_digest_checksum(checksum_name(*plan.algorithm));
        }
    }
    return {};
}

ChecksumRule checksum_rule(std::string_view operation) {
    if (operation == "CompleteMultipartUpload") {
        return ChecksumRule::OfObject;
    }
    constexpr std::string_view kRequired[] = {
        "DeleteObjects",
        "PutBucketCors",
        "PutBucketLifecycleConfiguration",
        "PutObjectLegalHold",
        "PutObjectLockConfiguration",
        "PutObjectRetention"};
    return std::ranges::find(kRequired, operation) != std::end(kRequired) ? ChecksumRule::Required
                                                                          : ChecksumRule::Optional;
}

Result<void> check_document_integrity(
    const S3Request& request, std::string_view operation, std::string_view document
) {
    auto plan = plan_document_integrity(request, checksum_rule(operation));
    if (!plan) {
        return plan.error();
    }
    return check_document(*plan, document);
}

} // namespace benchtop::s3
