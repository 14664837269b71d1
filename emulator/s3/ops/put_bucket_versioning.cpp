// PutBucketVersioning ("Enabling versioning on buckets", "Configuring MFA delete", Amazon S3 User
// Guide). No MFA device exists here, so MFA delete is refused, as AWS refuses it without a code.
#include "emulator/protocol/xml_reader.hpp"
#include "emulator/s3/document_integrity.hpp"
#include "emulator/s3/errors.hpp"
#include "emulator/s3/errors_versions.hpp"
#include "emulator/s3/ops/common.hpp"
#include "emulator/s3/ops/ops.hpp"

#include <optional>

namespace benchtop::s3 {
namespace {

constexpr std::size_t kDocumentMax = 64 * 1024;

struct PutBucketVersioningInput final : Input {
    std::string status;
    std::optional<std::string> mfa_delete;
};

Result<std::unique_ptr<Input>> decode(const S3Request& request) {
    if (auto digests = plan_document_integrity(request, ChecksumRule::Optional); !digests) {
        return digests.error();
    }
    return std::unique_ptr<Input>(std::make_unique<PutBucketVersioningInput>());
}

std::vector<service::AccessRequest>
access_requests(const S3Request&, const Input&, const store::Bucket* bucket) {
    return {bucket_access("s3:PutBucketVersioning", *bucket)};
}

Result<void> decode_document(Input& base, std::string_view document) {
    if (document.empty()) {
        return missing_request_body();
    }
    const auto parsed = protocol::parse_xml(document);
    if (!parsed || protocol::local_name(parsed->root()) != "VersioningConfiguration") {
        return malformed_xml();
    }
    std::optional<std::string> status;
    auto& input = static_cast<PutBucketVersioningInput&>(base);
    for (const pugi::xml_node child : protocol::children(parsed->root())) {
        const std::string_view name = protocol::local_name(child);
        std::string text = protocol::text_of(child);
        if (name == "Status" && !status && (text == "Enabled" || text == "Suspended")) {
            status = std::move(text);
        } else if (name == "MfaDelete" && !input.mfa_delete && (text == "Enabled" || text == "Disabled")) {
            input.mfa_delete = std::move(text);
        } else {
            return malformed_xml();
        }
    }
    if (!status) {
        return illegal_versioning_configuration();
    }
    input.status = *std::move(status);
    return {};
}

Result<Response>
write(store::WriteTx& tx, const service::OpContext&, const S3Request& request, Input& base, StagedObject*) {
    const auto& input = static_cast<const PutBucketVersioningInput&>(base);
    const auto bucket = require_bucket(tx, request);
    if (!bucket) {
        return bucket.error();
    }
    if (input.mfa_delete == "Enabled") {
        return mfa_required();
    }
    if (input.status == "Suspended" && bucket->setting("object-lock")) {
        return versioning_is_locked();
    }
    tx.set_bucket_setting(bucket->id, "versioning", input.status);
    if (input.mfa_delete) {
        tx.set_bucket_setting(bucket->id, "mfa-delete", *input.mfa_delete);
    }
    return empty_response(200);
}

} // namespace

Operation put_bucket_versioning_operation() {
    return {
        .name = "PutBucketVersioning",
        .method = "PUT",
        .level = Level::Bucket,
        .selector = "versioning",
        .iam_action = "s3:PutBucketVersioning",
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
