// UploadPartCopy: `PUT /bucket/key?partNumber=N&uploadId=ID` with x-amz-copy-source. The part
// refers to the source's bytes: they are read for digests the source does not have, never copied.
#include "emulator/core/encoding.hpp"
#include "emulator/s3/encryption_headers.hpp"
#include "emulator/s3/errors.hpp"
#include "emulator/s3/errors_multipart.hpp"
#include "emulator/s3/multipart.hpp"
#include "emulator/s3/ops/common.hpp"
#include "emulator/s3/ops/copy_source.hpp"
#include "emulator/s3/ops/ops.hpp"
#include "emulator/s3/ops/range.hpp"
#include "emulator/s3/stored_digests.hpp"
#include "emulator/s3/versions.hpp"
#include "emulator/s3/xml_answer.hpp"

#include <limits>

namespace benchtop::s3 {
namespace {

constexpr std::string_view kRangeHeader = "x-amz-copy-source-range";

struct UploadPartCopyInput final : Input {
    int number = 0;
    CopySource source;
    std::optional<ByteRange> range;
    std::string range_text;
    std::shared_ptr<StoredDigests> digests; // by prepare()
};

// Digits only; a number too large for 64 bits is beyond every source.
std::optional<std::uint64_t> offset_of(std::string_view digits) {
    if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos) {
        return std::nullopt;
    }
    return parse_u64(digits).value_or(std::numeric_limits<std::uint64_t>::max());
}

Result<ByteRange> decode_range(std::string_view text) {
    constexpr std::string_view kUnit = "bytes=";
    const auto refuse = [&] {
        return invalid_argument(
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first "
            "and last are the zero-based offsets of the first and last bytes to copy",
            kRangeHeader,
            text
        );
    };
    const auto dash = text.find('-');
    if (!text.starts_with(kUnit) || dash == std::string_view::npos) {
        return refuse();
    }
    const auto first = offset_of(text.substr(kUnit.size(), dash - kUnit.size()));
    const auto last = offset_of(text.substr(dash + 1));
    if (!first || !last || *last < *first) {
        return refuse();
    }
    return ByteRange{*first, *last};
}

Result<std::unique_ptr<Input>> decode(const S3Request& request) {
    if (request.authenticated.type == auth::AuthType::Anonymous) {
        return access_denied("Anonymous users cannot copy objects. Please authenticate.");
    }
    const auto number = decode_part_number(request.query);
    if (!number) {
        return number.error();
    }
    if (auto ok = refuse_encryption_of_read(request); !ok) {
        return ok.error();
    }
    auto input = std::make_unique<UploadPartCopyInput>();
    input->number = *number;
    auto source = parse_copy_source(request.header("x-amz-copy-source").value_or(""));
    if (!source) {
        return source.error();
    }
    input->source = *std::move(source);
    if (const auto text = request.header(kRangeHeader)) {
        const auto range = decode_range(*text);
        if (!range) {
            return range.error();
        }
        input->range = *range;
        input->range_text = *text;
    }
    return std::unique_ptr<Input>(std::move(input));
}

// The source is asked for in write(), where its bucket is known.
std::vector<service::AccessRequest>
access_requests(const S3Request& request, const Input&, const store::Bucket* bucket) {
    auto access = object_access("s3:PutObject", *bucket, request.target.key);
    if (const auto source = request.header("x-amz-copy-source")) {
        access.conditions.emplace_back("s3:x-amz-copy-source", *source);
    }
    return {std::move(access)};
}

Result<store::BodySlice> slice_of(const UploadPartCopyInput& input, const store::Object& source) {
    store::BodySlice slice{source.body, 0, source.size};
    if (input.range) {
        if (input.range->first >= source.size) {
            return invalid_request("The specified copy range is invalid for the source object size"
            );
        }
        if (input.range->last >= source.size) {
            return invalid_argument(
                "Range specified is not valid for source object of size: " +
                    std::to_string(source.size),
                kRangeHeader,
                input.range_text
            );
        }
        slice.offset = input.range->first;
        slice.size = input.range->last - input.range->first + 1;
    }
    if (auto ok = check_copy_size(slice.size); !ok) {
        return ok.error();
    }
    return slice;
}

// What the part is made of, and what has to be read for it: nothing when the whole of an object is
// copied whose digests are known.
struct PartSource {
    store::Upload upload;
    FoundSource source;
    DigestPlan plan;
    ChecksumAlgorithm algorithm{};
};

Result<PartSource> find_part_source(
    const store::ReadTx& tx,
    const service::OpContext& context,
    const S3Request& request,
    const UploadPartCopyInput& input
) {
    const auto bucket = require_bucket(tx, request);
    if (!bucket) {
        return bucket.error();
    }
    auto upload = require_upload(tx, *bucket, request);
    if (!upload) {
        return upload.error();
    }
    auto source = find_copy_source(tx, context, request, input.source);
    if (!source) {
        return source.error();
    }
    const store::Object& object = source->object;
    const auto slice = slice_of(input, object);
    if (!slice) {
        return slice.error();
    }
    const ChecksumAlgorithm algorithm = part_algorithm(*upload);
    const bool whole = slice->size == object.size;
    DigestPlan plan{*slice, !whole || object.parts > 0, {}};
    if (!whole || object.checksum_algorithm != algorithm || object.checksum_type != "FULL_OBJECT") {
        plan.algorithm = algorithm;
    }
    return PartSource{*std::move(upload), *std::move(source), plan, algorithm};
}

// Whatever is wrong, write() says so.
Work prepare(
    const store::ReadTx& tx,
    const service::OpContext& context,
    const S3Request& request,
    Input& base
) {
    auto& input = static_cast<UploadPartCopyInput&>(base);
    const auto found = find_part_source(tx, context, request, input);
    return found ? make_digest_work(tx, found->plan, input.digests) : Work();
}

Response part_answer(const PartSource& found, const store::UploadPart& part) {
    Headers headers;
    headers.add("x-amz-server-side-encryption", "AES256");
    if (versioning_of(found.source.bucket) != Versioning::Off) {
        headers.add("x-amz-copy-source-version-id", shown_version_id(found.source.object));
    }
    protocol::XmlWriter xml;
    xml.open("CopyPartResult", kXmlNamespace);
    xml.element("LastModified", to_iso8601_ms(std::chrono::floor<seconds>(part.last_modified)));
    xml.element("ETag", quoted_etag(part.etag));
    if (found.upload.object.checksum_algorithm) {
        xml.element("Checksum" + std::string(checksum_name(found.algorithm)), part.checksum);
    }
    xml.close();
    return xml_response_with(std::move(headers), std::move(xml).take());
}

Result<Response>
write(store::WriteTx& tx, const service::OpContext& context, const S3Request& request, Input& base, StagedObject*) {
    const auto& input = static_cast<const UploadPartCopyInput&>(base);
    const auto found = find_part_source(tx, context, request, input);
    if (!found) {
        return found.error();
    }
    auto digests = find_digests(input.digests, found->plan);
    if (!digests) {
        return digests.error();
    }
    const store::Object& source = found->source.object;
    store::UploadPart part;
    part.number = input.number;
    part.size = found->plan.of.size;
    part.etag = found->plan.md5 ? digests->md5_hex : source.etag;
    part.checksum = found->plan.algorithm ? digests->checksum : source.checksum;
    part.last_modified = context.now;
    part.body = part.size == source.size ? source.body : tx.compose_body({found->plan.of}, {});
    tx.put_upload_part(found->upload.id, part);
    return part_answer(*found, part);
}

} // namespace

Operation upload_part_copy_operation() {
    return {
        .name = "UploadPartCopy",
        .method = "PUT",
        .level = Level::Object,
        .selector = "uploadId",
        .iam_action = "s3:PutObject",
        .access = Access::Write,
        .body = BodyKind::Ignored,
        .decode = decode,
        .access_requests = access_requests,
        .decode_document = nullptr,
        .read = nullptr,
        .write = write,
        .prepare = prepare};
}

} // namespace benchtop::s3
