// DeleteObject. Amazon S3 API Reference, "DeleteObject".
#include "emulator/s3/errors.hpp"
#include "emulator/s3/events.hpp"
#include "emulator/s3/ops/common.hpp"
#include "emulator/s3/ops/conditions.hpp"
#include "emulator/s3/ops/ops.hpp"

namespace benchtop::s3 {
namespace {

struct DeleteObjectInput : Input {
    bool null_version = false;
};

Result<std::unique_ptr<Input>> decode(const S3Request& request) {
    // Directory buckets only.
    for (const std::string_view header :
         {"x-amz-if-match-last-modified-time", "x-amz-if-match-size"}) {
        if (request.header(header)) {
            return header_not_implemented(header);
        }
    }
    const auto null_version = asks_for_null_version(request.query);
    if (!null_version) {
        return null_version.error();
    }
    auto input = std::make_unique<DeleteObjectInput>();
    input->null_version = *null_version;
    return std::unique_ptr<Input>(std::move(input));
}

std::vector<service::AccessRequest>
access_requests(const S3Request& request, const Input& base, const store::Bucket* bucket) {
    const bool null_version = static_cast<const DeleteObjectInput&>(base).null_version;
    auto access = object_access(
        null_version ? "s3:DeleteObjectVersion" : "s3:DeleteObject", *bucket, request.target.key
    );
    if (null_version) {
        access.conditions.emplace_back("s3:VersionId", "null");
    }
    std::vector<service::AccessRequest> requests;
    requests.push_back(std::move(access));
    return requests;
}

Result<Response>
write(store::WriteTx& tx, const service::OpContext& context, const S3Request& request, Input& base, StagedObject*) {
    const auto bucket = require_bucket(tx, request);
    if (!bucket) {
        return bucket.error();
    }
    const std::string& key = request.target.key;
    if (const auto tags = request.header("if-match")) {
        const auto current = tx.find_object(bucket->id, key);
        if (!current || !matches_etag(*tags, current->etag)) {
            return precondition_failed("If-Match");
        }
    }
    // A key that was not there is deleted all the same, but nothing happened to tell of.
    if (tx.delete_object(bucket->id, key)) {
        raise_event(
            tx,
            context,
            *bucket,
            {"ObjectRemoved:Delete", key, std::nullopt, "", tx.next_sequencer(context.now)}
        );
    }
    Response response = empty_response(204);
    if (static_cast<const DeleteObjectInput&>(base).null_version) {
        response.headers.add("x-amz-version-id", "null");
    }
    return response;
}

} // namespace

Operation delete_object_operation() {
    return {
        .name = "DeleteObject",
        .method = "DELETE",
        .level = Level::Object,
        .selector = "",
        .iam_action = "s3:DeleteObject",
        .access = Access::Write,
        .body = BodyKind::Ignored,
        .success_status = 204,
        .decode = decode,
        .access_requests = access_requests,
        .decode_document = nullptr,
        .read = nullptr,
        .write = write};
}

} // namespace benchtop::s3
