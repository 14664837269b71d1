// GetBucketLocation: the one question about a bucket that any region's endpoint answers.
#include "emulator/protocol/xml_writer.hpp"
#include "emulator/s3/bucket_location.hpp"
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
    return {bucket_access("s3:GetBucketLocation", *bucket)};
}

Result<Response>
read(const store::ReadTx& tx, const service::OpContext&, const S3Request& request, Input&) {
    const auto bucket = require_bucket(tx, request);
    if (!bucket) {
        return bucket.error();
    }
    const std::string location = location_of(tx, *bucket);
    if (location.empty()) {
        return xml_response(empty_document("LocationConstraint"));
    }
    protocol::XmlWriter xml;
    xml.open("LocationConstraint", kXmlNamespace).text(location).close();
    return xml_response(std::move(xml).take());
}

} // namespace

Operation get_bucket_location_operation() {
    return {
        .name = "GetBucketLocation",
        .method = "GET",
        .level = Level::Bucket,
        .selector = "location",
        .iam_action = "s3:GetBucketLocation",
        .access = Access::Read,
        .body = BodyKind::Ignored,
        .any_region = true,
        .decode = decode,
        .access_requests = access_requests,
        .decode_document = nullptr,
        .read = read,
        .write = nullptr,
    };
}

} // namespace benchtop::s3
