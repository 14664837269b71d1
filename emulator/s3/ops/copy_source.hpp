// x-amz-copy-source and finding what it names.
#pragma once

#include "emulator/s3/operation.hpp"
#include "emulator/s3/ops/version_choice.hpp"

namespace benchtop::s3 {

struct CopySource {
    std::string bucket;
    std::string key;
    VersionChoice version;
};

// "[/]bucket/key[?versionId=..]", decoded once. Errors: InvalidArgument, KeyTooLongError.
Result<CopySource> parse_copy_source(std::string_view header);

struct FoundSource {
    store::Bucket bucket;
    store::Object object;
};

// The source, after every check that concerns it: NoSuchBucket, AccessDenied, NoSuchKey,
// NoSuchVersion, the x-amz-copy-source-if-* conditions, InvalidObjectState. Its bucket may be
// another account's, so what must be allowed is asked here.
Result<FoundSource> find_copy_source(
    const store::ReadTx& tx,
    const service::OpContext& context,
    const S3Request& request,
    const CopySource& source
);

// No more than 5 GiB are copied at once: InvalidRequest.
Result<void> check_copy_size(std::uint64_t bytes);

} // namespace benchtop::s3
