// ListObjectVersions. Amazon S3 API Reference, "ListObjectVersions"; recorded order of elements and
// of checks (max-keys, markers, encoding-type).
#include "emulator/s3/errors.hpp"
#include "emulator/s3/ops/common.hpp"
#include "emulator/s3/ops/list_common.hpp"
#include "emulator/s3/ops/ops.hpp"
#include "emulator/s3/version_listing.hpp"
#include "emulator/s3/versions.hpp"

namespace benchtop::s3 {
namespace {

constexpr std::string_view kVersionMarker = "version-id-marker";

struct ListObjectVersionsInput final : Input {
    ListParameters parameters;
    std::string key_marker;
    std::string version_marker; // "" for none
};

// An empty key marker is none.
Result<void> decode_markers(const Query& query, ListObjectVersionsInput& input) {
    input.key_marker = query.get("key-marker");
    const auto version = query.find(kVersionMarker);
    if (!version) {
        return {};
    }
    if (input.key_marker.empty()) {
        return invalid_argument(
            "A version-id marker cannot be specified without a key marker.",
            kVersionMarker,
            *version
        );
    }
    if (version->empty()) {
        return invalid_argument("A version-id marker cannot be empty.", kVersionMarker, "");
    }
    if (*version != "null" && !sequencer_of_version_id(*version)) {
        return invalid_argument("Invalid version id specified", kVersionMarker, *version);
    }
    input.version_marker = *version;
    return {};
}

Result<std::unique_ptr<Input>> decode(const S3Request& request) {
    auto input = std::make_unique<ListObjectVersionsInput>();
    if (const auto max_keys = decode_count(request.query, "max-keys", kMaxKeysLimit, "maxKeys");
        !max_keys) {
        return max_keys.error();
    }
    if (auto ok = decode_markers(request.query, *input); !ok) {
        return ok.error();
    }
    auto parameters = parse_list_parameters(request.query);
    if (!parameters) {
        return parameters.error();
    }
    input->parameters = *std::move(parameters);
    return std::unique_ptr<Input>(std::move(input));
}

std::vector<service::AccessRequest>
access_requests(const S3Request& request, const Input&, const store::Bucket* bucket) {
    return {listing_access("s3:ListBucketVersions", request, *bucket)};
}

void write_version(ListingWriter& writer, const ListedVersion& listed, const OwnerIds& owners) {
    const store::Object& object = listed.object;
    protocol::XmlWriter& xml = writer.xml();
    xml.open(object.delete_marker ? "DeleteMarker" : "Version");
    writer.encoded("Key", object.key);
    xml.element("VersionId", shown_version_id(object));
    xml.element("IsLatest", listed.is_latest);
    if (object.delete_marker) {
        xml.element(
            "LastModified", to_iso8601_ms(std::chrono::floor<seconds>(object.last_modified))
        );
    } else {
        writer.description(object);
    }
    xml.open("Owner").element("ID", owners.of(object)).close();
    if (!object.delete_marker) {
        writer.storage_class(object);
    }
    xml.close();
}

Result<Response>
read(const store::ReadTx& tx, const service::OpContext&, const S3Request& request, Input& base) {
    const auto& input = static_cast<const ListObjectVersionsInput&>(base);
    const auto bucket = require_bucket(tx, request);
    if (!bucket) {
        return bucket.error();
    }
    const VersionsPage page = list_versions(
        tx, bucket->id, {listing_query(input.parameters, input.key_marker), input.version_marker}
    );
    ListingWriter writer(input.parameters, bucket->name, "ListVersionsResult");
    writer.encoded("KeyMarker", input.key_marker);
    writer.xml().element("VersionIdMarker", input.version_marker);
    if (page.truncated) {
        writer.encoded("NextKeyMarker", page.next_key);
        if (!page.next_version.empty()) {
            writer.xml().element("NextVersionIdMarker", page.next_version);
        }
    }
    writer.xml().element("MaxKeys", std::uint64_t{input.parameters.max_keys});
    writer.summary(page.truncated);
    const OwnerIds owners(tx, *bucket);
    for (const ListedVersion& version : page.versions) {
        write_version(writer, version, owners);
    }
    writer.common_prefixes(page.common_prefixes);
    return std::move(writer).finish(*bucket);
}

} // namespace

Operation list_object_versions_operation() {
    return {
        .name = "ListObjectVersions",
        .method = "GET",
        .level = Level::Bucket,
        .selector = "versions",
        .iam_action = "s3:ListBucketVersions",
        .access = Access::Read,
        .body = BodyKind::Ignored,
        .decode = decode,
        .access_requests = access_requests,
        .decode_document = nullptr,
        .read = read,
        .write = nullptr,
    };
}

} // namespace benchtop::s3
