#include "emulator/s3/multipart.hpp"

#include "emulator/core/crc_combine.hpp"
#include "emulator/core/encoding.hpp"
#include "emulator/s3/errors_multipart.hpp"
#include "emulator/s3/ops/common.hpp"

#include <array>

namespace benchtop::s3 {
namespace {

std::string raw_md5(const store::UploadPart& part) {
    return from_hex(part.etag).value_or(std::string());
}

std::string raw_checksum(const store::UploadPart& part) {
    return from_base64(part.checksum).value_or(std::string());
}

} // namespace

std::string make_upload_id(Random& random) {
    constexpr std::string_view kAlphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._";
    static_assert(kAlphabet.size() == 64);
    std::array<char, 128> bytes{};
    random.fill(RandomStream::Ids, bytes);
    std::string id;
    for (const char byte : bytes) {
        id += kAlphabet[static_cast<unsigned char>(byte) % kAlphabet.size()];
    }
    return id;
}

Result<int> decode_part_number(const Query& query) {
    const std::string_view text = query.get("partNumber");
    const auto number = parse_u64(text);
    if (!number || *number == 0 || *number > kPartNumberMax) {
        return invalid_part_argument(text);
    }
    return static_cast<int>(*number);
}

std::optional<store::Upload>
find_upload(const store::ReadTx& tx, const store::Bucket& bucket, const S3Request& request) {
    auto upload = tx.find_upload(request.query.get("uploadId"));
    if (!upload || upload->bucket != bucket.id || upload->object.key != request.target.key) {
        return std::nullopt;
    }
    return upload;
}

Result<store::Upload>
require_upload(const store::ReadTx& tx, const store::Bucket& bucket, const S3Request& request) {
    auto upload = find_upload(tx, bucket, request);
    if (!upload || !upload->completion.empty()) {
        return no_such_upload(request.query.get("uploadId"));
    }
    return *std::move(upload);
}

void end_upload(
    store::WriteTx& tx,
    const service::OpContext& context,
    store::Upload upload,
    std::string_view what
) {
    tx.delete_upload_parts(upload.id);
    upload.completion = tx.next_sequencer(context.now) + " " + std::string(what);
    tx.put_upload(upload);
}

std::string_view how_ended(const store::Upload& upload) {
    const std::string_view text = upload.completion;
    const auto space = text.find(' ');
    return space == std::string_view::npos ? std::string_view() : text.substr(space + 1);
}

std::string algorithm_word(ChecksumAlgorithm algorithm) {
    return to_lower(checksum_name(algorithm));
}

ChecksumAlgorithm part_algorithm(const store::Upload& upload) {
    return upload.object.checksum_algorithm.value_or(ChecksumAlgorithm::Crc64Nvme);
}

std::string multipart_etag(const std::vector<store::UploadPart>& parts) {
    std::string digests;
    for (const store::UploadPart& part : parts) {
        digests += raw_md5(part);
    }
    return to_hex(md5(digests)) + "-" + std::to_string(parts.size());
}

std::string
whole_checksum(const store::Upload& upload, const std::vector<store::UploadPart>& parts) {
    const ChecksumAlgorithm algorithm = part_algorithm(upload);
    if (upload.object.checksum_type == "COMPOSITE") {
        Checksum checksum(algorithm);
        for (const store::UploadPart& part : parts) {
            checksum.update(as_bytes(raw_checksum(part)));
        }
        return to_base64(as_bytes(checksum.finish())) + "-" + std::to_string(parts.size());
    }
    CrcCombiner crc(algorithm);
    for (const store::UploadPart& part : parts) {
        crc.append(raw_checksum(part), part.size);
    }
    return to_base64(as_bytes(crc.finish()));
}

void write_upload_identity(
    protocol::XmlWriter& xml,
    const store::ReadTx& tx,
    const store::Bucket& bucket,
    const store::Upload& upload
) {
    xml.open("Initiator").element("ID", upload.initiator);
    if (!upload.initiator_name.empty()) {
        xml.element("DisplayName", upload.initiator_name);
    }
    xml.close();
    const std::string& owner = upload.object.owner.empty() ? bucket.account : upload.object.owner;
    xml.open("Owner").element("ID", tx.account(owner).canonical_id).close();
    const std::string& storage_class = upload.object.attributes.storage_class;
    xml.element(
        "StorageClass", storage_class.empty() ? std::string_view("STANDARD") : storage_class
    );
}

Response xml_response_with(Headers first, std::string document) {
    Response response = xml_response(std::move(document));
    for (const auto& [name, value] : response.headers.entries()) {
        first.add(name, value);
    }
    response.headers = std::move(first);
    return response;
}

} // namespace benchtop::s3
