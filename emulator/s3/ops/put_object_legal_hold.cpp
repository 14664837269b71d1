// PutObjectLegalHold: ON keeps a version whatever its retention says.
#include "emulator/protocol/xml_reader.hpp"
#include "emulator/s3/document_integrity.hpp"
#include "emulator/s3/errors.hpp"
#include "emulator/s3/ops/common.hpp"
#include "emulator/s3/ops/legal_hold.hpp"
#include "emulator/s3/ops/lock_headers.hpp"
#include "emulator/s3/ops/ops.hpp"
#include "emulator/s3/ops/version_choice.hpp"

namespace benchtop::s3 {
namespace {

constexpr std::size_t kDocumentMax = 64 * 1024;

struct PutObjectLegalHoldInput final : VersionedInput {
    bool on = false;
};

Result<std::unique_ptr<Input>> decode(const S3Request& request) {
    if (auto digests = plan_document_integrity(request, ChecksumRule::Required); !digests) {
        return digests.error();
    }
    auto version = decode_version_choice(request.query);
    if (!version) {
        return version.error();
    }
    auto input = std::make_unique<PutObjectLegalHoldInput>();
    input->version = *std::move(version);
    return std::unique_ptr<Input>(std::move(input));
}

std::vector<service::AccessRequest>
access_requests(const S3Request& request, const Input& base, const store::Bucket* bucket) {
    const auto& input = static_cast<const VersionedInput&>(base);
    return {access_naming_version("s3:PutObjectLegalHold", request, *bucket, input.version)};
}

Result<void> decode_document(Input& base, std::string_view document) {
    const auto parsed = protocol::parse_xml(document);
    if (!parsed || protocol::local_name(parsed->root()) != "LegalHold") {
        return malformed_xml();
    }
    const auto children = protocol::children(parsed->root());
    if (children.size() != 1 || protocol::local_name(children.front()) != "Status") {
        return malformed_xml();
    }
    const auto on = parse_legal_hold(protocol::text_of(children.front()));
    if (!on) {
        return malformed_xml();
    }
    static_cast<PutObjectLegalHoldInput&>(base).on = *on;
    return {};
}

Result<Response>
write(store::WriteTx& tx, const service::OpContext& context, const S3Request& request, Input& base, StagedObject*) {
    const auto& input = static_cast<const PutObjectLegalHoldInput&>(base);
    const auto bucket = require_lock_bucket(tx, request);
    if (!bucket) {
        return bucket.error();
    }
    auto object = find_chosen_version(tx, context, request, *bucket, input.version);
    if (!object) {
        return object.error();
    }
    set_legal_hold(object->lock, input.on, context.now);
    tx.update_version(bucket->id, *object);
    return empty_response(200);
}

} // namespace

Operation put_object_legal_hold_operation() {
    return {
        .name = "PutObjectLegalHold",
        .method = "PUT",
        .level = Level::Object,
        .selector = "legal-hold",
        .iam_action = "s3:PutObjectLegalHold",
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
