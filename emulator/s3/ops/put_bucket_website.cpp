// PutBucketWebsite. Amazon S3 API Reference, "PutBucketWebsite".
#include "emulator/s3/document_integrity.hpp"
#include "emulator/s3/errors.hpp"
#include "emulator/s3/ops/common.hpp"
#include "emulator/s3/ops/ops.hpp"
#include "emulator/s3/website_config.hpp"

namespace benchtop::s3 {
namespace {

constexpr std::size_t kDocumentMax = 128 * 1024;

struct PutBucketWebsiteInput final : Input {
    WebsiteConfig config;
};

Result<std::unique_ptr<Input>> decode(const S3Request& request) {
    if (auto digests = plan_document_integrity(request, checksum_rule("PutBucketWebsite"));
        !digests) {
        return digests.error();
    }
    return std::unique_ptr<Input>(std::make_unique<PutBucketWebsiteInput>());
}

std::vector<service::AccessRequest>
access_requests(const S3Request&, const Input&, const store::Bucket* bucket) {
    return {bucket_access("s3:PutBucketWebsite", *bucket)};
}

Result<void> decode_document(Input& base, std::string_view document) {
    if (document.empty()) {
        return missing_request_body();
    }
    auto config = parse_website(document);
    if (!config) {
        return config.error();
    }
    static_cast<PutBucketWebsiteInput&>(base).config = *std::move(config);
    return {};
}

Result<Response>
write(store::WriteTx& tx, const service::OpContext&, const S3Request& request, Input& base, StagedObject*) {
    const auto bucket = require_bucket(tx, request);
    if (!bucket) {
        return bucket.error();
    }
    tx.set_bucket_setting(
        bucket->id,
        kWebsiteSetting,
        website_document(static_cast<const PutBucketWebsiteInput&>(base).config)
    );
    return empty_response(200);
}

} // namespace

Operation put_bucket_website_operation() {
    return {
        .name = "PutBucketWebsite",
        .method = "PUT",
        .level = Level::Bucket,
        .selector = "website",
        .iam_action = "s3:PutBucketWebsite",
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
