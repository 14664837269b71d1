// CopyObject. Amazon S3 API Reference, "CopyObject". The copy holds a reference to the source's
// body: no byte is copied. Bytes are read for digests the source does not have: the MD5 of what was
// a multipart upload, which the copy is no more, and the checksum of another algorithm.
#include "emulator/core/assert.hpp"
#include "emulator/core/encoding.hpp"
#include "emulator/protocol/xml_writer.hpp"
#include "emulator/s3/errors.hpp"
#include "emulator/s3/object_events.hpp"
#include "emulator/s3/ops/common.hpp"
#include "emulator/s3/ops/conditions.hpp"
#include "emulator/s3/ops/copy_source.hpp"
#include "emulator/s3/ops/lifecycle_common.hpp"
#include "emulator/s3/ops/lock_headers.hpp"
#include "emulator/s3/ops/object_answer.hpp"
#include "emulator/s3/ops/object_headers.hpp"
#include "emulator/s3/ops/ops.hpp"
#include "emulator/s3/stored_digests.hpp"
#include "emulator/s3/versions.hpp"

#include <algorithm>
#include <array>

namespace benchtop::s3 {
namespace {

constexpr std::string_view kXmlns = "http://s3.amazonaws.com/doc/2006-03-01/";

struct CopyObjectInput : Input {
    CopySource source;
    bool replace_metadata = false;
    bool replace_tags = false;
    store::ObjectAttributes attributes; // with replace_metadata: content headers and metadata
    Tags tags;                          // with replace_tags
    StorageHeaders storage;
    LockHeaders lock;
    std::optional<ChecksumAlgorithm> checksum_algorithm;
    WriteConditions conditions;
    std::shared_ptr<StoredDigests> digests; // by prepare()
};

// COPY (default) or REPLACE.
Result<bool>
decode_directive(const S3Request& request, std::string_view header, std::string_view refusal) {
    const auto directive = request.header(header);
    if (!directive || *directive == "COPY") {
        return false;
    }
    if (*directive == "REPLACE") {
        return true;
    }
    return invalid_argument(refusal, header, *directive);
}

Result<void> decode_replacements(const S3Request& request, CopyObjectInput& input) {
    const auto replace_metadata =
        decode_directive(request, "x-amz-metadata-directive", "Unknown metadata directive.");
    if (!replace_metadata) {
        return replace_metadata.error();
    }
    const auto replace_tags =
        decode_directive(request, "x-amz-tagging-directive", "Unknown tagging directive.");
    if (!replace_tags) {
        return replace_tags.error();
    }
    input.replace_metadata = *replace_metadata;
    input.replace_tags = *replace_tags;
    if (input.replace_metadata) {
        auto attributes = decode_content_headers(request);
        if (!attributes) {
            return attributes.error();
        }
        input.attributes = *std::move(attributes);
    }
    if (input.replace_tags) {
        auto tags = decode_tagging_header(request.header("x-amz-tagging").value_or(""));
        if (!tags) {
            return tags.error();
        }
        input.tags = *std::move(tags);
    }
    return {};
}

Result<void> decode_checksum_algorithm(const S3Request& request, CopyObjectInput& input) {
    const auto name = request.header("x-amz-checksum-algorithm");
    if (!name) {
        return {};
    }
    input.checksum_algorithm = parse_checksum_name(*name);
    if (!input.checksum_algorithm) {
        return invalid_request("Checksum algorithm provided is unsupported. Please try again with "
                               "any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]");
    }
    return {};
}

Result<std::unique_ptr<Input>> decode(const S3Request& request) {
    if (request.authenticated.type == auth::AuthType::Anonymous) {
        return access_denied("Anonymous users cannot copy objects. Please authenticate.");
    }
    if (const auto range = request.head.headers.find("range")) {
        return invalid_argument("RANGE is not supported in Copy!", "Range", *range);
    }
    auto input = std::make_unique<CopyObjectInput>();
    auto source = parse_copy_source(request.header("x-amz-copy-source").value_or(""));
    if (!source) {
        return source.error();
    }
    input->source = *std::move(source);
    if (auto ok = decode_replacements(request, *input); !ok) {
        return ok.error();
    }
    auto storage = decode_storage_headers(request);
    if (!storage) {
        return storage.error();
    }
    input->storage = *std::move(storage);
    auto lock = decode_lock_headers(request);
    if (!lock) {
        return lock.error();
    }
    input->lock = *std::move(lock);
    if (auto ok = decode_checksum_algorithm(request, *input); !ok) {
        return ok.error();
    }
    auto conditions = decode_write_conditions(request);
    if (!conditions) {
        return conditions.error();
    }
    input->conditions = *std::move(conditions);
    return std::unique_ptr<Input>(std::move(input));
}

service::AccessRequest destination_access(
    std::string_view action, const S3Request& request, const Tags& tags, const store::Bucket& bucket
) {
    auto access = object_access(action, bucket, request.target.key);
    add_write_conditions(request, tags, access);
    return access;
}

// The source is asked for in write(), where its bucket is known.
std::vector<service::AccessRequest>
access_requests(const S3Request& request, const Input& base, const store::Bucket* bucket) {
    const auto& input = static_cast<const CopyObjectInput&>(base);
    std::vector<service::AccessRequest> requests;
    requests.push_back(destination_access("s3:PutObject", request, input.tags, *bucket));
    if (asks_for_acl(request, *bucket)) {
        requests.push_back(destination_access("s3:PutObjectAcl", request, input.tags, *bucket));
    }
    add_lock_access(input.lock, request, *bucket, requests);
    return requests;
}

// Tags that travel need rights at both ends.
Result<void> check_tag_rights(
    const service::OpContext& context,
    const S3Request& request,
    const CopyObjectInput& input,
    const FoundSource& source,
    const store::Bucket& destination
) {
    if (!input.replace_tags && !source.object.attributes.tags.empty()) {
        auto access =
            version_access("s3:GetObject", source.bucket, source.object.key, input.source.version);
        access.action += "Tagging"; // s3:GetObjectTagging, s3:GetObjectVersionTagging
        if (auto allowed = context.authorizer.check(access); !allowed) {
            return allowed.error();
        }
    }
    const Tags& tags = input.replace_tags ? input.tags : source.object.attributes.tags;
    if (!tags.empty()) {
        auto access = destination_access("s3:PutObjectTagging", request, tags, destination);
        if (auto allowed = context.authorizer.check(access); !allowed) {
            return allowed.error();
        }
    }
    return {};
}

// A version named by its id may be copied over the current one: that is how it is restored.
bool changes_nothing(const CopyObjectInput& input, const S3Request& request) {
    return input.source.bucket == request.target.bucket && input.source.key == request.target.key &&
           !input.source.version && !input.replace_metadata && !input.storage.names_storage_class &&
           !input.storage.names_redirect && !input.storage.names_encryption;
}

// The checksum stays the source's, but for a composite one (recorded), or when another is asked
// for.
DigestPlan plan_digests(const CopyObjectInput& input, const store::Object& source) {
    DigestPlan plan{{source.body, 0, source.size}, source.parts > 0, {}};
    const auto wanted =
        input.checksum_algorithm ? input.checksum_algorithm : source.checksum_algorithm;
    if (wanted != source.checksum_algorithm || source.checksum_type == "COMPOSITE") {
        plan.algorithm = wanted;
    }
    return plan;
}

// Whatever is wrong, write() says so.
Work prepare(
    const store::ReadTx& tx,
    const service::OpContext& context,
    const S3Request& request,
    Input& base
) {
    auto& input = static_cast<CopyObjectInput&>(base);
    const auto found = find_copy_source(tx, context, request, input.source);
    if (!found || !check_copy_size(found->object.size)) {
        return {};
    }
    return make_digest_work(tx, plan_digests(input, found->object), input.digests);
}

Result<store::Object> make_copy(
    store::WriteTx& tx,
    const service::OpContext& context,
    const S3Request& request,
    CopyObjectInput& input,
    const store::Object& source
) {
    const DigestPlan plan = plan_digests(input, source);
    auto digests = find_digests(input.digests, plan);
    if (!digests) {
        return digests.error();
    }
    store::Object copy = source;
    copy.key = request.target.key;
    copy.last_modified = context.now;
    copy.parts = 0;
    if (plan.md5) {
        copy.etag = std::move(digests->md5_hex);
    }
    if (plan.algorithm) {
        copy.checksum_algorithm = plan.algorithm;
        copy.checksum = std::move(digests->checksum);
        copy.checksum_type = "FULL_OBJECT";
    }
    if (input.replace_metadata) {
        copy.attributes = std::move(input.attributes);
    }
    copy.attributes.tags = input.replace_tags ? std::move(input.tags) : source.attributes.tags;
    copy.attributes.storage_class = std::move(input.storage.storage_class);
    copy.attributes.website_redirect_location = std::move(input.storage.website_redirect_location);
    copy.sequencer = tx.next_sequencer(context.now);
    return copy;
}

Response copy_answer(
    const FoundSource& source, const store::Bucket& destination, const store::Object& copy
) {
    protocol::XmlWriter xml;
    xml.open("CopyObjectResult", kXmlns);
    const UtcInstant whole = std::chrono::floor<seconds>(copy.last_modified);
    xml.element("LastModified", to_iso8601_ms(whole));
    xml.element("ETag", quoted(copy.etag));
    if (copy.checksum_algorithm) {
        xml.element("ChecksumType", copy.checksum_type);
        xml.element(
            "Checksum" + std::string(checksum_name(*copy.checksum_algorithm)), copy.checksum
        );
    }
    xml.close();
    Response response = xml_response(std::move(xml).take());
    Headers headers;
    if (versioning_of(source.bucket) != Versioning::Off) {
        headers.add("x-amz-copy-source-version-id", shown_version_id(source.object));
    }
    add_version_header(headers, destination, copy);
    headers.add("x-amz-server-side-encryption", "AES256");
    for (const auto& [name, value] : response.headers.entries()) {
        headers.add(name, value);
    }
    response.headers = std::move(headers);
    return response;
}

Result<Response>
write(store::WriteTx& tx, const service::OpContext& context, const S3Request& request, Input& base, StagedObject*) {
    auto& input = static_cast<CopyObjectInput&>(base);
    const auto bucket = require_bucket(tx, request);
    if (!bucket) {
        return bucket.error();
    }
    const auto source = find_copy_source(tx, context, request, input.source);
    if (!source) {
        return source.error();
    }
    if (auto ok = check_copy_size(source->object.size); !ok) {
        return ok.error();
    }
    // A bucket with a default encryption of its own encrypts the copy anew (recorded).
    if (changes_nothing(input, request) && !bucket->setting("encryption")) {
        return invalid_request(
            "This copy request is illegal because it is trying to copy an object to itself without "
            "changing the object's metadata, storage class, website redirect location or "
            "encryption attributes."
        );
    }
    const std::string& key = request.target.key;
    if (auto ok = check_write_conditions(tx, *bucket, input.conditions, key, context.now); !ok) {
        return ok.error();
    }
    if (auto ok = check_tag_rights(context, request, input, *source, *bucket); !ok) {
        return ok.error();
    }
    auto lock = requested_lock(input.lock, *bucket, context.now);
    if (!lock) {
        return lock.error();
    }
    apply_default_retention(*bucket, context.now, *lock);
    auto copy = make_copy(tx, context, request, input, source->object);
    if (!copy) {
        return copy.error();
    }
    if (auto ok = settle_acl(context, *bucket, input.storage.acl, *copy); !ok) {
        return ok.error();
    }
    copy->lock = *std::move(lock);
    store_version(tx, context, *bucket, *copy);
    raise_event(tx, context, *bucket, created_event("ObjectCreated:Copy", *copy));
    Response answer = copy_answer(*source, *bucket, *copy);
    add_expiration_header(answer.headers, context, *bucket, *copy);
    return answer;
}

} // namespace

Operation copy_object_operation() {
    return {
        .name = "CopyObject",
        .method = "PUT",
        .level = Level::Object,
        .selector = "",
        .iam_action = "s3:PutObject",
        .access = Access::Write,
        .body = BodyKind::Ignored,
        .decode = decode,
        .access_requests = access_requests,
        .decode_document = nullptr,
        .read = nullptr,
        .write = write,
        .prepare = prepare};
}

} // namespace benchtop::s3
