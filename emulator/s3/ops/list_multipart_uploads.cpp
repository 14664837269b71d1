// ListMultipartUploads: `GET /bucket?uploads`. Elements, their order and the corners of paging as
// recorded (localstack, TestS3ListMultipartUploads): uploads of one key in the order they began,
// and no next marker after a common prefix.
#include "emulator/core/encoding.hpp"
#include "emulator/s3/errors.hpp"
#include "emulator/s3/listing.hpp"
#include "emulator/s3/multipart.hpp"
#include "emulator/s3/ops/common.hpp"
#include "emulator/s3/ops/list_common.hpp"
#include "emulator/s3/ops/ops.hpp"
#include "emulator/s3/xml_answer.hpp"

#include <algorithm>

namespace benchtop::s3 {
namespace {

struct ListMultipartUploadsInput final : Input {
    std::string prefix;
    std::string delimiter;
    std::string key_marker;
    std::string upload_id_marker; // as sent; counts only with a key marker
    std::size_t max_uploads = kMaxKeysLimit;
    bool url_encoded = false;
};

struct UploadPage {
    std::vector<store::Upload> uploads;
    std::vector<std::string> common_prefixes;
    bool truncated = false;

    std::size_t count() const { return uploads.size() + common_prefixes.size(); }
};

Result<std::unique_ptr<Input>> decode(const S3Request& request) {
    auto input = std::make_unique<ListMultipartUploadsInput>();
    const auto url_encoded = decode_url_encoding(request.query);
    if (!url_encoded) {
        return url_encoded.error();
    }
    const auto max = decode_count(request.query, "max-uploads", kMaxKeysLimit, "max-uploads");
    if (!max) {
        return max.error();
    }
    input->url_encoded = *url_encoded;
    input->max_uploads = std::min(*max, kMaxKeysLimit);
    input->prefix = request.query.get("prefix");
    input->delimiter = request.query.get("delimiter");
    input->key_marker = request.query.get("key-marker");
    input->upload_id_marker = request.query.get("upload-id-marker");
    return std::unique_ptr<Input>(std::move(input));
}

std::vector<service::AccessRequest>
access_requests(const S3Request&, const Input&, const store::Bucket* bucket) {
    return {bucket_access("s3:ListBucketMultipartUploads", *bucket)};
}

// The upload after which the page begins: with a key marker only. It may have ended meanwhile.
Result<std::optional<store::Upload>> marked_upload(
    const store::ReadTx& tx, const store::Bucket& bucket, const ListMultipartUploadsInput& input
) {
    std::optional<store::Upload> marked;
    if (input.key_marker.empty() || input.upload_id_marker.empty()) {
        return marked;
    }
    marked = tx.find_upload(input.upload_id_marker);
    if (!marked || marked->bucket != bucket.id || marked->object.key != input.key_marker) {
        return invalid_argument(
            "Invalid uploadId marker", "upload-id-marker", input.upload_id_marker
        );
    }
    return marked;
}

UploadPage upload_page(
    const store::ReadTx& tx,
    const store::Bucket& bucket,
    const ListMultipartUploadsInput& input,
    const std::optional<store::Upload>& marked
) {
    UploadPage page;
    const ListingQuery query{
        input.prefix,
        input.delimiter,
        marked ? std::string() : input.key_marker,
        input.max_uploads};
    auto start = first_key(query);
    if (!start || query.max_keys == 0) {
        return page;
    }
    if (marked) {
        start = std::max(*start, marked->object.key);
    }
    tx.scan_uploads(bucket.id, *start, [&](const store::Upload& upload) {
        const std::string& key = upload.object.key;
        if (!key.starts_with(query.prefix)) {
            return store::ScanStep::stop();
        }
        if (marked && key == marked->object.key &&
            upload.object.sequencer <= marked->object.sequencer) {
            return store::ScanStep::next();
        }
        if (page.count() == query.max_keys) {
            page.truncated = true;
            return store::ScanStep::stop();
        }
        const auto group = group_of(key, query);
        if (!group) {
            page.uploads.push_back(upload);
            return store::ScanStep::next();
        }
        page.common_prefixes.emplace_back(*group);
        auto next = after_all_with_prefix(*group);
        return next ? store::ScanStep::to(std::move(*next)) : store::ScanStep::stop();
    });
    return page;
}

class UploadsWriter {
public:
    UploadsWriter(const store::ReadTx& tx, const store::Bucket& bucket, bool url_encoded)
        : tx_(tx)
        , bucket_(bucket)
        , url_encoded_(url_encoded) {}

    void key(std::string_view element, std::string_view text) {
        if (url_encoded_) {
            xml_.element(element, form_encode_key(text));
        } else {
            xml_.element(element, text);
        }
    }

    void upload(const store::Upload& upload) {
        xml_.open("Upload");
        key("Key", upload.object.key);
        xml_.element("UploadId", upload.id);
        write_upload_identity(xml_, tx_, bucket_, upload);
        xml_.element("Initiated", to_iso8601_ms(std::chrono::floor<seconds>(upload.initiated_at)));
        if (const auto& algorithm = upload.object.checksum_algorithm) {
            xml_.element("ChecksumAlgorithm", checksum_name(*algorithm));
            xml_.element("ChecksumType", upload.object.checksum_type);
        }
        xml_.close();
    }

    protocol::XmlWriter& xml() { return xml_; }

private:
    const store::ReadTx& tx_;
    const store::Bucket& bucket_;
    bool url_encoded_;
    protocol::XmlWriter xml_;
};

Result<Response>
read(const store::ReadTx& tx, const service::OpContext&, const S3Request& request, Input& base) {
    const auto& input = static_cast<const ListMultipartUploadsInput&>(base);
    const auto bucket = require_bucket(tx, request);
    if (!bucket) {
        return bucket.error();
    }
    const auto marked = marked_upload(tx, *bucket, input);
    if (!marked) {
        return marked.error();
    }
    const UploadPage page = upload_page(tx, *bucket, input, *marked);
    const store::Upload* const last = page.uploads.empty() ? nullptr : &page.uploads.back();

    UploadsWriter writer(tx, *bucket, input.url_encoded);
    protocol::XmlWriter& xml = writer.xml();
    xml.open("ListMultipartUploadsResult", kXmlNamespace);
    xml.element("Bucket", bucket->name);
    writer.key("KeyMarker", input.key_marker);
    xml.element("UploadIdMarker", *marked ? (*marked)->id : std::string());
    writer.key("NextKeyMarker", last ? last->object.key : std::string());
    xml.element("NextUploadIdMarker", last ? last->id : std::string());
    if (!input.delimiter.empty()) {
        writer.key("Delimiter", input.delimiter);
    }
    if (!input.prefix.empty()) {
        writer.key("Prefix", input.prefix);
    }
    if (input.url_encoded) {
        xml.element("EncodingType", "url");
    }
    xml.element("MaxUploads", std::uint64_t{input.max_uploads});
    xml.element("IsTruncated", page.truncated);
    for (const store::Upload& upload : page.uploads) {
        writer.upload(upload);
    }
    for (const std::string& prefix : page.common_prefixes) {
        xml.open("CommonPrefixes");
        writer.key("Prefix", prefix);
        xml.close();
    }
    xml.close();
    return xml_response(std::move(xml).take());
}

} // namespace

Operation list_multipart_uploads_operation() {
    return {
        .name = "ListMultipartUploads",
        .method = "GET",
        .level = Level::Bucket,
        .selector = "uploads",
        .iam_action = "s3:ListBucketMultipartUploads",
        .access = Access::Read,
        .body = BodyKind::Ignored,
        .decode = decode,
        .access_requests = access_requests,
        .decode_document = nullptr,
        .read = read,
        .write = nullptr};
}

} // namespace benchtop::s3
