#include "emulator/s3/ops/object_headers.hpp"

#include "emulator/auth/effective_headers.hpp"
#include "emulator/core/encoding.hpp"
#include "emulator/s3/encryption_headers.hpp"
#include "emulator/s3/errors.hpp"
#include "emulator/s3/ops/metadata_text.hpp"

#include <algorithm>
#include <array>

namespace benchtop::s3 {
namespace {

constexpr std::string_view kMetaPrefix = "x-amz-meta-";
constexpr std::size_t kMetadataBytesMax = 2048;
constexpr std::size_t kTagsMax = 10;
constexpr std::size_t kTagKeyCharactersMax = 128;
constexpr std::size_t kTagValueCharactersMax = 256;

constexpr std::string_view kEncryption = "x-amz-server-side-encryption";

bool is_token(std::string_view name) {
    constexpr std::string_view kPunctuation = "!#$%&'*+-.^_`|~";
    return !name.empty() && std::ranges::all_of(name, [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               kPunctuation.find(c) != std::string_view::npos;
    });
}

using Metadata = std::vector<std::pair<std::string, std::string>>;

Result<Metadata> metadata_of(const Headers& headers) {
    Metadata metadata;
    for (const auto& [name, value] : headers.entries()) {
        std::string lower = to_lower(name);
        if (!lower.starts_with(kMetaPrefix)) {
            continue;
        }
        lower.erase(0, kMetaPrefix.size());
        // A presigned query can carry names that no header could give back.
        if (!is_token(lower)) {
            return invalid_argument("A metadata name must be a valid header name", name, value);
        }
        const auto known = std::ranges::find(metadata, lower, &Metadata::value_type::first);
        if (known == metadata.end()) {
            metadata.emplace_back(std::move(lower), value);
        } else {
            known->second += ',';
            known->second += value;
        }
    }
    std::size_t bytes = 0;
    for (auto& [name, value] : metadata) {
        bytes += name.size() + value.size();
        value = decode_metadata_value(value);
    }
    if (bytes > kMetadataBytesMax) {
        return metadata_too_large(bytes);
    }
    return metadata;
}

// aws-chunked names the framing of this upload, not a property of the object.
std::string without_aws_chunked(std::string_view encodings) {
    std::string kept;
    while (true) {
        const auto comma = encodings.find(',');
        const std::string_view token = trim(encodings.substr(0, comma));
        if (!token.empty() && !iequals(token, "aws-chunked")) {
            kept += kept.empty() ? "" : ", ";
            kept += token;
        }
        if (comma == std::string_view::npos) {
            return kept;
        }
        encodings.remove_prefix(comma + 1);
    }
}

bool is_streaming(auth::PayloadHash payload) {
    return payload == auth::PayloadHash::StreamingUnsignedTrailer ||
           payload == auth::PayloadHash::StreamingSigned ||
           payload == auth::PayloadHash::StreamingSignedTrailer;
}

Result<void> check_storage_class(std::string_view name) {
    constexpr std::array<std::string_view, 8> kClasses{
        "STANDARD",
        "REDUCED_REDUNDANCY",
        "STANDARD_IA",
        "ONEZONE_IA",
        "INTELLIGENT_TIERING",
        "GLACIER",
        "DEEP_ARCHIVE",
        "GLACIER_IR"};
    if (std::ranges::find(kClasses, name) == kClasses.end()) {
        return invalid_storage_class(name);
    }
    return {};
}

// Buckets have no ACLs (Object Ownership: bucket owner enforced). What changes nothing is accepted.
Result<void> check_acl(const S3Request& request) {
    constexpr std::array<std::string_view, 7> kCanned{
        "private",
        "public-read",
        "public-read-write",
        "authenticated-read",
        "aws-exec-read",
        "bucket-owner-read",
        "bucket-owner-full-control"};
    if (const auto acl = request.header("x-amz-acl")) {
        if (std::ranges::find(kCanned, *acl) == kCanned.end()) {
            return invalid_argument("", "x-amz-acl", *acl); // AWS gives an empty message
        }
        if (*acl != "private" && *acl != "bucket-owner-full-control") {
            return access_control_list_not_supported();
        }
    }
    for (const std::string_view grant :
         {"x-amz-grant-read",
          "x-amz-grant-read-acp",
          "x-amz-grant-write-acp",
          "x-amz-grant-full-control"}) {
        if (request.header(grant)) {
            return access_control_list_not_supported();
        }
    }
    return {};
}

Result<void> check_object_lock(const S3Request& request) {
    for (const std::string_view header :
         {"x-amz-object-lock-mode",
          "x-amz-object-lock-retain-until-date",
          "x-amz-object-lock-legal-hold"}) {
        if (request.header(header)) {
            return invalid_request("Bucket is missing Object Lock Configuration");
        }
    }
    return {};
}

Result<void> check_redirect(std::string_view location) {
    const bool has_control = std::ranges::any_of(location, [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    });
    if (has_control || !(location.starts_with('/') || location.starts_with("http://") ||
                         location.starts_with("https://"))) {
        return s3_error(
            400,
            "InvalidRedirectLocation",
            "The website redirect location must have a prefix of 'http://' or 'https://' or '/'."
        );
    }
    return {};
}

std::size_t characters(std::string_view utf8) {
    return static_cast<std::size_t>(std::ranges::count_if(utf8, [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    }));
}

// Letters, digits, spaces and + - = . _ : / @; anything beyond ASCII counts as a letter.
bool is_tag_text(std::string_view text) {
    constexpr std::string_view kPunctuation = " +-=._:/@";
    return is_valid_utf8(text) && std::ranges::all_of(text, [&](char c) {
               const auto byte = static_cast<unsigned char>(c);
               return byte >= 0x80 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                      (c >= '0' && c <= '9') || kPunctuation.find(c) != std::string_view::npos;
           });
}

AwsError bad_tagging() {
    return invalid_argument("The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded "
                            "URL query parameters without tag name duplicates.")
        .with("ArgumentName", "x-amz-tagging");
}

Result<void> check_tag(std::string_view key, std::string_view value) {
    if (key.starts_with("aws:")) {
        return s3_error(400, "InvalidTag", "Your TagKey cannot be prefixed with aws:")
            .with("TagKey", key);
    }
    if (characters(key) > kTagKeyCharactersMax || !is_tag_text(key)) {
        return s3_error(400, "InvalidTag", "The TagKey you have provided is invalid")
            .with("TagKey", key);
    }
    if (characters(value) > kTagValueCharactersMax || !is_tag_text(value)) {
        return s3_error(400, "InvalidTag", "The TagValue you have provided is invalid")
            .with("TagKey", key)
            .with("TagValue", value);
    }
    return {};
}

} // namespace

Result<store::ObjectAttributes> decode_content_headers(const S3Request& request) {
    const Headers& sent = request.head.headers;
    store::ObjectAttributes attributes;
    attributes.content_type = sent.get("content-type");
    if (attributes.content_type.empty()) {
        attributes.content_type = "binary/octet-stream";
    }
    attributes.cache_control = sent.joined("cache-control");
    attributes.content_disposition = sent.joined("content-disposition");
    attributes.content_encoding = sent.joined("content-encoding");
    if (is_streaming(request.authenticated.payload)) {
        attributes.content_encoding = without_aws_chunked(attributes.content_encoding);
    }
    attributes.content_language = sent.joined("content-language");
    attributes.expires = sent.joined("expires");
    auto metadata = request.authenticated.type == auth::AuthType::QueryString
                        ? metadata_of(auth::effective_headers(request.head, request.authenticated))
                        : metadata_of(sent);
    if (!metadata) {
        return metadata.error();
    }
    attributes.metadata = *std::move(metadata);
    return attributes;
}

Result<StorageHeaders> decode_storage_headers(const S3Request& request) {
    StorageHeaders storage;
    if (const auto name = request.header("x-amz-storage-class")) {
        if (auto ok = check_storage_class(*name); !ok) {
            return ok.error();
        }
        storage.names_storage_class = true;
        storage.storage_class = *name == "STANDARD" ? std::string_view{} : *name;
    }
    for (const auto check : {check_acl, check_encryption_of_upload, check_object_lock}) {
        if (auto ok = check(request); !ok) {
            return ok.error();
        }
    }
    storage.names_encryption = request.header(kEncryption).has_value();
    if (const auto location = request.header("x-amz-website-redirect-location")) {
        if (auto ok = check_redirect(*location); !ok) {
            return ok.error();
        }
        storage.names_redirect = true;
        storage.website_redirect_location = *location;
    }
    return storage;
}

Result<Tags> decode_tagging_header(std::string_view value) {
    Tags tags;
    while (!value.empty()) {
        const auto ampersand = value.find('&');
        const std::string_view pair = value.substr(0, ampersand);
        value =
            ampersand == std::string_view::npos ? std::string_view{} : value.substr(ampersand + 1);
        const auto equals = pair.find('=');
        auto key = percent_decode(pair.substr(0, equals), PlusRule::Space);
        auto text = percent_decode(
            equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1),
            PlusRule::Space
        );
        if (!key || !text || key->empty() ||
            std::ranges::find(tags, *key, &Tags::value_type::first) != tags.end()) {
            return bad_tagging();
        }
        if (tags.size() == kTagsMax) {
            return s3_error(400, "BadRequest", "Object tags cannot be greater than 10");
        }
        if (auto ok = check_tag(*key, *text); !ok) {
            return ok.error();
        }
        tags.emplace_back(*std::move(key), *std::move(text));
    }
    return tags;
}

void add_write_conditions(
    const S3Request& request, const Tags& tags, service::AccessRequest& access
) {
    for (const std::string_view header :
         {"x-amz-acl",
          "x-amz-storage-class",
          "x-amz-server-side-encryption",
          "x-amz-copy-source",
          "x-amz-metadata-directive",
          "x-amz-website-redirect-location",
          "if-match",
          "if-none-match"}) {
        if (const auto value = request.header(header)) {
            access.conditions.emplace_back("s3:" + std::string(header), *value);
        }
    }
    for (const auto& [key, value] : tags) {
        access.conditions.emplace_back("s3:RequestObjectTag/" + key, value);
        access.conditions.emplace_back("s3:RequestObjectTagKeys", key);
    }
}

bool asks_for_acl(const S3Request& request) {
    const auto acl = request.header("x-amz-acl");
    return acl && *acl != "bucket-owner-full-control";
}

} // namespace benchtop::s3
