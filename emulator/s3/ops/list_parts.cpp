// ListParts: `GET /bucket/key?uploadId=ID`. Order of elements as recorded.
#include "emulator/core/encoding.hpp"
#include "emulator/s3/errors.hpp"
#include "emulator/s3/listing.hpp"
#include "emulator/s3/multipart.hpp"
#include "emulator/s3/ops/common.hpp"
#include "emulator/s3/ops/lifecycle_common.hpp"
#include "emulator/s3/ops/list_common.hpp"
#include "emulator/s3/ops/ops.hpp"
#include "emulator/s3/xml_answer.hpp"

#include <algorithm>

namespace benchtop::s3 {
namespace {

struct ListPartsInput final : Input {
    std::uint64_t marker = 0;
    std::uint64_t max_parts = 0;
};

Result<std::unique_ptr<Input>> decode(const S3Request& request) {
    auto input = std::make_unique<ListPartsInput>();
    const auto marker = decode_count(request.query, "part-number-marker", 0, "part-number-marker");
    if (!marker) {
        return marker.error();
    }
    const auto max_parts = decode_count(request.query, "max-parts", kMaxKeysLimit, "max-parts");
    if (!max_parts) {
        return max_parts.error();
    }
    input->marker = *marker;
    input->max_parts = std::min<std::uint64_t>(*max_parts, kMaxKeysLimit);
    return std::unique_ptr<Input>(std::move(input));
}

std::vector<service::AccessRequest>
access_requests(const S3Request& request, const Input&, const store::Bucket* bucket) {
    return {object_access("s3:ListMultipartUploadParts", *bucket, request.target.key)};
}

void write_part(
    protocol::XmlWriter& xml, const store::Upload& upload, const store::UploadPart& part
) {
    xml.open("Part");
    xml.element("PartNumber", static_cast<std::uint64_t>(part.number));
    xml.element("LastModified", to_iso8601_ms(std::chrono::floor<seconds>(part.last_modified)));
    xml.element("ETag", quoted_etag(part.etag));
    xml.element("Size", part.size);
    if (const auto& algorithm = upload.object.checksum_algorithm) {
        xml.element("Checksum" + std::string(checksum_name(*algorithm)), part.checksum);
    }
    xml.close();
}

Result<Response> read(
    const store::ReadTx& tx,
    const service::OpContext& context,
    const S3Request& request,
    Input& base
) {
    const auto& input = static_cast<const ListPartsInput&>(base);
    const auto bucket = require_bucket(tx, request);
    if (!bucket) {
        return bucket.error();
    }
    const auto upload = require_upload(tx, *bucket, request);
    if (!upload) {
        return upload.error();
    }
    const auto limit = static_cast<std::size_t>(input.max_parts);
    std::vector<store::UploadPart> parts;
    if (limit > 0 && input.marker < kPartNumberMax) {
        parts = tx.upload_parts(upload->id, static_cast<int>(input.marker), limit + 1);
    }
    const bool truncated = parts.size() > limit;
    if (truncated) {
        parts.pop_back();
    }
    const auto last = parts.empty() ? 0 : static_cast<std::uint64_t>(parts.back().number);

    protocol::XmlWriter xml;
    xml.open("ListPartsResult", kXmlNamespace);
    xml.element("Bucket", bucket->name);
    xml.element("Key", upload->object.key);
    xml.element("UploadId", upload->id);
    write_upload_identity(xml, tx, *bucket, *upload);
    xml.element("PartNumberMarker", input.marker);
    xml.element("NextPartNumberMarker", last);
    xml.element("MaxParts", input.max_parts);
    xml.element("IsTruncated", truncated);
    if (const auto& algorithm = upload->object.checksum_algorithm) {
        xml.element("ChecksumAlgorithm", checksum_name(*algorithm));
        xml.element("ChecksumType", upload->object.checksum_type);
    }
    for (const store::UploadPart& part : parts) {
        write_part(xml, *upload, part);
    }
    xml.close();
    Response answer = xml_response(std::move(xml).take());
    add_abort_headers(answer.headers, context, *bucket, *upload);
    return answer;
}

} // namespace

Operation list_parts_operation() {
    return {
        .name = "ListParts",
        .method = "GET",
        .level = Level::Object,
        .selector = "uploadId",
        .iam_action = "s3:ListMultipartUploadParts",
        .access = Access::Read,
        .body = BodyKind::Ignored,
        .decode = decode,
        .access_requests = access_requests,
        .decode_document = nullptr,
        .read = read,
        .write = nullptr};
}

} // namespace benchtop::s3
