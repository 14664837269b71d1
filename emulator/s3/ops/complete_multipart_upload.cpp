// CompleteMultipartUpload: `POST /bucket/key?uploadId=ID`. The object refers to the bytes of its
// parts; its ETag and checksum follow from theirs.
//
// An upload counts from its beginning (Last-Modified, and who wins over whom): "another request
// received between the time you initiate and complete a multipart upload might take precedence"
// ("CompleteMultipartUpload", Amazon S3 API Reference; source of the details: openstack/swift,
// test/s3api/test_mpu.py, written to pass on AWS).
#include "emulator/core/digest.hpp"
#include "emulator/core/encoding.hpp"
#include "emulator/s3/encryption_headers.hpp"
#include "emulator/s3/errors.hpp"
#include "emulator/s3/errors_multipart.hpp"
#include "emulator/s3/multipart.hpp"
#include "emulator/s3/object_events.hpp"
#include "emulator/s3/object_lock.hpp"
#include "emulator/s3/ops/common.hpp"
#include "emulator/s3/ops/complete_document.hpp"
#include "emulator/s3/ops/conditions.hpp"
#include "emulator/s3/ops/lifecycle_common.hpp"
#include "emulator/s3/ops/object_headers.hpp"
#include "emulator/s3/ops/ops.hpp"
#include "emulator/s3/versions.hpp"
#include "emulator/s3/xml_answer.hpp"

#include <algorithm>

namespace benchtop::s3 {
namespace {

constexpr std::string_view kChecksumPrefix = "x-amz-checksum-";
constexpr std::string_view kSizeHeader = "x-amz-mp-object-size";

struct CompleteMultipartUploadInput final : Input {
    std::vector<ListedPart> parts;
    std::string parts_hash; // tells one list from another
    WriteConditions conditions;
    std::string checksum_type;
    std::string checksum_word; // of an x-amz-checksum-* header; "" without one
    std::string checksum;
    std::optional<std::uint64_t> object_size;
};

void decode_checksum(const S3Request& request, CompleteMultipartUploadInput& input) {
    for (const auto& [name, value] : request.head.headers.entries()) {
        const std::string lower = to_lower(name);
        if (lower == "x-amz-checksum-type") {
            input.checksum_type = trim(value);
        } else if (lower.starts_with(kChecksumPrefix) && lower != "x-amz-checksum-algorithm") {
            input.checksum_word = lower.substr(kChecksumPrefix.size());
            input.checksum = trim(value);
        }
    }
}

Result<std::unique_ptr<Input>> decode(const S3Request& request) {
    auto input = std::make_unique<CompleteMultipartUploadInput>();
    if (auto ok = refuse_encryption_of_read(request); !ok) {
        return ok.error();
    }
    auto conditions = decode_write_conditions(request);
    if (!conditions) {
        return conditions.error();
    }
    input->conditions = *std::move(conditions);
    decode_checksum(request, *input);
    if (const auto size = request.header(kSizeHeader)) {
        input->object_size = parse_u64(*size);
        if (!input->object_size) {
            return invalid_request("Value for x-amz-mp-object-size header is invalid.");
        }
    }
    return std::unique_ptr<Input>(std::move(input));
}

std::vector<service::AccessRequest>
access_requests(const S3Request& request, const Input&, const store::Bucket* bucket) {
    auto access = object_access("s3:PutObject", *bucket, request.target.key);
    add_write_conditions(request, {}, access);
    return {std::move(access)};
}

// An empty body lists no part, which write() refuses: an unknown upload is told first (recorded).
Result<void> decode_document(Input& base, std::string_view document) {
    auto& input = static_cast<CompleteMultipartUploadInput&>(base);
    if (document.empty()) {
        return {};
    }
    auto parts = parse_complete_document(document);
    if (!parts) {
        return parts.error();
    }
    input.parts = *std::move(parts);
    std::string text;
    for (const ListedPart& part : input.parts) {
        text += std::to_string(part.number) + " " + part.etag + "\n";
    }
    input.parts_hash = sha256_hex(text);
    return {};
}

// A condition about the object as it was when the upload began cannot be kept when the key has
// changed since (recorded: localstack, TestS3ObjectWritePrecondition).
Result<void> check_conditions(
    const CompleteMultipartUploadInput& input,
    const store::Upload& upload,
    const std::optional<store::Object>& current
) {
    const std::string& key = upload.object.key;
    if (auto ok = check_write_conditions(input.conditions, current, key); !ok) {
        return ok.error();
    }
    if (input.conditions.if_absent && upload.key_deleted) {
        return conditional_request_conflict("If-None-Match", key);
    }
    if (!input.conditions.if_match.empty() && current->sequencer > upload.object.sequencer) {
        return conditional_request_conflict("If-Match", key);
    }
    return {};
}

Result<void> check_list(const CompleteMultipartUploadInput& input, const store::Upload& upload) {
    if (input.parts.empty()) {
        return invalid_request("You must specify at least one part");
    }
    const auto not_ascending =
        std::ranges::adjacent_find(input.parts, [](const ListedPart& a, const ListedPart& b) {
            return a.number >= b.number;
        });
    if (not_ascending != input.parts.end()) {
        return invalid_part_order(upload.id);
    }
    const std::string& type = upload.object.checksum_type;
    if (!input.checksum_type.empty() && input.checksum_type != type) {
        return invalid_request(
            "The upload was created using the " + (type.empty() ? std::string("null") : type) +
            " checksum mode. The complete request must use the same checksum mode."
        );
    }
    return {};
}

// The checksum a listed part comes with, against the one taken when it was uploaded.
Result<void> check_part_checksum(
    const store::Upload& upload, const ListedPart& listed, const store::UploadPart& part
) {
    const auto& algorithm = upload.object.checksum_algorithm;
    if (listed.checksum_word.empty()) {
        if (upload.object.checksum_type != "COMPOSITE") {
            return {};
        }
        return invalid_request(
            "The upload was created using a " + algorithm_word(*algorithm) +
            " checksum. The complete request must include the checksum for each part. It was "
            "missing for part " +
            std::to_string(listed.number) + " in the request."
        );
    }
    if (algorithm && listed.checksum_word != algorithm_word(*algorithm)) {
        return bad_digest_of_part(listed.checksum_word, listed.number);
    }
    if (!algorithm || listed.checksum != part.checksum) {
        return invalid_part(upload.id, listed.number, listed.etag);
    }
    return {};
}

// The uploaded parts the list names, in its order. What it does not name is dropped.
Result<std::vector<store::UploadPart>> choose_parts(
    const store::ReadTx& tx, const CompleteMultipartUploadInput& input, const store::Upload& upload
) {
    const auto uploaded = tx.upload_parts(upload.id, 0, kPartNumberMax);
    std::vector<store::UploadPart> chosen;
    auto next = uploaded.begin();
    for (const ListedPart& listed : input.parts) {
        next = std::find_if(next, uploaded.end(), [&](const store::UploadPart& part) {
            return static_cast<std::uint64_t>(part.number) >= listed.number;
        });
        if (next == uploaded.end() || static_cast<std::uint64_t>(next->number) != listed.number ||
            next->etag != listed.etag) {
            return invalid_part(upload.id, listed.number, listed.etag);
        }
        if (auto ok = check_part_checksum(upload, listed, *next); !ok) {
            return ok.error();
        }
        chosen.push_back(*next);
    }
    for (std::size_t i = 0; i + 1 < chosen.size(); ++i) {
        if (chosen[i].size < kPartBytesMin) {
            return entity_too_small(chosen[i].size, input.parts[i].number, chosen[i].etag);
        }
    }
    return chosen;
}

// A checksum of the whole in the request's headers. With FULL_OBJECT it counts only together with
// its type; of an upload without algorithm it is ignored (recorded: localstack,
// test_multipart_parts_checksum_exceptions_full_object and test_complete_multipart_parts_checksum_
// default).
Result<void> check_whole_checksum(
    const CompleteMultipartUploadInput& input, const store::Upload& upload, std::string_view whole
) {
    const auto& algorithm = upload.object.checksum_algorithm;
    if (!algorithm || input.checksum_word.empty()) {
        return {};
    }
    const bool says_type = !input.checksum_type.empty() ||
                           upload.object.checksum_type == "COMPOSITE" ||
                           *algorithm == ChecksumAlgorithm::Crc64Nvme;
    if (!says_type || input.checksum_word != algorithm_word(*algorithm) ||
        input.checksum != whole) {
        return bad_digest_of_upload(algorithm_word(*algorithm));
    }
    return {};
}

Result<store::Object> make_object(
    const CompleteMultipartUploadInput& input,
    const store::Upload& upload,
    const std::vector<store::UploadPart>& parts
) {
    store::Object object = upload.object;
    object.parts = static_cast<int>(parts.size());
    object.etag = multipart_etag(parts);
    object.last_modified = upload.initiated_at;
    object.checksum_algorithm = part_algorithm(upload);
    object.checksum = whole_checksum(upload, parts);
    if (object.checksum_type.empty()) {
        object.checksum_type = "FULL_OBJECT";
    }
    for (const store::UploadPart& part : parts) {
        object.size += part.size;
    }
    if (input.object_size && *input.object_size != object.size) {
        return invalid_request(
            "The provided 'x-amz-mp-object-size' header value " +
            std::to_string(*input.object_size) +
            " does not match what was computed: " + std::to_string(object.size)
        );
    }
    if (auto ok = check_whole_checksum(input, upload, object.checksum); !ok) {
        return ok.error();
    }
    return object;
}

store::BodyId compose(
    store::WriteTx& tx, const store::Upload& upload, const std::vector<store::UploadPart>& parts
) {
    std::vector<store::BodySlice> slices;
    std::vector<store::BodyPart> ranges;
    std::uint64_t offset = 0;
    for (const store::UploadPart& part : parts) {
        slices.push_back({part.body, 0, part.size});
        ranges.push_back(
            {offset, part.size, upload.object.checksum_algorithm ? part.checksum : std::string()}
        );
        offset += part.size;
    }
    return tx.compose_body(slices, ranges);
}

// Whether the key has changed since the upload began.
bool is_overtaken(
    const store::ReadTx& tx, const store::Bucket& bucket, const store::Upload& upload
) {
    const auto current = tx.current_version(bucket.id, upload.object.key);
    return (current && current->sequencer > upload.object.sequencer) ||
           (upload.key_deleted && versioning_of(bucket) == Versioning::Off);
}

std::string remember(const CompleteMultipartUploadInput& input, const store::Object& object) {
    return "completed " + input.parts_hash + " " + object.version_id;
}

// The object of an upload that was completed before with the same list, if it is still there.
std::optional<store::Object> completed_before(
    const store::ReadTx& tx,
    const store::Bucket& bucket,
    const CompleteMultipartUploadInput& input,
    const store::Upload& upload
) {
    const std::string_view ended = how_ended(upload);
    const auto last_space = ended.rfind(' ');
    if (last_space == std::string_view::npos) {
        return std::nullopt;
    }
    auto object = tx.find_version(bucket.id, upload.object.key, ended.substr(last_space + 1));
    if (!object || object->sequencer != upload.object.sequencer ||
        ended != remember(input, *object)) {
        return std::nullopt;
    }
    return object;
}

std::string location_of(const store::Bucket& bucket, std::string_view key) {
    const std::string region = bucket.region == "us-east-1" ? "" : "." + bucket.region;
    return "https://" + bucket.name + ".s3" + region + ".amazonaws.com/" +
           percent_encode(key, SlashRule::Encode);
}

Response completed_answer(const store::Bucket& bucket, const store::Object& object) {
    Headers headers;
    if (!object.version_id.empty()) { // while suspended, none is shown, as on PUT
        headers.add("x-amz-version-id", object.version_id);
    }
    headers.add("x-amz-server-side-encryption", "AES256");
    protocol::XmlWriter xml;
    xml.open("CompleteMultipartUploadResult", kXmlNamespace);
    xml.element("Location", location_of(bucket, object.key));
    xml.element("Bucket", bucket.name);
    xml.element("Key", object.key);
    xml.element("ETag", quoted_etag(object.etag));
    xml.element(
        "Checksum" + std::string(checksum_name(*object.checksum_algorithm)), object.checksum
    );
    xml.element("ChecksumType", object.checksum_type);
    xml.close();
    // S3 sends the prolog early, and a line's end when it knows the rest (recorded).
    std::string document = std::move(xml).take();
    document.insert(document.find('\n'), "\n");
    return xml_response_with(std::move(headers), std::move(document));
}

Result<Response>
write(store::WriteTx& tx, const service::OpContext& context, const S3Request& request, Input& base, StagedObject*) {
    const auto& input = static_cast<const CompleteMultipartUploadInput&>(base);
    const auto bucket = require_bucket(tx, request);
    if (!bucket) {
        return bucket.error();
    }
    auto upload = find_upload(tx, *bucket, request);
    if (upload && !upload->completion.empty()) {
        if (const auto before = completed_before(tx, *bucket, input, *upload)) {
            return completed_answer(*bucket, *before);
        }
        upload.reset();
    }
    if (!upload) {
        return no_such_upload(request.query.get("uploadId"));
    }
    if (auto ok = check_conditions(input, *upload, tx.find_object(bucket->id, request.target.key));
        !ok) {
        return ok.error();
    }
    if (auto ok = check_list(input, *upload); !ok) {
        return ok.error();
    }
    const auto parts = choose_parts(tx, input, *upload);
    if (!parts) {
        return parts.error();
    }
    auto object = make_object(input, *upload, *parts);
    if (!object) {
        return object.error();
    }
    apply_default_retention(*bucket, context.now, object->lock);
    object->body = compose(tx, *upload, *parts);
    if (is_overtaken(tx, *bucket, *upload)) {
        store_older_version(tx, context, *bucket, *object);
    } else {
        store_version(tx, context, *bucket, *object);
    }
    end_upload(tx, context, *std::move(upload), remember(input, *object));
    raise_event(
        tx, context, *bucket, created_event("ObjectCreated:CompleteMultipartUpload", *object)
    );
    Response answer = completed_answer(*bucket, *object);
    add_expiration_header(answer.headers, context, *bucket, *object);
    return answer;
}

} // namespace

Operation complete_multipart_upload_operation() {
    return {
        .name = "CompleteMultipartUpload",
        .method = "POST",
        .level = Level::Object,
        .selector = "uploadId",
        .iam_action = "s3:PutObject",
        .access = Access::Write,
        .body = BodyKind::Document,
        .document_max = kCompleteDocumentMax,
        .decode = decode,
        .access_requests = access_requests,
        .decode_document = decode_document,
        .read = nullptr,
        .write = write};
}

} // namespace benchtop::s3
