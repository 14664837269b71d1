// ListObjects: the first version, still what curl users, s3cmd and old SDKs send.
#include "emulator/s3/encryption_headers.hpp"
#include "emulator/s3/errors.hpp"
#include "emulator/s3/ops/common.hpp"
#include "emulator/s3/ops/list_common.hpp"
#include "emulator/s3/ops/ops.hpp"

namespace benchtop::s3 {
namespace {

struct ListObjectsInput final : Input {
    ListParameters parameters;
    std::string marker;
};

Result<std::unique_ptr<Input>> decode(const S3Request& request) {
    if (auto ok = refuse_encryption_of_read(request); !ok) {
        return ok.error();
    }
    auto parameters = parse_list_parameters(request.query);
    if (!parameters) {
        return parameters.error();
    }
    if (request.query.has("start-after")) {
        return invalid_argument("startAfter only supported in REST.GET.BUCKET with list-type=2");
    }
    auto input = std::make_unique<ListObjectsInput>();
    input->parameters = *std::move(parameters);
    input->marker = request.query.get("marker");
    return std::unique_ptr<Input>(std::move(input));
}

Result<Response> read(
    const store::ReadTx& tx,
    const service::OpContext& context,
    const S3Request& request,
    Input& base
) {
    const auto& input = static_cast<const ListObjectsInput&>(base);
    const auto bucket = require_bucket(tx, request);
    if (!bucket) {
        return bucket.error();
    }
    const ListingPage page =
        list_page(tx, bucket->id, listing_query(input.parameters, input.marker));

    ListingWriter writer(input.parameters, bucket->name);
    writer.encoded("Marker", input.marker);
    // Without a delimiter the client goes on from the last key.
    if (page.truncated && !input.parameters.delimiter.empty()) {
        writer.encoded("NextMarker", page.last);
    }
    writer.xml().element("MaxKeys", std::uint64_t{input.parameters.max_keys});
    writer.summary(page.truncated);
    const OwnerIds owners(tx, *bucket);
    const bool known = context.caller.kind != policy::Principal::Kind::Anonymous;
    writer.entries(page, known ? &owners : nullptr);
    return std::move(writer).finish(*bucket);
}

} // namespace

Operation list_objects_operation() {
    return {
        .name = "ListObjects",
        .method = "GET",
        .level = Level::Bucket,
        .selector = "",
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
