// Operations that AWS itself refuses: S3 Select is closed to new customers since July 2024, and no
// bucket made since has BitTorrent.
#include "emulator/s3/errors.hpp"
#include "emulator/s3/ops/common.hpp"
#include "emulator/s3/ops/ops.hpp"

namespace benchtop::s3 {
namespace {

Result<std::unique_ptr<Input>> decode(const S3Request&) {
    return std::make_unique<Input>();
}

std::vector<service::AccessRequest>
access_requests(const S3Request& request, const Input&, const store::Bucket* bucket) {
    return {object_access("s3:GetObject", *bucket, request.target.key)};
}

Result<Response>
read(const store::ReadTx& tx, const service::OpContext&, const S3Request& request, Input&) {
    const auto bucket = require_bucket(tx, request);
    if (!bucket) {
        return bucket.error();
    }
    return method_not_allowed(request.head.method, "OBJECT", "HEAD, DELETE, GET, PUT");
}

} // namespace

Operation get_object_torrent_operation() {
    return {
        .name = "GetObjectTorrent",
        .method = "GET",
        .level = Level::Object,
        .selector = "torrent",
        .iam_action = "s3:GetObject",
        .access = Access::Read,
        .body = BodyKind::Ignored,
        .decode = decode,
        .access_requests = access_requests,
        .decode_document = nullptr,
        .read = read,
        .write = nullptr,
    };
}

Operation select_object_content_operation() {
    return {
        .name = "SelectObjectContent",
        .method = "POST",
        .level = Level::Object,
        .selector = "select",
        .iam_action = "s3:GetObject",
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
