// DeleteObject. Amazon S3 API Reference, "DeleteObject".
#include "emulator/core/encoding.hpp"
#include "emulator/s3/errors.hpp"
#include "emulator/s3/ops/common.hpp"
#include "emulator/s3/ops/lock_headers.hpp"
#include "emulator/s3/ops/ops.hpp"
#include "emulator/s3/ops/removal.hpp"
#include "emulator/s3/ops/version_choice.hpp"

namespace benchtop::s3 {
namespace {

struct DeleteObjectInput : Input {
    VersionChoice version;
};

Result<std::unique_ptr<Input>> decode(const S3Request& request) {
    // Directory buckets only.
    for (const std::string_view header :
         {"x-amz-if-match-last-modified-time", "x-amz-if-match-size"}) {
        if (request.header(header)) {
            return header_not_implemented(header);
        }
    }
    auto version = decode_version_choice(request.query);
    if (!version) {
        return version.error();
    }
    // A condition is about the current version only (measured: localstack/localstack#13894).
    if (version->has_value() && request.header("if-match")) {
        return header_not_implemented("If-Match");
    }
    auto input = std::make_unique<DeleteObjectInput>();
    input->version = *std::move(version);
    return std::unique_ptr<Input>(std::move(input));
}

std::vector<service::AccessRequest>
access_requests(const S3Request& request, const Input& base, const store::Bucket* bucket) {
    const auto& version = static_cast<const DeleteObjectInput&>(base).version;
    const auto if_match = request.header("if-match");
    auto access = version_access("s3:DeleteObject", *bucket, request.target.key, version);
    if (if_match) {
        access.conditions.emplace_back("s3:if-match", *if_match);
    }
    std::vector<service::AccessRequest> requests;
    requests.push_back(std::move(access));
    if (if_match && trim(*if_match) != "*") { // an ETag says something about the object
        requests.push_back(object_access("s3:GetObject", *bucket, request.target.key));
    }
    return requests;
}

Result<Response>
write(store::WriteTx& tx, const service::OpContext& context, const S3Request& request, Input& base, StagedObject*) {
    const auto& version = static_cast<const DeleteObjectInput&>(base).version;
    const auto bucket = require_bucket(tx, request);
    if (!bucket) {
        return bucket.error();
    }
    const std::string& key = request.target.key;
    if (auto ok = check_version_choice(*bucket, version); !ok) {
        return ok.error();
    }
    if (auto ok = check_bypass_header(request, *bucket); !ok) {
        return ok.error();
    }
    if (const auto tags = request.header("if-match")) {
        if (auto ok = check_delete_condition(tx, *bucket, key, *tags); !ok) {
            return ok.error();
        }
    }
    const bool bypass = asks_for_bypass(request);
    if (auto ok = check_removal_lock(tx, context, *bucket, key, version, bypass); !ok) {
        return ok.error();
    }
    const Removed removed = remove_object(tx, context, *bucket, key, version);
    Response response = empty_response(204);
    if (removed.delete_marker) {
        response.headers.add("x-amz-delete-marker", "true");
    }
    if (!removed.version_id.empty()) {
        response.headers.add("x-amz-version-id", removed.version_id);
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
