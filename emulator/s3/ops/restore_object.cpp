// RestoreObject: what it says to objects that are not archived. Archived ones cannot be restored
// here.
#include "emulator/protocol/xml_reader.hpp"
#include "emulator/s3/document_integrity.hpp"
#include "emulator/s3/errors.hpp"
#include "emulator/s3/ops/common.hpp"
#include "emulator/s3/ops/ops.hpp"
#include "emulator/s3/ops/version_choice.hpp"

namespace benchtop::s3 {
namespace {

constexpr std::size_t kDocumentMax = 64 * 1024;

Result<std::unique_ptr<Input>> decode(const S3Request& request) {
    if (auto digests = plan_document_integrity(request, ChecksumRule::Optional); !digests) {
        return digests.error();
    }
    return decode_versioned(request);
}

std::vector<service::AccessRequest>
access_requests(const S3Request& request, const Input& base, const store::Bucket* bucket) {
    const auto& input = static_cast<const VersionedInput&>(base);
    return {access_naming_version("s3:RestoreObject", request, *bucket, input.version)};
}

Result<void> decode_document(Input&, std::string_view document) {
    const auto parsed = protocol::parse_xml(document);
    if (!parsed || protocol::local_name(parsed->root()) != "RestoreRequest") {
        return malformed_xml();
    }
    return {};
}

Result<Response>
write(store::WriteTx& tx, const service::OpContext& context, const S3Request& request, Input& base, StagedObject*) {
    const auto bucket = require_bucket(tx, request);
    if (!bucket) {
        return bucket.error();
    }
    const auto& version = static_cast<const VersionedInput&>(base).version;
    const auto object = find_chosen_version(tx, context, request, *bucket, version);
    if (!object) {
        return object.error();
    }
    const std::string& storage_class = object->attributes.storage_class;
    if (storage_class == "GLACIER" || storage_class == "DEEP_ARCHIVE") {
        return operation_not_implemented("RestoreObject of an archived object");
    }
    return s3_error( // recorded without a StorageClass element
        403,
        "InvalidObjectState",
        "Restore is not allowed for the object's current storage class"
    );
}

} // namespace

Operation restore_object_operation() {
    return {
        .name = "RestoreObject",
        .method = "POST",
        .level = Level::Object,
        .selector = "restore",
        .iam_action = "s3:RestoreObject",
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
