#include "emulator/s3/ops/attribute_version.hpp"

#include "emulator/s3/errors_versions.hpp"
#include "emulator/s3/object_events.hpp"
#include "emulator/s3/ops/common.hpp"

namespace benchtop::s3 {

Result<std::unique_ptr<Input>> decode_attribute_request(const S3Request& request) {
    auto version = decode_version_choice(request.query);
    if (!version) {
        return version.error();
    }
    auto input = std::make_unique<AttributeInput>();
    input->version = *std::move(version);
    return std::unique_ptr<Input>(std::move(input));
}

service::AccessRequest attribute_access(
    std::string_view action,
    const store::Bucket& bucket,
    std::string_view key,
    const VersionChoice& choice
) {
    auto access = object_access(action, bucket, key);
    if (choice) {
        const std::size_t attribute =
            action.ends_with("Acl") ? 3 : std::string_view("Tagging").size();
        access.action.insert(access.action.size() - attribute, "Version");
        access.conditions.emplace_back("s3:VersionId", choice->empty() ? "null" : *choice);
    }
    return access;
}

Result<store::Object> find_attribute_version(
    const store::ReadTx& tx,
    const service::OpContext& context,
    const S3Request& request,
    const store::Bucket& bucket,
    const VersionChoice& choice,
    CurrentMarker marker
) {
    if (!choice && marker == CurrentMarker::NotAllowed) {
        const auto current = tx.current_version(bucket.id, request.target.key);
        if (current && current->delete_marker) {
            return method_not_allowed_on_marker(request.head.method, *current);
        }
    }
    return find_chosen_version(tx, context, request, bucket, choice);
}

} // namespace benchtop::s3
