// Sources: Amazon S3 API Reference, "GetObject" (400 Bad Request), and answers quoted in public
// threads: s3tools/s3cmd#276 (not supported for this operation), bloomreach/s4cmd#63 (method),
// aws/aws-cli#1431 (key without method), aws/aws-sdk-js#2335 (KMS over http). That SSE-C over http
// is refused is documented; its code and words are those that compatible servers agree on.
#include "emulator/s3/encryption_headers.hpp"

#include "emulator/s3/errors.hpp"

#include <algorithm>
#include <array>

namespace benchtop::s3 {
namespace {

constexpr std::string_view kMethod = "x-amz-server-side-encryption";
constexpr std::string_view kKmsKey = "x-amz-server-side-encryption-aws-kms-key-id";

Result<void> refuse_customer_key(const S3Request& request) {
    constexpr std::array<std::string_view, 3> kHeaders{
        "x-amz-server-side-encryption-customer-algorithm",
        "x-amz-server-side-encryption-customer-key",
        "x-amz-server-side-encryption-customer-key-md5"};
    const auto given = std::ranges::find_if(kHeaders, [&](auto header) {
        return request.header(header).has_value();
    });
    if (given == kHeaders.end()) {
        return {};
    }
    if (request.head.secure) {
        return header_not_implemented(*given); // there is no encryption with keys of one's own here
    }
    return invalid_request("Requests specifying Server Side Encryption with Customer provided keys "
                           "must be made over a secure connection.");
}

} // namespace

Result<void> check_encryption_of_upload(const S3Request& request) {
    if (auto ok = refuse_customer_key(request); !ok) {
        return ok;
    }
    const std::string_view method = request.header(kMethod).value_or("AES256");
    if (method == "aws:kms" || method == "aws:kms:dsse") {
        if (request.head.secure) {
            return header_not_implemented(kMethod);
        }
        return invalid_argument(
            "Requests specifying Server Side Encryption with AWS KMS managed keys must be made "
            "over a secure connection.",
            kMethod,
            method
        );
    }
    if (method != "AES256") {
        return invalid_argument(
            "The encryption method specified is not supported", kMethod, method
        );
    }
    if (const auto key = request.header(kKmsKey)) {
        return invalid_argument(
            "Server Side Encryption with AWS KMS managed key requires HTTP header "
            "x-amz-server-side-encryption : aws:kms",
            kKmsKey,
            *key
        );
    }
    return {};
}

Result<void> refuse_encryption_of_read(const S3Request& request) {
    if (const auto method = request.header(kMethod)) {
        return invalid_argument(
            "x-amz-server-side-encryption header is not supported for this operation.",
            kMethod,
            *method
        );
    }
    return refuse_customer_key(request);
}

} // namespace benchtop::s3
