// GetObject. Amazon S3 API Reference, "GetObject".
#include "emulator/s3/ops/object_answer.hpp"
#include "emulator/s3/ops/ops.hpp"

namespace benchtop::s3 {
namespace {

Result<Response> read(
    const store::ReadTx& tx,
    const service::OpContext& context,
    const S3Request& request,
    Input& input
) {
    return answer_object(tx, context, request, input, WithBody::Yes);
}

} // namespace

Operation get_object_operation() {
    return {
        .name = "GetObject",
        .method = "GET",
        .level = Level::Object,
        .selector = "",
        .iam_action = "s3:GetObject",
        .access = Access::Read,
        .body = BodyKind::Ignored,
        .decode = decode_object_read,
        .access_requests = object_read_access,
        .decode_document = nullptr,
        .read = read,
        .write = nullptr};
}

} // namespace benchtop::s3
