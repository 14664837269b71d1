// What GetObject and HeadObject share: they are one operation with and without the bytes. Header
// order as recorded.
#pragma once

#include "emulator/s3/operation.hpp"

namespace benchtop::s3 {

// "\"etag\""
std::string quoted(std::string_view etag);
// x-amz-checksum-ALGORITHM and x-amz-checksum-type; nothing for an object without a checksum.
void add_checksum_headers(Headers& headers, const store::Object& object);

Result<std::unique_ptr<Input>> decode_object_read(const S3Request& request);
std::vector<service::AccessRequest>
object_read_access(const S3Request& request, const Input& input, const store::Bucket* bucket);

enum class WithBody { Yes, No };

Result<Response> answer_object(
    const store::ReadTx& tx,
    const service::OpContext& context,
    const S3Request& request,
    const Input& input,
    WithBody with_body
);

} // namespace benchtop::s3
