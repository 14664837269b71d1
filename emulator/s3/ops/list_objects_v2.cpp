// ListObjectsV2: `GET /bucket?list-type=2`.
#include "emulator/s3/encryption_headers.hpp"
#include "emulator/s3/errors.hpp"
#include "emulator/s3/ops/common.hpp"
#include "emulator/s3/ops/list_common.hpp"
#include "emulator/s3/ops/ops.hpp"

namespace benchtop::s3 {
namespace {

struct ListObjectsV2Input final : Input {
    ListParameters parameters;
    std::optional<std::string> token; // as sent
    std::optional<std::string> start_after;
    std::string after; // what token or start-after mean
    bool fetch_owner = false;
};

Result<std::unique_ptr<Input>> decode(const S3Request& request) {
    if (auto ok = refuse_encryption_of_read(request); !ok) {
        return ok.error();
    }
    auto parameters = parse_list_parameters(request.query);
    if (!parameters) {
        return parameters.error();
    }
    auto input = std::make_unique<ListObjectsV2Input>();
    input->parameters = *std::move(parameters);
    input->fetch_owner = request.query.get("fetch-owner") == "true";
    if (const auto start_after = request.query.find("start-after")) {
        input->start_after = *start_after;
        input->after = *start_after;
    }
    if (const auto token = request.query.find("continuation-token")) {
        auto after = read_continuation_token(request.target.bucket, *token);
        if (!after) {
            return invalid_argument(
                "The continuation token provided is incorrect", "continuation-token", *token
            );
        }
        input->token = *token;
        input->start_after.reset(); // the token wins
        input->after = *std::move(after);
    }
    return std::unique_ptr<Input>(std::move(input));
}

Result<Response>
read(const store::ReadTx& tx, const service::OpContext&, const S3Request& request, Input& base) {
    const auto& input = static_cast<const ListObjectsV2Input&>(base);
    const auto bucket = require_bucket(tx, request);
    if (!bucket) {
        return bucket.error();
    }
    const ListingPage page =
        list_page(tx, bucket->id, listing_query(input.parameters, input.after));

    ListingWriter writer(input.parameters, bucket->name);
    if (input.start_after) {
        writer.encoded("StartAfter", *input.start_after);
    }
    if (input.token) {
        writer.xml().element("ContinuationToken", *input.token);
    }
    if (page.truncated) {
        writer.xml().element(
            "NextContinuationToken", make_continuation_token(bucket->name, page.last)
        );
    }
    writer.xml().element("KeyCount", std::uint64_t{page.count()});
    writer.xml().element("MaxKeys", std::uint64_t{input.parameters.max_keys});
    writer.summary(page.truncated);
    const OwnerIds owners(tx, *bucket);
    writer.entries(page, input.fetch_owner ? &owners : nullptr);
    return std::move(writer).finish(*bucket);
}

} // namespace

Operation list_objects_v2_operation() {
    return {
        .name = "ListObjectsV2",
        .method = "GET",
        .level = Level::Bucket,
        .selector = "list-type",
        .iam_action = "s3:ListBucket",
        .access = Access::Read,
        .body = BodyKind::Ignored,
        .decode = decode,
        .access_requests = list_access,
        .decode_document = nullptr,
        .read = read,
        .write = nullptr,
    };
}

} // namespace benchtop::s3
