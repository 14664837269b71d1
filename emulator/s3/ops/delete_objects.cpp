// DeleteObjects: up to 1000 keys at once; each is authorized and answered by itself, inside a 200.
#include "emulator/protocol/xml_reader.hpp"
#include "emulator/protocol/xml_writer.hpp"
#include "emulator/s3/document_integrity.hpp"
#include "emulator/s3/errors.hpp"
#include "emulator/s3/ops/common.hpp"
#include "emulator/s3/ops/lock_headers.hpp"
#include "emulator/s3/ops/ops.hpp"
#include "emulator/s3/ops/removal.hpp"
#include "emulator/s3/xml_answer.hpp"

namespace benchtop::s3 {
namespace {

constexpr std::size_t kObjectsMax = 1000;
constexpr std::size_t kKeyMax = 1024;
// A thousand of the longest keys, each byte as a character reference, and their tags.
constexpr std::size_t kDocumentMax = 2 * 1024 * 1024;

struct ObjectToDelete {
    std::string key;
    std::string version_id; // as sent
    std::string etag;
    bool has_other_conditions = false; // LastModifiedTime, Size
};

struct DeleteObjectsInput final : Input {
    std::vector<ObjectToDelete> objects;
    bool quiet = false;
};

Result<std::unique_ptr<Input>> decode(const S3Request& request) {
    if (auto digests = plan_document_integrity(request, ChecksumRule::Required); !digests) {
        return digests.error();
    }
    return std::unique_ptr<Input>(std::make_unique<DeleteObjectsInput>());
}

// Every key is asked for when its turn comes.
std::vector<service::AccessRequest>
access_requests(const S3Request&, const Input&, const store::Bucket*) {
    return {};
}

Result<ObjectToDelete> parse_object(pugi::xml_node element) {
    ObjectToDelete object;
    for (const pugi::xml_node child : protocol::children(element)) {
        const std::string_view name = protocol::local_name(child);
        if (name == "Key") {
            object.key = protocol::text_of(child);
        } else if (name == "VersionId") {
            object.version_id = protocol::text_of(child);
        } else if (name == "ETag") {
            object.etag = protocol::text_of(child);
        } else if (name == "LastModifiedTime" || name == "Size") {
            object.has_other_conditions = true;
        } else {
            return malformed_xml();
        }
    }
    if (object.key.empty()) {
        return malformed_xml();
    }
    return object;
}

Result<void> decode_document(Input& base, std::string_view document) {
    if (document.empty()) {
        return missing_request_body();
    }
    const auto parsed = protocol::parse_xml(document);
    if (!parsed || protocol::local_name(parsed->root()) != "Delete") {
        return malformed_xml();
    }
    auto& input = static_cast<DeleteObjectsInput&>(base);
    for (const pugi::xml_node child : protocol::children(parsed->root())) {
        const std::string_view name = protocol::local_name(child);
        if (name == "Quiet") {
            input.quiet = protocol::text_of(child) == "true";
        } else if (name == "Object" && input.objects.size() < kObjectsMax) {
            auto object = parse_object(child);
            if (!object) {
                return object.error();
            }
            input.objects.push_back(*std::move(object));
        } else {
            return malformed_xml();
        }
    }
    if (input.objects.empty()) {
        return malformed_xml();
    }
    return {};
}

// A malformed id is a version that does not exist (recorded; DeleteObject calls it invalid).
Result<VersionChoice> version_of(const store::Bucket& bucket, const ObjectToDelete& object) {
    if (object.version_id.empty()) {
        return VersionChoice();
    }
    auto choice = parse_version_id(object.version_id);
    if (!choice || !check_version_choice(bucket, *choice)) {
        return no_such_version(object.key, object.version_id);
    }
    return choice;
}

Result<void> check_rights(
    const service::OpContext& context,
    const store::Bucket& bucket,
    const ObjectToDelete& object,
    const VersionChoice& version
) {
    auto access = version_access("s3:DeleteObject", bucket, object.key, version);
    if (!object.etag.empty()) {
        access.conditions.emplace_back("s3:if-match", object.etag);
    }
    if (auto allowed = context.authorizer.check(access); !allowed) {
        return allowed.error();
    }
    if (!object.etag.empty() && object.etag != "*") {
        const auto read = object_access("s3:GetObject", bucket, object.key);
        return context.authorizer.check(read);
    }
    return {};
}

// One object by itself.
Result<Removed> remove_one(
    store::WriteTx& tx,
    const service::OpContext& context,
    const store::Bucket& bucket,
    const ObjectToDelete& object,
    bool bypass
) {
    const auto version = version_of(bucket, object);
    const VersionChoice named = object.version_id.empty() ? VersionChoice() : object.version_id;
    if (auto ok = check_rights(context, bucket, object, version ? *version : named); !ok) {
        return ok.error();
    }
    if (object.key.size() > kKeyMax) {
        return key_too_long(object.key.size());
    }
    if (!version) {
        return version.error();
    }
    if (object.has_other_conditions) {
        return header_not_implemented("x-amz-if-match-last-modified-time");
    }
    if (!object.etag.empty()) {
        if (auto ok = check_delete_condition(tx, bucket, object.key, object.etag); !ok) {
            return ok.error();
        }
    }
    if (auto ok = check_removal_lock(tx, context, bucket, object.key, *version, bypass); !ok) {
        return ok.error();
    }
    return remove_object(tx, context, bucket, object.key, *version);
}

void write_deleted(protocol::XmlWriter& xml, const ObjectToDelete& object, const Removed& removed) {
    xml.open("Deleted");
    if (removed.delete_marker) {
        xml.element("DeleteMarker", true);
        xml.element("DeleteMarkerVersionId", removed.version_id);
    }
    xml.element("Key", object.key);
    if (!object.version_id.empty()) {
        xml.element("VersionId", object.version_id);
    }
    xml.close();
}

void write_error(protocol::XmlWriter& xml, const ObjectToDelete& object, const AwsError& error) {
    xml.open("Error");
    xml.element("Key", object.key);
    if (!object.version_id.empty()) {
        xml.element("VersionId", object.version_id);
    }
    xml.element("Code", error.code());
    xml.element("Message", error.message());
    xml.close();
}

Result<Response>
write(store::WriteTx& tx, const service::OpContext& context, const S3Request& request, Input& base, StagedObject*) {
    const auto& input = static_cast<const DeleteObjectsInput&>(base);
    const auto bucket = require_bucket(tx, request);
    if (!bucket) {
        return bucket.error();
    }
    if (auto ok = check_bypass_header(request, *bucket); !ok) {
        return ok.error();
    }
    const bool bypass = asks_for_bypass(request);
    protocol::XmlWriter xml;
    xml.open("DeleteResult", kXmlNamespace);
    for (const ObjectToDelete& object : input.objects) {
        const auto removed = remove_one(tx, context, *bucket, object, bypass);
        if (!removed) {
            write_error(xml, object, removed.error());
        } else if (!input.quiet) {
            write_deleted(xml, object, *removed);
        }
    }
    xml.close();
    return xml_response(std::move(xml).take());
}

} // namespace

Operation delete_objects_operation() {
    return {
        .name = "DeleteObjects",
        .method = "POST",
        .level = Level::Bucket,
        .selector = "delete",
        .iam_action = "s3:DeleteObject",
        .access = Access::Write,
        .body = BodyKind::Document,
        .document_max = kDocumentMax,
        .decode = decode,
        .access_requests = access_requests,
        .decode_document = decode_document,
        .read = nullptr,
        .write = write,
    };
}

} // namespace benchtop::s3
