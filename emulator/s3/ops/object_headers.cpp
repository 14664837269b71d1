#include "emulator/s3/ops/object_headers.hpp"

#include "emulator/auth/effective_headers.hpp"
#include "emulator/core/encoding.hpp"
#include "emulator/s3/encryption_headers.hpp"
#include "emulator/s3/errors.hpp"
#include "emulator/s3/errors_access.hpp"
#include "emulator/s3/ops/common.hpp"
#include "emulator/s3/ops/metadata_text.hpp"
#include "emulator/s3/ownership.hpp"
#include "emulator/store/accounts.hpp"

#include <algorithm>
#include <array>

namespace benchtop::s3 {
namespace {

constexpr std::string_view kMetaPrefix = "x-amz-meta-";
constexpr std::size_t kMetadataBytesMax = 2048;

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
    auto acl = decode_acl_headers(request, AclOf::Object);
    if (!acl) {
        return acl.error();
    }
    storage.acl = *std::move(acl);
    if (auto ok = check_encryption_of_upload(request); !ok) {
        return ok.error();
    }
    storage.names_encryption = request.header("x-amz-server-side-encryption").has_value();
    if (const auto location = request.header("x-amz-website-redirect-location")) {
        if (auto ok = check_redirect(*location); !ok) {
            return ok.error();
        }
        storage.names_redirect = true;
        storage.website_redirect_location = *location;
    }
    return storage;
}

Result<NewObject> decode_new_object(const S3Request& request) {
    auto attributes = decode_content_headers(request);
    if (!attributes) {
        return attributes.error();
    }
    auto storage = decode_storage_headers(request);
    if (!storage) {
        return storage.error();
    }
    attributes->storage_class = std::move(storage->storage_class);
    attributes->website_redirect_location = std::move(storage->website_redirect_location);
    if (const auto tagging = request.header("x-amz-tagging")) {
        auto tags = decode_tagging_header(*tagging);
        if (!tags) {
            return tags.error();
        }
        attributes->tags = *std::move(tags);
    }
    auto lock = decode_lock_headers(request);
    if (!lock) {
        return lock.error();
    }
    return NewObject{*std::move(attributes), std::move(storage->acl), *std::move(lock)};
}

std::vector<service::AccessRequest>
new_object_access(const S3Request& request, const NewObject& made, const store::Bucket& bucket) {
    const Tags& tags = made.attributes.tags;
    std::vector<std::string_view> actions{"s3:PutObject"};
    if (!tags.empty()) {
        actions.push_back("s3:PutObjectTagging");
    }
    if (asks_for_acl(request, bucket)) {
        actions.push_back("s3:PutObjectAcl");
    }
    std::vector<service::AccessRequest> requests;
    for (const auto action : actions) {
        auto access = object_access(action, bucket, request.target.key);
        add_write_conditions(request, tags, access);
        requests.push_back(std::move(access));
    }
    add_lock_access(made.lock, request, bucket, requests);
    return requests;
}

namespace {

void add_header_conditions(
    const S3Request& request,
    std::span<const std::string_view> headers,
    service::AccessRequest& access
) {
    for (const std::string_view header : headers) {
        if (const auto value = request.header(header)) {
            access.conditions.emplace_back("s3:" + std::string(header), *value);
        }
    }
}

constexpr auto kGrantHeaders = std::to_array<std::string_view>(
    {"x-amz-grant-full-control",
     "x-amz-grant-read",
     "x-amz-grant-read-acp",
     "x-amz-grant-write",
     "x-amz-grant-write-acp"}
);

} // namespace

void add_acl_conditions(const S3Request& request, service::AccessRequest& access) {
    constexpr auto kCanned = std::to_array<std::string_view>({"x-amz-acl"});
    add_header_conditions(request, kCanned, access);
    add_header_conditions(request, kGrantHeaders, access);
}

void add_tag_conditions(const Tags& tags, service::AccessRequest& access) {
    for (const auto& [key, value] : tags) {
        access.conditions.emplace_back("s3:RequestObjectTag/" + key, value);
        access.conditions.emplace_back("s3:RequestObjectTagKeys", key);
    }
}

void add_write_conditions(
    const S3Request& request, const Tags& tags, service::AccessRequest& access
) {
    constexpr auto kHeaders = std::to_array<std::string_view>(
        {"x-amz-storage-class",
         "x-amz-server-side-encryption",
         "x-amz-copy-source",
         "x-amz-metadata-directive",
         "x-amz-website-redirect-location",
         "if-match",
         "if-none-match"}
    );
    add_acl_conditions(request, access);
    add_header_conditions(request, kHeaders, access);
    add_tag_conditions(tags, access);
}

bool asks_for_acl(const S3Request& request, const store::Bucket& bucket) {
    if (const auto acl = request.header("x-amz-acl")) {
        return *acl != "bucket-owner-full-control";
    }
    const std::string owner = store::derive_account(bucket.account).canonical_id;
    return std::ranges::any_of(kGrantHeaders, [&](std::string_view name) {
        const auto grant = request.header(name);
        const bool to_owner = name == "x-amz-grant-full-control" &&
                              (grant == "id=" + owner || grant == "id=\"" + owner + "\"");
        return grant.has_value() && !to_owner;
    });
}

Result<void> settle_acl(
    const service::OpContext& context,
    const store::Bucket& bucket,
    const AclHeaders& headers,
    store::Object& object
) {
    object.owner.clear();
    object.acl.clear();
    const Ownership ownership = ownership_of(bucket);
    const std::string writer =
        context.caller.account.empty() ? std::string(kAnonymousAccount) : context.caller.account;
    if (ownership == Ownership::BucketOwnerEnforced) {
        // What changes nothing is accepted: "private" is many clients' default. Another account's
        // "private" would keep the bucket's owner out (rclone/rclone#6413).
        const bool harmless =
            !headers.given() || headers.canned == "bucket-owner-full-control" ||
            ((headers.canned.empty() || headers.canned == "private") &&
             acl_of_headers(headers, writer, bucket.account) == private_acl(bucket.account));
        return harmless ? Result<void>() : access_control_list_not_supported();
    }
    const bool given_away = ownership == Ownership::BucketOwnerPreferred &&
                            headers.canned == "bucket-owner-full-control";
    if (writer != bucket.account && !given_away) {
        object.owner = writer;
    }
    if (!headers.given() || given_away) {
        return {};
    }
    const Acl acl = acl_of_headers(headers, writer, bucket.account);
    if (is_public(acl) && public_access_block_of(bucket).block_public_acls) {
        return prevented_by_public_access_block(
            context,
            bucket,
            "s3:PutObject",
            object_arn(bucket.name, object.key),
            "public ACLs",
            "BlockPublicAcls"
        );
    }
    object.acl = to_text(acl, writer);
    return {};
}

} // namespace benchtop::s3
