// PutBucketCors. Amazon S3 API Reference, "PutBucketCors".
#include "emulator/s3/cors.hpp"
#include "emulator/s3/document_integrity.hpp"
#include "emulator/s3/errors.hpp"
#include "emulator/s3/ops/common.hpp"
#include "emulator/s3/ops/ops.hpp"

namespace benchtop::s3 {
namespace {

constexpr std::size_t kDocumentMax = 64 * 1024;

struct PutBucketCorsInput final : Input {
    std::vector<CorsRule> rules;
};

Result<std::unique_ptr<Input>> decode(const S3Request& request) {
    if (auto digests = plan_document_integrity(request, checksum_rule("PutBucketCors")); !digests) {
        return digests.error();
    }
    return std::unique_ptr<Input>(std::make_unique<PutBucketCorsInput>());
}

std::vector<service::AccessRequest>
access_requests(const S3Request&, const Input&, const store::Bucket* bucket) {
    return {bucket_access("s3:PutBucketCORS", *bucket)};
}

Result<void> decode_document(Input& base, std::string_view document) {
    if (document.empty()) {
        return missing_request_body();
    }
    auto rules = parse_cors(document);
    if (!rules) {
        return rules.error();
    }
    static_cast<PutBucketCorsInput&>(base).rules = *std::move(rules);
    return {};
}

Result<Response>
write(store::WriteTx& tx, const service::OpContext&, const S3Request& request, Input& base, StagedObject*) {
    const auto bucket = require_bucket(tx, request);
    if (!bucket) {
        return bucket.error();
    }
    tx.set_bucket_setting(
        bucket->id, kCorsSetting, cors_document(static_cast<const PutBucketCorsInput&>(base).rules)
    );
    return empty_response(200);
}

} // namespace

Operation put_bucket_cors_operation() {
    return {
        .name = "PutBucketCors",
        .method = "PUT",
        .level = Level::Bucket,
        .selector = "cors",
        .iam_action = "s3:PutBucketCORS",
        .access = Access::Write,
        .body = BodyKind::Document,
        .document_max = kDocumentMax,
        .decode = decode,
        .access_requests = access_requests,
        .decode_document = decode_document,
        .read = nullptr,
        .write = write,
    };
}

} // namespace benchtop::s3
