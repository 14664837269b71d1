// CreateMultipartUpload: `POST /bucket/key?uploads`. What the object will be beside its bytes is
// said here.
#include "emulator/s3/errors.hpp"
#include "emulator/s3/multipart.hpp"
#include "emulator/s3/ops/common.hpp"
#include "emulator/s3/ops/lifecycle_common.hpp"
#include "emulator/s3/ops/object_headers.hpp"
#include "emulator/s3/ops/ops.hpp"
#include "emulator/s3/xml_answer.hpp"

#include <algorithm>
#include <array>

namespace benchtop::s3 {
namespace {

constexpr std::string_view kAlgorithmHeader = "x-amz-checksum-algorithm";
constexpr std::string_view kTypeHeader = "x-amz-checksum-type";

struct CreateMultipartUploadInput final : Input {
    NewObject made;
    std::optional<ChecksumAlgorithm> algorithm;
    std::string checksum_type; // "" without an algorithm
};

Result<ChecksumAlgorithm> parse_algorithm(std::string_view name) {
    if (const auto algorithm = parse_checksum_name(name)) {
        return *algorithm;
    }
    constexpr std::array<std::string_view, 5> kLater{
        "SHA512", "MD5", "XXHASH64", "XXHASH3", "XXHASH128"};
    if (std::ranges::any_of(kLater, [&](std::string_view later) { return iequals(later, name); })) {
        return header_not_implemented(kAlgorithmHeader);
    }
    return invalid_request("Checksum algorithm provided is unsupported. Please try again with any "
                           "of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]");
}

// What each algorithm can be: hashes of parts do not add up, and CRC64NVME is of the whole only.
Result<std::string> decode_type(ChecksumAlgorithm algorithm, std::string_view type) {
    const bool is_hash =
        algorithm == ChecksumAlgorithm::Sha1 || algorithm == ChecksumAlgorithm::Sha256;
    const bool is_whole_only = algorithm == ChecksumAlgorithm::Crc64Nvme;
    if (type.empty()) {
        return std::string(is_whole_only ? "FULL_OBJECT" : "COMPOSITE");
    }
    if (type != "FULL_OBJECT" && type != "COMPOSITE") {
        return invalid_request("Value for x-amz-checksum-type header is invalid.");
    }
    if ((is_hash && type == "FULL_OBJECT") || (is_whole_only && type == "COMPOSITE")) {
        return invalid_request(
            "The " + std::string(type) + " checksum type cannot be used with the " +
            algorithm_word(algorithm) + " checksum algorithm."
        );
    }
    return std::string(type);
}

Result<void> decode_checksum(const S3Request& request, CreateMultipartUploadInput& input) {
    const auto name = request.header(kAlgorithmHeader);
    const auto type = request.header(kTypeHeader);
    if (!name) {
        if (type) {
            return invalid_request("The x-amz-checksum-type header can only be used with the "
                                   "x-amz-checksum-algorithm header.");
        }
        return {};
    }
    const auto algorithm = parse_algorithm(*name);
    if (!algorithm) {
        return algorithm.error();
    }
    auto decoded = decode_type(*algorithm, type.value_or(""));
    if (!decoded) {
        return decoded.error();
    }
    input.algorithm = *algorithm;
    input.checksum_type = *std::move(decoded);
    return {};
}

Result<std::unique_ptr<Input>> decode(const S3Request& request) {
    if (request.authenticated.type == auth::AuthType::Anonymous) {
        return access_denied("Anonymous users cannot initiate multipart uploads. Please "
                             "authenticate.");
    }
    auto input = std::make_unique<CreateMultipartUploadInput>();
    auto made = decode_new_object(request);
    if (!made) {
        return made.error();
    }
    input->made = *std::move(made);
    if (auto ok = decode_checksum(request, *input); !ok) {
        return ok.error();
    }
    return std::unique_ptr<Input>(std::move(input));
}

std::vector<service::AccessRequest>
access_requests(const S3Request& request, const Input& base, const store::Bucket* bucket) {
    const auto& input = static_cast<const CreateMultipartUploadInput&>(base);
    return new_object_access(request, input.made, *bucket);
}

// Who is shown as Initiator: the account's canonical id, or the user's or session's ARN and name
// ("ListParts", Amazon S3 API Reference).
void set_initiator(
    const store::ReadTx& tx, const policy::Principal& caller, store::Upload& upload
) {
    if (caller.kind == policy::Principal::Kind::Root) {
        upload.initiator = tx.account(caller.account).canonical_id;
        return;
    }
    upload.initiator = caller.arn;
    const auto slash = caller.arn.find('/');
    upload.initiator_name = slash == std::string::npos ? caller.arn : caller.arn.substr(slash + 1);
}

Result<Response>
write(store::WriteTx& tx, const service::OpContext& context, const S3Request& request, Input& base, StagedObject*) {
    auto& input = static_cast<CreateMultipartUploadInput&>(base);
    const auto bucket = require_bucket(tx, request);
    if (!bucket) {
        return bucket.error();
    }
    store::Upload upload;
    upload.id = make_upload_id(context.random);
    upload.bucket = bucket->id;
    upload.object.key = request.target.key;
    upload.object.attributes = std::move(input.made.attributes);
    if (auto ok = settle_acl(context, *bucket, input.made.acl, upload.object); !ok) {
        return ok.error();
    }
    auto lock = requested_lock(input.made.lock, *bucket, context.now);
    if (!lock) {
        return lock.error();
    }
    upload.object.lock = *std::move(lock);
    upload.object.checksum_algorithm = input.algorithm;
    upload.object.checksum_type = input.checksum_type;
    upload.object.sequencer = tx.next_sequencer(context.now);
    upload.initiated_at = context.now;
    set_initiator(tx, context.caller, upload);
    tx.put_upload(upload);

    Headers headers;
    headers.add("x-amz-server-side-encryption", "AES256");
    if (input.algorithm) {
        headers.add(kAlgorithmHeader, checksum_name(*input.algorithm));
        headers.add(kTypeHeader, input.checksum_type);
    }
    add_abort_headers(headers, context, *bucket, upload);
    protocol::XmlWriter xml;
    xml.open("InitiateMultipartUploadResult", kXmlNamespace);
    xml.element("Bucket", bucket->name);
    xml.element("Key", upload.object.key);
    xml.element("UploadId", upload.id);
    xml.close();
    return xml_response_with(std::move(headers), std::move(xml).take());
}

} // namespace

Operation create_multipart_upload_operation() {
    return {
        .name = "CreateMultipartUpload",
        .method = "POST",
        .level = Level::Object,
        .selector = "uploads",
        .iam_action = "s3:PutObject",
        .access = Access::Write,
        .body = BodyKind::Ignored,
        .decode = decode,
        .access_requests = access_requests,
        .decode_document = nullptr,
        .read = nullptr,
        .write = write};
}

} // namespace benchtop::s3
