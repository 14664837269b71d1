#include "emulator/s3/ops/object_answer.hpp"

#include "emulator/core/assert.hpp"
#include "emulator/core/encoding.hpp"
#include "emulator/s3/encryption_headers.hpp"
#include "emulator/s3/errors.hpp"
#include "emulator/s3/multipart.hpp"
#include "emulator/s3/ops/common.hpp"
#include "emulator/s3/ops/conditions.hpp"
#include "emulator/s3/ops/lifecycle_common.hpp"
#include "emulator/s3/ops/lock_headers.hpp"
#include "emulator/s3/ops/metadata_text.hpp"
#include "emulator/s3/ops/range.hpp"
#include "emulator/s3/ops/version_choice.hpp"

#include <algorithm>

namespace benchtop::s3 {
namespace {

struct ObjectReadInput : Input {
    VersionChoice version;
    bool one_part = false; // ?partNumber=
    std::uint64_t part_number = 0;
    std::string range; // "" for none
    bool with_checksum = false;
    store::ObjectAttributes overrides; // response-*: what is not "" replaces the stored header
};

// The value as ISO-8859-1, the only text HTTP headers carry; nullopt when it has no such form.
std::optional<std::string> to_latin1(std::string_view utf8) {
    std::string out;
    for (std::size_t i = 0; i < utf8.size(); ++i) {
        const auto byte = static_cast<unsigned char>(utf8[i]);
        if (byte < 0x20 || byte == 0x7f) {
            return std::nullopt; // would end the header
        }
        if (byte < 0x80) {
            out += utf8[i];
            continue;
        }
        // U+0080..U+00FF are C2 80 .. C3 BF.
        if ((byte != 0xC2 && byte != 0xC3) || i + 1 == utf8.size()) {
            return std::nullopt;
        }
        const auto next = static_cast<unsigned char>(utf8[++i]);
        if ((next & 0xC0U) != 0x80U) {
            return std::nullopt;
        }
        out += static_cast<char>(((byte & 0x03U) << 6U) | (next & 0x3FU));
    }
    return out;
}

std::string* override_of(store::ObjectAttributes& overrides, std::string_view name) {
    if (name == "response-cache-control") {
        return &overrides.cache_control;
    }
    if (name == "response-content-disposition") {
        return &overrides.content_disposition;
    }
    if (name == "response-content-encoding") {
        return &overrides.content_encoding;
    }
    if (name == "response-content-language") {
        return &overrides.content_language;
    }
    if (name == "response-content-type") {
        return &overrides.content_type;
    }
    return name == "response-expires" ? &overrides.expires : nullptr;
}

Result<void> decode_overrides(const S3Request& request, ObjectReadInput& input) {
    for (const auto& parameter : request.query.parameters()) {
        if (!parameter.name.starts_with("response-")) {
            continue;
        }
        std::string* const target = override_of(input.overrides, parameter.name);
        if (target == nullptr) {
            return invalid_argument(
                parameter.name + " is not in the set of overridable response headers",
                parameter.name,
                parameter.value
            );
        }
        if (request.authenticated.type == auth::AuthType::Anonymous) {
            return invalid_request(
                "Request specific response headers cannot be used for anonymous GET requests."
            );
        }
        auto value = to_latin1(parameter.value);
        if (!value) {
            return invalid_argument(
                "Header value cannot be represented using ISO-8859-1.",
                parameter.name,
                parameter.value
            );
        }
        if (target->empty()) {
            *target = *std::move(value);
        }
    }
    return {};
}

Result<void> decode_part(const S3Request& request, ObjectReadInput& input) {
    const auto text = request.query.find("partNumber");
    if (!text) {
        return {};
    }
    if (!input.range.empty()) {
        return invalid_request("Cannot specify both Range header and partNumber query parameter");
    }
    const auto number = decode_part_number(request.query);
    if (!number) {
        return number.error();
    }
    input.one_part = true;
    input.part_number = static_cast<std::uint64_t>(*number);
    return {};
}

struct Slice {
    ByteRange range;
    std::uint64_t length = 0;
    bool partial = false;
    std::string part_checksum; // of one part of a composite checksum
};

// An object that was no multipart upload has one part: the whole.
Result<Slice>
choose_part(const store::ReadTx& tx, const store::Object& object, std::uint64_t number) {
    const auto count = static_cast<std::uint64_t>(std::max(object.parts, 1));
    if (number > count) {
        return invalid_part_number(number, count);
    }
    store::BodyPart part{0, object.size, {}};
    if (object.parts > 0 && object.size > 0) {
        const auto found = tx.body_parts(object.body, static_cast<int>(number) - 1, 1);
        BT_ASSERT(found.size() == 1);
        part = found.front();
    }
    Slice slice{{part.offset, 0}, part.size, part.size > 0, {}};
    if (slice.partial) {
        slice.range.last = part.offset + part.size - 1;
    }
    if (object.checksum_type == "COMPOSITE") {
        slice.part_checksum = part.checksum;
    }
    return slice;
}

Result<Slice>
choose_slice(const store::ReadTx& tx, const ObjectReadInput& input, const store::Object& object) {
    const std::uint64_t size = object.size;
    if (input.one_part) {
        return choose_part(tx, object, input.part_number);
    }
    Slice slice{{0, size == 0 ? 0 : size - 1}, size, false, {}};
    if (input.range.empty()) {
        return slice;
    }
    const auto range = parse_range(input.range, size);
    if (!range) {
        return range.error();
    }
    if (*range) {
        slice = {**range, (*range)->last - (*range)->first + 1, true, {}};
    }
    return slice;
}

void add_unless_empty(Headers& headers, std::string_view name, std::string_view value) {
    if (!value.empty()) {
        headers.add(name, value);
    }
}

std::string_view overridden(const std::string& override_value, const std::string& stored) {
    return override_value.empty() ? stored : override_value;
}

void add_object_headers(
    Headers& headers,
    const store::Bucket& bucket,
    const store::Object& object,
    const ObjectReadInput& input,
    const Slice& slice
) {
    const auto& stored = object.attributes;
    const auto& over = input.overrides;
    headers.add("Last-Modified", to_http_date(object.last_modified));
    headers.add("ETag", quoted(object.etag));
    if (!stored.tags.empty()) {
        headers.add("x-amz-tagging-count", std::to_string(stored.tags.size()));
    }
    // A checksum of the whole says nothing about a part, and only composite ones are kept for parts
    // (recorded: localstack, test_complete_multipart_parts_checksum_*).
    if (input.with_checksum && !slice.part_checksum.empty()) {
        headers.add(checksum_header(*object.checksum_algorithm), slice.part_checksum);
        headers.add("x-amz-checksum-type", object.checksum_type);
    } else if (input.with_checksum && slice.length == object.size) {
        add_checksum_headers(headers, object);
    }
    if (input.one_part && object.parts > 0) {
        headers.add("x-amz-mp-parts-count", std::to_string(object.parts));
    }
    headers.add("x-amz-server-side-encryption", "AES256");
    add_version_header(headers, bucket, object);
    add_unless_empty(headers, "x-amz-storage-class", stored.storage_class);
    add_unless_empty(headers, "x-amz-website-redirect-location", stored.website_redirect_location);
    for (const auto& [name, value] : stored.metadata) {
        headers.add("x-amz-meta-" + name, encode_metadata_value(value));
    }
    add_unless_empty(
        headers, "Cache-Control", overridden(over.cache_control, stored.cache_control)
    );
    add_unless_empty(
        headers,
        "Content-Disposition",
        overridden(over.content_disposition, stored.content_disposition)
    );
    add_unless_empty(
        headers, "Content-Encoding", overridden(over.content_encoding, stored.content_encoding)
    );
    add_unless_empty(
        headers, "Content-Language", overridden(over.content_language, stored.content_language)
    );
    add_unless_empty(headers, "Expires", overridden(over.expires, stored.expires));
    headers.add("Accept-Ranges", "bytes");
    if (slice.partial) {
        headers.add(
            "Content-Range",
            "bytes " + std::to_string(slice.range.first) + "-" + std::to_string(slice.range.last) +
                "/" + std::to_string(object.size)
        );
    }
    add_unless_empty(headers, "Content-Type", overridden(over.content_type, stored.content_type));
}

Response not_modified(const store::Bucket& bucket, const store::Object& object) {
    Response response = empty_response(304);
    response.headers.add("Last-Modified", to_http_date(object.last_modified));
    response.headers.add("ETag", quoted(object.etag));
    add_version_header(response.headers, bucket, object);
    return response;
}

} // namespace

std::string quoted(std::string_view etag) {
    return '"' + std::string(etag) + '"';
}

void add_checksum_headers(Headers& headers, const store::Object& object) {
    if (object.checksum_algorithm) {
        headers.add(checksum_header(*object.checksum_algorithm), object.checksum);
        headers.add("x-amz-checksum-type", object.checksum_type);
    }
}

Result<std::unique_ptr<Input>> decode_object_read(const S3Request& request) {
    if (auto ok = refuse_encryption_of_read(request); !ok) {
        return ok.error();
    }
    auto input = std::make_unique<ObjectReadInput>();
    input->range = request.head.headers.get("range");
    if (auto ok = decode_part(request, *input); !ok) {
        return ok.error();
    }
    auto version = decode_version_choice(request.query);
    if (!version) {
        return version.error();
    }
    input->version = *std::move(version);
    if (auto ok = decode_overrides(request, *input); !ok) {
        return ok.error();
    }
    input->with_checksum = iequals(request.header("x-amz-checksum-mode").value_or(""), "ENABLED");
    return std::unique_ptr<Input>(std::move(input));
}

std::vector<service::AccessRequest>
object_read_access(const S3Request& request, const Input& base, const store::Bucket* bucket) {
    const auto& input = static_cast<const ObjectReadInput&>(base);
    return {version_access("s3:GetObject", *bucket, request.target.key, input.version)};
}

Result<Response> answer_object(
    const store::ReadTx& tx,
    const service::OpContext& context,
    const S3Request& request,
    const Input& base,
    WithBody with_body
) {
    const auto& input = static_cast<const ObjectReadInput&>(base);
    const auto bucket = require_bucket(tx, request);
    if (!bucket) {
        return bucket.error();
    }
    const auto object = find_chosen_version(tx, context, request, *bucket, input.version);
    if (!object) {
        return object.error();
    }
    const std::string& storage_class = object->attributes.storage_class;
    if (with_body == WithBody::Yes &&
        (storage_class == "GLACIER" || storage_class == "DEEP_ARCHIVE")) {
        return invalid_object_state(storage_class);
    }
    const auto verdict = check_read_conditions(request, *object, context.now);
    if (!verdict) {
        return verdict.error();
    }
    if (*verdict == ReadVerdict::NotModified) {
        return not_modified(*bucket, *object);
    }
    const auto slice = choose_slice(tx, input, *object);
    if (!slice) {
        return slice.error();
    }
    Response response;
    response.status = slice->partial ? 206 : 200;
    add_object_headers(response.headers, *bucket, *object, input, *slice);
    add_lock_answer_headers(response.headers, context, *bucket, *object);
    if (!request.query.has("versionId")) { // recorded: never when a version is named
        add_expiration_header(response.headers, context, *bucket, *object);
    }
    if (with_body == WithBody::No) {
        response.is_head = true;
        response.head_length = slice->length;
        return response;
    }
    auto body = tx.open_body({object->body, slice->range.first, slice->length});
    if (!body) {
        return body_vanished();
    }
    response.body = *std::move(body);
    return response;
}

} // namespace benchtop::s3
