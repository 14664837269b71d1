#include "emulator/s3/object_body.hpp"

#include "emulator/core/assert.hpp"
#include "emulator/s3/errors.hpp"
#include "emulator/s3/errors_post.hpp"

#include <algorithm>

namespace benchtop::s3 {
namespace {

constexpr std::size_t kBlockBytes = 512 * 1024;
constexpr std::string_view kChecksumPrefix = "x-amz-checksum-";
constexpr std::string_view kSdkAlgorithm = "x-amz-sdk-checksum-algorithm";

constexpr ChecksumAlgorithm kAlgorithms[] = {
    ChecksumAlgorithm::Crc32,
    ChecksumAlgorithm::Crc32c,
    ChecksumAlgorithm::Crc64Nvme,
    ChecksumAlgorithm::Sha1,
    ChecksumAlgorithm::Sha256};

bool is_streaming(auth::PayloadHash payload) {
    return payload == auth::PayloadHash::StreamingUnsignedTrailer ||
           payload == auth::PayloadHash::StreamingSigned ||
           payload == auth::PayloadHash::StreamingSignedTrailer;
}

Result<void> check_length(const RequestHead& head, bool streaming) {
    if (!streaming && head.chunked) {
        return header_not_implemented("Transfer-Encoding");
    }
    if (!head.chunked && !head.content_length) {
        return missing_content_length();
    }
    if (!streaming && *head.content_length > kPutBytesMax) {
        return entity_too_large(*head.content_length, kPutBytesMax);
    }
    return {};
}

Result<void> take_content_md5(const RequestHead& head, BodyPlan& plan) {
    const auto text = head.headers.find("content-md5");
    if (!text) {
        return {};
    }
    auto raw = from_base64(trim(*text));
    if (!raw || raw->size() != std::tuple_size_v<Md5Digest>) {
        return invalid_digest(*text);
    }
    plan.content_md5 = *std::move(raw);
    plan.content_md5_text = trim(*text);
    return {};
}

// x-amz-checksum-algorithm and -type are ignored on PutObject, whatever they say (recorded).
bool names_a_value(std::string_view lower_name) {
    return lower_name.starts_with(kChecksumPrefix) && lower_name != "x-amz-checksum-mode" &&
           lower_name != "x-amz-checksum-algorithm" && lower_name != "x-amz-checksum-type";
}

// Only real headers: SDKs put the checksum of an empty body into presigned queries.
Result<void> take_checksum_header(const RequestHead& head, BodyPlan& plan) {
    std::size_t count = 0;
    std::string header;
    std::string_view value;
    for (const auto& [name, text] : head.headers.entries()) {
        std::string lower = to_lower(name);
        if (names_a_value(lower)) {
            ++count;
            header = std::move(lower);
            value = trim(text);
        }
    }
    if (count > 1) {
        return invalid_request("Expecting a single x-amz-checksum- header. Multiple checksum Types "
                               "are not allowed.");
    }
    if (count == 0) {
        return {};
    }
    if (plan.checksum_algorithm) {
        return invalid_request("Expecting a single x-amz-checksum- header");
    }
    const auto* const algorithm = std::ranges::find(kAlgorithms, header, [](ChecksumAlgorithm a) {
        return checksum_header(a);
    });
    if (algorithm == std::end(kAlgorithms)) {
        constexpr std::string_view kLater[] = {"sha512", "md5", "xxhash64", "xxhash3", "xxhash128"};
        const auto suffix = std::string_view(header).substr(kChecksumPrefix.size());
        if (std::ranges::find(kLater, suffix) != std::end(kLater)) {
            return header_not_implemented(header);
        }
        return invalid_request("The algorithm type you specified in x-amz-checksum- header is "
                               "invalid.");
    }
    const auto raw = from_base64(value);
    if (!raw || raw->size() != checksum_size(*algorithm)) {
        return invalid_request("Value for " + header + " header is invalid.");
    }
    plan.checksum_algorithm = *algorithm;
    plan.checksum = value;
    return {};
}

Result<void> check_sdk_algorithm(const RequestHead& head, const BodyPlan& plan) {
    const auto value = head.headers.find(kSdkAlgorithm);
    if (!value) {
        return {};
    }
    if (!plan.checksum_algorithm) {
        return invalid_request("x-amz-sdk-checksum-algorithm specified, but no corresponding "
                               "x-amz-checksum-* or x-amz-trailer headers were found.");
    }
    if (parse_checksum_name(trim(*value)) != plan.checksum_algorithm) {
        return invalid_request("Value for x-amz-sdk-checksum-algorithm header is invalid.");
    }
    return {};
}

} // namespace

Result<BodyPlan> plan_body(const RequestHead& head, const auth::Authenticated& authenticated) {
    BodyPlan plan;
    const bool streaming = is_streaming(authenticated.payload);
    if (auto ok = check_length(head, streaming); !ok) {
        return ok.error();
    }
    if (auto ok = take_content_md5(head, plan); !ok) {
        return ok.error();
    }
    auto chunked = auth::plan_chunked(head, authenticated);
    if (!chunked) {
        return chunked.error();
    }
    plan.aws_chunked = chunked->decode;
    if (plan.aws_chunked) {
        plan.decoded_length = chunked->decoded_length;
        plan.checksum_algorithm = chunked->trailer;
        if (plan.decoded_length > kPutBytesMax) {
            return entity_too_large(plan.decoded_length, kPutBytesMax);
        }
        plan.chunked = *std::move(chunked);
    } else {
        plan.decoded_length = *head.content_length;
    }
    if (auto ok = take_checksum_header(head, plan); !ok) {
        return ok.error();
    }
    if (auto ok = check_sdk_algorithm(head, plan); !ok) {
        return ok.error();
    }
    if (authenticated.payload == auth::PayloadHash::Literal ||
        authenticated.payload == auth::PayloadHash::UndecodedStreaming) {
        plan.sha256 = authenticated.payload_literal;
    }
    return plan;
}

Result<BodyPlan>
plan_form_body(const RequestHead& form, std::uint64_t request_length, SizeRange allowed) {
    BodyPlan plan;
    plan.decoded_length = std::min(request_length, kPutBytesMax);
    plan.allowed = allowed;
    if (auto ok = take_content_md5(form, plan); !ok) {
        return ok.error();
    }
    if (auto ok = take_checksum_header(form, plan); !ok) {
        return ok.error();
    }
    if (auto ok = check_sdk_algorithm(form, plan); !ok) {
        return ok.error();
    }
    return plan;
}

struct ObjectBody::Impl {
    Impl(BodyPlan given, std::unique_ptr<store::BodyStager> to, std::unique_ptr<Lane> beside)
        : plan(std::move(given))
        , stager(std::move(to))
        , checksum(plan.checksum_algorithm.value_or(ChecksumAlgorithm::Crc64Nvme)) {
        if (plan.sha256) {
            sha256.emplace(HashAlgorithm::Sha256);
        }
        if (plan.extra_algorithm) {
            extra_checksum.emplace(*plan.extra_algorithm);
        }
        if (plan.chunked) {
            decoder.emplace(*plan.chunked);
        }
        lane = std::move(beside);
    }

    void take(ByteView data) {
        received += data.size();
        if (received > most() || refused_by_disk) {
            return; // counted, for the refusal's sake, but not kept
        }
        if (!lane) {
            md5.update(data);
            digest_and_store(data);
            return;
        }
        while (!data.empty()) {
            if (!block) {
                block = std::make_shared<std::string>();
                block->reserve(kBlockBytes);
            }
            const ByteView part = data.first(std::min(data.size(), kBlockBytes - block->size()));
            block->append(as_text(part));
            data = data.subspan(part.size());
            if (block->size() == kBlockBytes) {
                hand_over_block();
            }
        }
    }

    std::uint64_t most() const {
        return plan.allowed ? std::min(plan.allowed->most, plan.decoded_length)
                            : plan.decoded_length;
    }

    void digest_and_store(ByteView data) {
        checksum.update(data);
        if (extra_checksum) {
            extra_checksum->update(data);
        }
        if (sha256) {
            sha256->update(data);
        }
        refused_by_disk = refused_by_disk || !stager->append(data);
    }

    // The lane hashes the block while this thread does everything else with it.
    void hand_over_block() {
        const std::shared_ptr<const std::string> full = std::move(block);
        lane->run([this, full] { md5.update(as_bytes(*full)); });
        digest_and_store(as_bytes(*full));
    }

    void end_of_blocks() {
        if (lane) {
            if (block) {
                hand_over_block();
            }
            lane->wait();
        }
    }

    Result<void> state() const {
        if (refused_by_disk) {
            return internal_error("the disk refused a part of the body");
        }
        if (received > plan.decoded_length) {
            return plan.allowed ? entity_too_large(received, kPutBytesMax)
                                : incomplete_body(plan.decoded_length, received);
        }
        return {};
    }

    Result<void> check_size() const {
        if (!plan.allowed) {
            return received == plan.decoded_length ? Result<void>{}
                                                   : incomplete_body(plan.decoded_length, received);
        }
        if (received > plan.allowed->most) {
            return entity_too_large(received, plan.allowed->most);
        }
        if (received < plan.allowed->least) {
            return post_entity_too_small(received, plan.allowed->least);
        }
        return {};
    }

    Result<void> check_md5(std::string_view computed) const {
        if (plan.content_md5 && *plan.content_md5 != computed) {
            // Recorded: the value sent, in hex for an object, as it was sent for a part.
            return bad_digest_md5(
                to_base64(as_bytes(computed)),
                plan.is_part ? plan.content_md5_text : to_hex(as_bytes(*plan.content_md5))
            );
        }
        return {};
    }

    Result<void> check_checksum(std::string_view computed) const {
        std::optional<std::string> expected;
        if (plan.checksum) {
            expected = from_base64(*plan.checksum);
        } else if (decoder) {
            expected = decoder->trailer_value();
        }
        if (expected && *expected != computed) {
            return bad_digest_checksum(checksum_name(checksum.algorithm()));
        }
        return {};
    }

    BodyPlan plan;
    std::unique_ptr<store::BodyStager> stager;
    std::optional<auth::ChunkDecoder> decoder;
    Hash md5{HashAlgorithm::Md5};
    std::optional<Hash> sha256;
    Checksum checksum;
    std::optional<Checksum> extra_checksum;
    std::uint64_t received = 0;
    bool refused_by_disk = false;
    std::shared_ptr<std::string> block; // being filled, for the lane
    std::unique_ptr<Lane> lane;         // last: waits for its tasks before the hashes go
};

ObjectBody::ObjectBody(
    BodyPlan plan, std::unique_ptr<store::BodyStager> stager, std::unique_ptr<Lane> lane
)
    : impl_(std::make_unique<Impl>(std::move(plan), std::move(stager), std::move(lane))) {}

ObjectBody::~ObjectBody() = default;

Result<void> ObjectBody::feed(ByteView bytes) {
    if (!impl_->decoder) {
        impl_->take(bytes);
        return impl_->state();
    }
    if (auto ok = impl_->decoder->feed(bytes, [this](ByteView data) { impl_->take(data); }); !ok) {
        return ok.error();
    }
    return impl_->state();
}

Result<StagedObject> ObjectBody::finish() {
    if (impl_->decoder) {
        if (auto ok = impl_->decoder->finish(); !ok) {
            return ok.error();
        }
    }
    if (auto ok = impl_->check_size(); !ok) {
        return ok.error();
    }
    impl_->end_of_blocks();
    if (auto ok = impl_->state(); !ok) {
        return ok.error();
    }
    // AWS's order: a wrong SHA-256 beats a wrong MD5, and both beat a wrong checksum.
    if (impl_->sha256) {
        const std::string computed = to_hex(as_bytes(impl_->sha256->finish()));
        if (!iequals(computed, *impl_->plan.sha256)) {
            return content_sha256_mismatch(*impl_->plan.sha256, computed);
        }
    }
    const std::string md5 = impl_->md5.finish();
    if (auto ok = impl_->check_md5(md5); !ok) {
        return ok.error();
    }
    const std::string checksum = impl_->checksum.finish();
    if (auto ok = impl_->check_checksum(checksum); !ok) {
        return ok.error();
    }
    StagedObject object;
    object.body = impl_->stager->finish();
    if (!object.body) {
        return internal_error("the disk refused the body");
    }
    object.md5_hex = to_hex(as_bytes(md5));
    object.checksum_algorithm = impl_->checksum.algorithm();
    object.checksum = to_base64(as_bytes(checksum));
    if (impl_->extra_checksum) {
        object.extra_checksum = to_base64(as_bytes(impl_->extra_checksum->finish()));
    }
    return object;
}

} // namespace benchtop::s3
