#include "emulator/s3/bucket_document.hpp"

#include "emulator/s3/document_integrity.hpp"
#include "emulator/s3/errors.hpp"

namespace benchtop::s3 {

Result<std::unique_ptr<Input>> decode_document_request(const S3Request& request) {
    if (auto digests = plan_document_integrity(request, ChecksumRule::Optional); !digests) {
        return digests.error();
    }
    return std::unique_ptr<Input>(std::make_unique<DocumentInput>());
}

Result<void> parse_into(const BucketDocument& spec, Input& input, std::string_view xml) {
    if (xml.empty()) {
        return missing_request_body();
    }
    auto document = spec.parse(xml);
    if (!document) {
        return document.error();
    }
    static_cast<DocumentInput&>(input).document = *std::move(document);
    return {};
}

Result<Response>
read_document(const BucketDocument& spec, const store::ReadTx& tx, const S3Request& request) {
    const auto bucket = require_bucket(tx, request);
    if (!bucket) {
        return bucket.error();
    }
    const auto stored = bucket->setting(spec.selector);
    if (stored && !stored->empty()) {
        return xml_response(std::string(*stored));
    }
    if (!stored && spec.initial != nullptr) {
        return xml_response(spec.initial());
    }
    return spec.missing(bucket->name);
}

Result<Response> write_document(
    const BucketDocument& spec,
    store::WriteTx& tx,
    const service::OpContext& context,
    const S3Request& request,
    const Input& input
) {
    const auto bucket = require_bucket(tx, request);
    if (!bucket) {
        return bucket.error();
    }
    std::string document = static_cast<const DocumentInput&>(input).document;
    if (spec.settle != nullptr) {
        auto settled = spec.settle({tx, context, *bucket}, std::move(document));
        if (!settled) {
            return settled.error();
        }
        document = *std::move(settled);
    }
    tx.set_bucket_setting(bucket->id, spec.selector, document);
    return empty_response(spec.put_status);
}

Result<Response>
delete_document(const BucketDocument& spec, store::WriteTx& tx, const S3Request& request) {
    const auto bucket = require_bucket(tx, request);
    if (!bucket) {
        return bucket.error();
    }
    tx.set_bucket_setting(
        bucket->id, spec.selector, spec.delete_restores ? std::nullopt : std::optional("")
    );
    return empty_response(204);
}

} // namespace benchtop::s3
