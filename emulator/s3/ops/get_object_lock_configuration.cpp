// GetObjectLockConfiguration.
#include "emulator/protocol/xml_writer.hpp"
#include "emulator/s3/errors_lock.hpp"
#include "emulator/s3/object_lock.hpp"
#include "emulator/s3/ops/common.hpp"
#include "emulator/s3/ops/ops.hpp"
#include "emulator/s3/xml_answer.hpp"

namespace benchtop::s3 {
namespace {

Result<std::unique_ptr<Input>> decode(const S3Request&) {
    return std::make_unique<Input>();
}

std::vector<service::AccessRequest>
access_requests(const S3Request&, const Input&, const store::Bucket* bucket) {
    return {bucket_access("s3:GetBucketObjectLockConfiguration", *bucket)};
}

Result<Response>
read(const store::ReadTx& tx, const service::OpContext&, const S3Request& request, Input&) {
    const auto bucket = require_bucket(tx, request);
    if (!bucket) {
        return bucket.error();
    }
    const auto configuration = lock_configuration_of(*bucket);
    if (!configuration) {
        return no_object_lock_configuration(bucket->name);
    }
    protocol::XmlWriter xml;
    xml.open("ObjectLockConfiguration", kXmlNamespace);
    xml.element("ObjectLockEnabled", "Enabled");
    if (const auto& rule = configuration->rule) {
        xml.open("Rule").open("DefaultRetention").element("Mode", rule->mode);
        const bool in_days = rule->days > 0;
        xml.element(
            in_days ? "Days" : "Years",
            static_cast<std::uint64_t>(in_days ? rule->days : rule->years)
        );
        xml.close().close();
    }
    xml.close();
    return xml_response(std::move(xml).take());
}

} // namespace

Operation get_object_lock_configuration_operation() {
    return {
        .name = "GetObjectLockConfiguration",
        .method = "GET",
        .level = Level::Bucket,
        .selector = "object-lock",
        .iam_action = "s3:GetBucketObjectLockConfiguration",
        .access = Access::Read,
        .body = BodyKind::Ignored,
        .decode = decode,
        .access_requests = access_requests,
        .decode_document = nullptr,
        .read = read,
        .write = nullptr,
    };
}

} // namespace benchtop::s3
