// Which version of an object a request means: ?versionId=, or the current one.
#pragma once

#include "emulator/s3/operation.hpp"
#include "emulator/s3/versions.hpp"

#include <optional>
#include <string>

namespace benchtop::s3 {

// The id asked for, "" for the null version; nullopt: the current one.
using VersionChoice = std::optional<std::string>;

// `text` is the value of a versionId parameter. Errors: InvalidArgument for "", and for what is no
// version id.
Result<VersionChoice> parse_version_id(std::string_view text);
// ?versionId= of the request.
Result<VersionChoice> decode_version_choice(const Query& query);

// s3:NAME or s3:NAMEVersion ("s3:GetObject", "s3:GetObjectVersion") on the object, with
// s3:VersionId when a version is named.
service::AccessRequest version_access(
    std::string_view action,
    const store::Bucket& bucket,
    std::string_view key,
    const VersionChoice& choice
);

// `action` on the object, with s3:VersionId when a version is named: for actions that have no form
// of their own for versions.
service::AccessRequest access_naming_version(
    std::string_view action,
    const S3Request& request,
    const store::Bucket& bucket,
    const VersionChoice& choice
);

// Input of an operation that takes ?versionId=.
struct VersionedInput : Input {
    VersionChoice version;
};

// A VersionedInput, for operations whose head says no more.
Result<std::unique_ptr<Input>> decode_versioned(const S3Request& request);

// A bucket that never had versioning knows the null version only. Errors: InvalidArgument.
Result<void> check_version_choice(const store::Bucket& bucket, const VersionChoice& choice);

// The version; never a delete marker. Errors: InvalidArgument; NoSuchKey (AccessDenied for who may
// not list), with the headers of a delete marker when there is one; NoSuchVersion; 405 for a marker
// named by its id.
Result<store::Object> find_chosen_version(
    const store::ReadTx& tx,
    const service::OpContext& context,
    const S3Request& request,
    const store::Bucket& bucket,
    const VersionChoice& choice
);

// x-amz-version-id, for buckets that have or had versioning.
void add_version_header(Headers& headers, const store::Bucket& bucket, const store::Object& object);

} // namespace benchtop::s3
