// The version of an object whose tags or ACL a request is about.
#pragma once

#include "emulator/s3/ops/version_choice.hpp"

namespace benchtop::s3 {

struct AttributeInput : Input {
    VersionChoice version;
};

// ?versionId= of the request, as an AttributeInput.
Result<std::unique_ptr<Input>> decode_attribute_request(const S3Request& request);

// `action` is s3:NAMETagging or s3:NAMEAcl; the version's own is s3:NAMEVersionTagging and so on.
service::AccessRequest attribute_access(
    std::string_view action,
    const store::Bucket& bucket,
    std::string_view key,
    const VersionChoice& choice
);

// What a current delete marker is for a request that names no version.
enum class CurrentMarker { NotAllowed /* 405 */, NoSuchKey };

// Errors: those of find_chosen_version().
Result<store::Object> find_attribute_version(
    const store::ReadTx& tx,
    const service::OpContext& context,
    const S3Request& request,
    const store::Bucket& bucket,
    const VersionChoice& choice,
    CurrentMarker marker
);

} // namespace benchtop::s3
