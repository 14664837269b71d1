// What the operations on multipart uploads share: naming uploads and parts, and the ETag and
// checksum of the whole ("Uploading and copying objects using multipart upload" and "Checking
// object integrity", Amazon S3 User Guide; recordings).
#pragma once

#include "emulator/protocol/xml_writer.hpp"
#include "emulator/s3/operation.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace benchtop::s3 {

inline constexpr int kPartNumberMax = 10'000;
inline constexpr std::uint64_t kPartBytesMin = 5 * 1024 * 1024; // but for the last part

// 128 characters of [A-Za-z0-9._], opaque.
std::string make_upload_id(Random& random);

// ?partNumber=. InvalidArgument unless it is 1 to 10,000.
Result<int> decode_part_number(const Query& query);

// The upload under way that ?uploadId= names; NoSuchUpload when it is another key's or has ended.
Result<store::Upload>
require_upload(const store::ReadTx& tx, const store::Bucket& bucket, const S3Request& request);
// Likewise, but also one that has ended and is remembered.
std::optional<store::Upload>
find_upload(const store::ReadTx& tx, const store::Bucket& bucket, const S3Request& request);

// Marks the upload as ended and releases its parts. `what` is remembered with it.
void end_upload(
    store::WriteTx& tx,
    const service::OpContext& context,
    store::Upload upload,
    std::string_view what
);
// What end_upload() was given; "" for an upload under way.
std::string_view how_ended(const store::Upload& upload);

// "crc32c": as S3's messages name it.
std::string algorithm_word(ChecksumAlgorithm algorithm);
// The algorithm taken of every part: the upload's own, or CRC64NVME for the whole's sake.
ChecksumAlgorithm part_algorithm(const store::Upload& upload);

// "md5-of-md5s-N", without quotes.
std::string multipart_etag(const std::vector<store::UploadPart>& parts);
// Base64; "VALUE-N" for a composite one. Computed from the parts' checksums: no byte is read.
std::string
whole_checksum(const store::Upload& upload, const std::vector<store::UploadPart>& parts);

// Initiator, Owner, StorageClass of an upload in listings.
void write_upload_identity(
    protocol::XmlWriter& xml,
    const store::ReadTx& tx,
    const store::Bucket& bucket,
    const store::Upload& upload
);

// An XML answer with `first` before Content-Type.
Response xml_response_with(Headers first, std::string document);

} // namespace benchtop::s3
