// GetObjectRetention.
#include "emulator/protocol/xml_writer.hpp"
#include "emulator/s3/errors_lock.hpp"
#include "emulator/s3/ops/common.hpp"
#include "emulator/s3/ops/lock_headers.hpp"
#include "emulator/s3/ops/ops.hpp"
#include "emulator/s3/ops/version_choice.hpp"
#include "emulator/s3/xml_answer.hpp"

namespace benchtop::s3 {
namespace {

std::vector<service::AccessRequest>
access_requests(const S3Request& request, const Input& base, const store::Bucket* bucket) {
    const auto& input = static_cast<const VersionedInput&>(base);
    return {access_naming_version("s3:GetObjectRetention", request, *bucket, input.version)};
}

Result<Response> read(
    const store::ReadTx& tx,
    const service::OpContext& context,
    const S3Request& request,
    Input& base
) {
    const auto bucket = require_lock_bucket(tx, request);
    if (!bucket) {
        return bucket.error();
    }
    const auto& version = static_cast<const VersionedInput&>(base).version;
    const auto object = find_chosen_version(tx, context, request, *bucket, version);
    if (!object) {
        return object.error();
    }
    const store::ObjectLock& lock = object->lock;
    if (lock.mode.empty()) {
        return no_lock_of_object();
    }
    protocol::XmlWriter xml;
    xml.open("Retention", kXmlNamespace);
    xml.element("Mode", lock.mode);
    xml.element("RetainUntilDate", to_iso8601_ms(lock.retain_until));
    xml.close();
    return xml_response(std::move(xml).take());
}

} // namespace

Operation get_object_retention_operation() {
    return {
        .name = "GetObjectRetention",
        .method = "GET",
        .level = Level::Object,
        .selector = "retention",
        .iam_action = "s3:GetObjectRetention",
        .access = Access::Read,
        .body = BodyKind::Ignored,
        .decode = decode_versioned,
        .access_requests = access_requests,
        .decode_document = nullptr,
        .read = read,
        .write = nullptr,
    };
}

} // namespace benchtop::s3
