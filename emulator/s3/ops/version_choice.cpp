#include "emulator/s3/ops/version_choice.hpp"

#include "emulator/s3/errors.hpp"
#include "emulator/s3/errors_versions.hpp"
#include "emulator/s3/ops/common.hpp"

namespace benchtop::s3 {

Result<VersionChoice> parse_version_id(std::string_view text) {
    if (text.empty()) {
        return invalid_argument("Version id cannot be the empty string", "versionId", "");
    }
    if (text == "null") {
        return VersionChoice(std::in_place);
    }
    if (!sequencer_of_version_id(text)) {
        return invalid_version_id(text);
    }
    return VersionChoice(text);
}

Result<VersionChoice> decode_version_choice(const Query& query) {
    const auto text = query.find("versionId");
    if (!text) {
        return VersionChoice();
    }
    return parse_version_id(*text);
}

service::AccessRequest version_access(
    std::string_view action,
    const store::Bucket& bucket,
    std::string_view key,
    const VersionChoice& choice
) {
    if (!choice) {
        return object_access(action, bucket, key);
    }
    auto access = object_access(std::string(action) + "Version", bucket, key);
    access.conditions.emplace_back("s3:VersionId", choice->empty() ? "null" : *choice);
    return access;
}

service::AccessRequest access_naming_version(
    std::string_view action,
    const S3Request& request,
    const store::Bucket& bucket,
    const VersionChoice& choice
) {
    auto access = object_access(action, bucket, request.target.key);
    if (choice) {
        access.conditions.emplace_back("s3:VersionId", choice->empty() ? "null" : *choice);
    }
    return access;
}

Result<std::unique_ptr<Input>> decode_versioned(const S3Request& request) {
    auto version = decode_version_choice(request.query);
    if (!version) {
        return version.error();
    }
    auto input = std::make_unique<VersionedInput>();
    input->version = *std::move(version);
    return std::unique_ptr<Input>(std::move(input));
}

Result<void> check_version_choice(const store::Bucket& bucket, const VersionChoice& choice) {
    if (choice && !choice->empty() && versioning_of(bucket) == Versioning::Off) {
        return invalid_version_id(*choice);
    }
    return {};
}

Result<store::Object> find_chosen_version(
    const store::ReadTx& tx,
    const service::OpContext& context,
    const S3Request& request,
    const store::Bucket& bucket,
    const VersionChoice& choice
) {
    if (auto ok = check_version_choice(bucket, choice); !ok) {
        return ok.error();
    }
    const std::string& key = request.target.key;
    auto found =
        choice ? tx.find_version(bucket.id, key, *choice) : tx.current_version(bucket.id, key);
    if (found && !found->delete_marker) {
        return *std::move(found);
    }
    if (found && choice) {
        return method_not_allowed_on_marker(request.head.method, *found);
    }
    const AwsError missing = missing_key(context, bucket, key);
    if (missing.status() != 404) {
        return missing; // who may not list learns nothing
    }
    if (found) {
        return no_such_key_but_marker(*found);
    }
    return choice ? no_such_version(key, choice->empty() ? "null" : *choice) : missing;
}

void add_version_header(
    Headers& headers, const store::Bucket& bucket, const store::Object& object
) {
    if (versioning_of(bucket) != Versioning::Off) {
        headers.add("x-amz-version-id", shown_version_id(object));
    }
}

} // namespace benchtop::s3
