#include "emulator/s3/ops/copy_source.hpp"

#include "emulator/core/encoding.hpp"
#include "emulator/s3/bucket_name.hpp"
#include "emulator/s3/errors.hpp"
#include "emulator/s3/ops/common.hpp"
#include "emulator/s3/ops/conditions.hpp"

namespace benchtop::s3 {
namespace {

constexpr std::uint64_t kCopyBytesMax = 5'368'709'120;
constexpr std::size_t kKeyBytesMax = 1024;

// The ArgumentValue is the header's name, not its value (recorded).
AwsError invalid_source(std::string_view what) {
    return invalid_argument(
        "Invalid copy source " + std::string(what), "x-amz-copy-source", "x-amz-copy-source"
    );
}

Result<store::Object> find_source_version(
    const store::ReadTx& tx,
    const service::OpContext& context,
    const store::Bucket& bucket,
    const CopySource& source
) {
    if (auto ok = check_version_choice(bucket, source.version); !ok) {
        return ok.error();
    }
    if (!source.version) {
        auto current = tx.find_object(bucket.id, source.key);
        if (!current) {
            return missing_key(context, bucket, source.key);
        }
        return *std::move(current);
    }
    auto version = tx.find_version(bucket.id, source.key, *source.version);
    if (!version) {
        const AwsError missing = missing_key(context, bucket, source.key);
        return missing.status() == 404
                   ? no_such_version(source.key, source.version->empty() ? "null" : *source.version)
                   : missing;
    }
    if (version->delete_marker) {
        return invalid_request("The source of a copy request may not specifically refer to a "
                               "delete marker by version id.");
    }
    return *std::move(version);
}

} // namespace

Result<CopySource> parse_copy_source(std::string_view header) {
    constexpr std::string_view kVersion = "?versionId=";
    CopySource source;
    const auto mark = header.find(kVersion);
    if (mark != std::string_view::npos) {
        const std::string_view version = header.substr(mark + kVersion.size());
        auto choice = parse_version_id(version);
        if (!choice) {
            return choice.error();
        }
        source.version = *std::move(choice);
        header = header.substr(0, mark);
    }
    const auto decoded = percent_decode(header, PlusRule::Space);
    if (!decoded || !is_valid_utf8(*decoded)) {
        return invalid_source("encoding");
    }
    std::string_view path = *decoded;
    if (path.starts_with('/')) {
        path.remove_prefix(1);
    }
    const auto slash = path.find('/');
    if (slash == std::string_view::npos || slash + 1 == path.size()) {
        return invalid_source("object key");
    }
    source.bucket = path.substr(0, slash);
    if (!is_valid_bucket_name(source.bucket)) {
        return invalid_source("bucket name");
    }
    source.key = path.substr(slash + 1);
    if (source.key.size() > kKeyBytesMax) {
        return key_too_long(source.key.size());
    }
    return source;
}

Result<FoundSource> find_copy_source(
    const store::ReadTx& tx,
    const service::OpContext& context,
    const S3Request& request,
    const CopySource& source
) {
    auto bucket = tx.find_bucket(source.bucket);
    if (!bucket) {
        return no_such_bucket(source.bucket);
    }
    if (auto ok = check_expected_owner(request, *bucket, "x-amz-source-expected-bucket-owner");
        !ok) {
        return ok.error();
    }
    const auto access = version_access("s3:GetObject", *bucket, source.key, source.version);
    if (auto allowed = context.authorizer.check(access); !allowed) {
        return allowed.error();
    }
    auto object = find_source_version(tx, context, *bucket, source);
    if (!object) {
        return object.error();
    }
    const std::string& storage_class = object->attributes.storage_class;
    if (storage_class == "GLACIER" || storage_class == "DEEP_ARCHIVE") {
        return invalid_object_state(storage_class);
    }
    if (auto ok = check_copy_source_conditions(request, *object, context.now); !ok) {
        return ok.error();
    }
    return FoundSource{*std::move(bucket), *std::move(object)};
}

Result<void> check_copy_size(std::uint64_t bytes) {
    if (bytes > kCopyBytesMax) {
        return invalid_request(
            "The specified copy source is larger than the maximum allowable size for a copy "
            "source: 5368709120"
        );
    }
    return {};
}

} // namespace benchtop::s3
