#include "emulator/auth/chunked.hpp"

#include "emulator/auth/errors.hpp"
#include "emulator/core/encoding.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <limits>

namespace benchtop::auth {
namespace {

constexpr std::size_t kLineMax = 4096;
constexpr std::size_t kTrailerMax = 16384;
constexpr std::uint64_t kSmallestChunk = 8192;
constexpr std::string_view kEmptySha256 =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

AwsError unsupported_trailer() {
    return errors::invalid_request(
        "The value specified in the x-amz-trailer header is not supported"
    );
}

AwsError several_checksums() {
    return errors::invalid_request("Expecting a single x-amz-checksum- header. Multiple checksum "
                                   "Types are not allowed.");
}

std::optional<ChecksumAlgorithm> algorithm_of_header(std::string_view name) {
    for (const auto algorithm :
         {ChecksumAlgorithm::Crc32,
          ChecksumAlgorithm::Crc32c,
          ChecksumAlgorithm::Crc64Nvme,
          ChecksumAlgorithm::Sha1,
          ChecksumAlgorithm::Sha256}) {
        if (iequals(name, checksum_header(algorithm))) {
            return algorithm;
        }
    }
    return std::nullopt;
}

// "x-amz-checksum-crc32", with trailing commas and spaces tolerated.
Result<std::optional<ChecksumAlgorithm>> announced_trailer(std::string_view value) {
    while (!value.empty() && (value.back() == ',' || value.back() == ' ' || value.back() == '\t')) {
        value.remove_suffix(1);
    }
    std::optional<ChecksumAlgorithm> algorithm;
    bool several = false;
    while (true) {
        const auto comma = value.find(',');
        const auto named = algorithm_of_header(trim(value.substr(0, comma)));
        if (!named) {
            return unsupported_trailer();
        }
        several = several || algorithm.has_value();
        algorithm = named;
        if (comma == std::string_view::npos) {
            break;
        }
        value.remove_prefix(comma + 1);
    }
    if (several) {
        return several_checksums();
    }
    return algorithm;
}

std::size_t count_checksum_headers(const Headers& headers) {
    std::size_t count = 0;
    for (const auto& [name, value] : headers.entries()) {
        count += algorithm_of_header(name).has_value() ? 1 : 0;
    }
    return count;
}

// STREAMING-* beside a presigned or SigV2 signature is never decoded: it is no hash of the body,
// and most often the body is not as long as announced either.
Result<void> check_undecoded(const RequestHead& head) {
    const auto declared = parse_u64(trim(head.headers.get("x-amz-decoded-content-length")));
    if (declared && head.content_length && *declared != *head.content_length) {
        return errors::incomplete_body(*declared, *head.content_length);
    }
    return {};
}

bool is_streaming(PayloadHash payload) {
    return payload == PayloadHash::StreamingUnsignedTrailer ||
           payload == PayloadHash::StreamingSigned ||
           payload == PayloadHash::StreamingSignedTrailer;
}

} // namespace

Result<ChunkedPlan> plan_chunked(const RequestHead& head, const Authenticated& who) {
    ChunkedPlan plan;
    const std::size_t checksums = count_checksum_headers(head.headers);
    if (checksums > 1) {
        return several_checksums();
    }
    const bool announces = head.headers.has("x-amz-trailer");
    if (announces) {
        const auto trailer = announced_trailer(trim(head.headers.joined("x-amz-trailer")));
        if (!trailer) {
            return trailer.error();
        }
        plan.trailer = *trailer;
        if (checksums == 1) {
            return errors::invalid_request("Expecting a single x-amz-checksum- header");
        }
    }
    const auto sdk_algorithm = head.headers.find("x-amz-sdk-checksum-algorithm");
    if (plan.trailer && sdk_algorithm &&
        parse_checksum_name(trim(*sdk_algorithm)) != *plan.trailer) {
        return errors::invalid_request("Value for x-amz-sdk-checksum-algorithm header is invalid.");
    }
    if (who.payload == PayloadHash::UndecodedStreaming) {
        if (auto ok = check_undecoded(head); !ok) {
            return ok.error();
        }
        return plan;
    }
    if (announces && (!is_streaming(who.payload) || who.payload == PayloadHash::StreamingSigned)) {
        return errors::malformed_trailer();
    }
    if (!is_streaming(who.payload)) {
        return plan;
    }
    const auto length = parse_u64(trim(head.headers.get("x-amz-decoded-content-length")));
    if (!length) {
        return errors::missing_content_length();
    }
    plan.decode = true;
    plan.decoded_length = *length;
    plan.signed_chunks = who.payload != PayloadHash::StreamingUnsignedTrailer;
    plan.signed_trailer = who.payload == PayloadHash::StreamingSignedTrailer;
    plan.access_key_id = who.access_key_id;
    if (plan.signed_chunks) {
        plan.signing = who.chunk;
    }
    return plan;
}

ChunkDecoder::ChunkDecoder(ChunkedPlan plan)
    : plan_(std::move(plan))
    , previous_signature_(plan_.signing.seed_signature) {}

Result<std::size_t> ChunkDecoder::step(ByteView in, ByteView& data) {
    switch (state_) {
    case State::ChunkHeader: {
        bool complete = false;
        auto consumed = read_line(in, complete);
        if (consumed && complete) {
            if (auto ok = begin_chunk(); !ok) {
                return ok.error();
            }
        }
        return consumed;
    }
    case State::Data: {
        const auto take = static_cast<std::size_t>(std::min<std::uint64_t>(chunk_left_, in.size()));
        data = in.first(take);
        if (chunk_hash_) {
            chunk_hash_->update(data);
        }
        decoded_ += take;
        chunk_left_ -= take;
        if (chunk_left_ == 0) {
            state_ = State::DataEnd;
            data_end_seen_ = 0;
        }
        return take;
    }
    case State::DataEnd:
        if (in.front() != static_cast<std::uint8_t>(data_end_seen_ == 0 ? '\r' : '\n')) {
            return errors::incomplete_body();
        }
        if (++data_end_seen_ == 2) {
            if (auto ok = end_chunk(); !ok) {
                return ok.error();
            }
            state_ = State::ChunkHeader;
        }
        return std::size_t{1};
    case State::Trailer: {
        bool complete = false;
        auto consumed = read_line(in, complete);
        if (consumed && complete) {
            if (auto ok = trailer_line(); !ok) {
                return ok.error();
            }
        }
        return consumed;
    }
    case State::Done:
        // Behind the empty line an unsigned body may carry anything; nothing signed may.
        if (plan_.signed_chunks) {
            return errors::incomplete_body();
        }
        return in.size();
    }
    return errors::incomplete_body();
}

Result<std::size_t> ChunkDecoder::read_line(ByteView in, bool& complete) {
    const auto* const newline = static_cast<const std::uint8_t*>(
        std::memchr(in.data(), '\n', std::min(in.size(), kLineMax + 1))
    );
    const std::size_t taken =
        newline == nullptr ? in.size() : static_cast<std::size_t>(newline - in.data()) + 1;
    if (line_.size() + std::min(taken, kLineMax + 1) > kLineMax) {
        return errors::incomplete_body();
    }
    line_.append(reinterpret_cast<const char*>(in.data()), taken);
    if (newline == nullptr) {
        return taken;
    }
    const auto size = line_.size();
    if (size < 2 || line_[size - 2] != '\r') {
        return errors::incomplete_body();
    }
    line_.resize(size - 2);
    if (line_.find('\r') != std::string::npos) {
        return errors::incomplete_body();
    }
    complete = true;
    return taken;
}

Result<void> ChunkDecoder::begin_chunk() {
    const std::string_view line = line_;
    const auto semicolon = line.find(';');
    std::string_view size_text = line.substr(0, semicolon);
    provided_signature_.clear();
    unknown_parameter_ = false;
    if (plan_.signed_chunks) {
        size_text = trim(size_text);
        std::string_view rest =
            semicolon == std::string_view::npos ? std::string_view{} : line.substr(semicolon + 1);
        while (!rest.empty()) {
            if (!provided_signature_.empty()) {
                return errors::incomplete_body(); // something behind the signature
            }
            const auto next = rest.find(';');
            const std::string_view parameter = rest.substr(0, next);
            rest = next == std::string_view::npos ? std::string_view{} : rest.substr(next + 1);
            const auto equals = parameter.find('=');
            if (trim(parameter.substr(0, equals)) != "chunk-signature") {
                unknown_parameter_ = true;
                continue;
            }
            provided_signature_ = trim(
                equals == std::string_view::npos ? std::string_view{} : parameter.substr(equals + 1)
            );
            if (provided_signature_.empty()) {
                return errors::incomplete_body();
            }
        }
        if (provided_signature_.empty()) {
            return errors::incomplete_body();
        }
    } else if (semicolon != std::string_view::npos) {
        return errors::incomplete_body();
    }
    if (size_text.size() > 1 && size_text.front() == '-') {
        // What AWS itself does with a negative size.
        return AwsError(500, "InternalError", "We encountered an internal error. Please try again.")
            .because("negative chunk size")
            .closing();
    }
    std::uint64_t size = 0;
    const char* const end = size_text.data() + size_text.size();
    const auto parsed = std::from_chars(size_text.data(), end, size, 16);
    if (size_text.empty() || parsed.ec != std::errc{} || parsed.ptr != end) {
        return errors::incomplete_body();
    }
    line_.clear();
    ++chunk_count_;
    if (size > 0 && last_data_chunk_ > 0 && last_data_chunk_ < kSmallestChunk) {
        // Recorded: the signed forms answer 403 and count one too many.
        return AwsError(
                   plan_.signed_chunks ? 403 : 400,
                   "InvalidChunkSizeError",
                   "Only the last chunk is allowed to have a size less than 8192 bytes"
        )
            .with("Chunk", std::to_string(plan_.signed_chunks ? chunk_count_ : chunk_count_ - 1))
            .with("BadChunkSize", std::to_string(last_data_chunk_))
            .closing();
    }
    if (size > plan_.decoded_length - decoded_) {
        const std::uint64_t room = std::numeric_limits<std::uint64_t>::max() - decoded_;
        return errors::incomplete_body(plan_.decoded_length, decoded_ + std::min(size, room));
    }
    if (plan_.signed_chunks) {
        chunk_hash_.emplace(HashAlgorithm::Sha256);
    }
    chunk_left_ = size;
    if (size > 0) {
        last_data_chunk_ = size;
        state_ = State::Data;
        return {};
    }
    if (auto ok = end_chunk(); !ok) {
        return ok.error();
    }
    if (decoded_ != plan_.decoded_length) {
        return errors::incomplete_body(plan_.decoded_length, decoded_);
    }
    state_ = State::Trailer;
    return {};
}

AwsError ChunkDecoder::mismatch(std::string_view to_sign, std::string_view provided) const {
    return errors::signature_does_not_match(
        {plan_.access_key_id, to_sign, provided, plan_.signing.canonical_request}
    );
}

Result<void> ChunkDecoder::end_chunk() {
    if (!plan_.signed_chunks) {
        return {};
    }
    std::string to_sign = "AWS4-HMAC-SHA256-PAYLOAD\n";
    to_sign.append(plan_.signing.amz_date).append("\n");
    to_sign.append(plan_.signing.scope).append("\n");
    to_sign.append(previous_signature_).append("\n");
    to_sign.append(kEmptySha256).append("\n");
    to_sign.append(to_hex(as_bytes(chunk_hash_->finish())));
    chunk_hash_.reset();
    const Signature computed = sign_v4(plan_.signing.key, to_sign);
    if (unknown_parameter_ || !computed.matches(provided_signature_)) {
        return mismatch(to_sign, provided_signature_);
    }
    previous_signature_ = computed.text();
    return {};
}

Result<void> ChunkDecoder::trailer_line() {
    if (line_.empty()) {
        return close_trailers();
    }
    const std::string line = std::move(line_);
    line_.clear();
    const auto colon = line.find(':');
    if (colon == std::string::npos) {
        return errors::malformed_trailer();
    }
    const std::string name = to_lower(trim(std::string_view(line).substr(0, colon)));
    const std::string_view value = trim(std::string_view(line).substr(colon + 1));
    if (trailer_signature_seen_) {
        return errors::malformed_trailer();
    }
    if (plan_.signed_trailer && name == "x-amz-trailer-signature") {
        trailer_signature_seen_ = true;
        return check_trailer_signature(value);
    }
    if (!plan_.trailer || name != checksum_header(*plan_.trailer)) {
        return errors::malformed_trailer();
    }
    if (trailer_text_.size() + line.size() > kTrailerMax) {
        return errors::malformed_trailer();
    }
    trailer_text_.append(name).append(":").append(value).append("\n");
    trailer_base64_ = value;
    return {};
}

Result<void> ChunkDecoder::check_trailer_signature(std::string_view provided) {
    std::string to_sign = "AWS4-HMAC-SHA256-TRAILER\n";
    to_sign.append(plan_.signing.amz_date).append("\n");
    to_sign.append(plan_.signing.scope).append("\n");
    to_sign.append(previous_signature_).append("\n");
    to_sign.append(sha256_hex(trailer_text_.empty() ? std::string_view("\n") : trailer_text_));
    if (!sign_v4(plan_.signing.key, to_sign).matches(provided)) {
        return mismatch(to_sign, provided);
    }
    return {};
}

Result<void> ChunkDecoder::close_trailers() {
    state_ = State::Done;
    if (plan_.trailer && !trailer_base64_) {
        return errors::malformed_trailer();
    }
    if (plan_.signed_trailer && !trailer_signature_seen_) {
        return errors::incomplete_body();
    }
    if (plan_.trailer) {
        auto raw = from_base64(*trailer_base64_);
        if (!raw || raw->size() != checksum_size(*plan_.trailer)) {
            std::string message = "Value for ";
            message.append(checksum_header(*plan_.trailer)).append(" trailing header is invalid.");
            return errors::invalid_request(message);
        }
        trailer_value_ = std::move(*raw);
    }
    return {};
}

Result<void> ChunkDecoder::finish() {
    if (state_ == State::Done) {
        return {};
    }
    // The last empty line may be missing, but a line that began must be whole, and only in the
    // forms without signed chunks.
    if (state_ == State::Trailer && line_.empty() && !plan_.signed_chunks) {
        return close_trailers();
    }
    return errors::incomplete_body();
}

AwsError trailer_mismatch(ChecksumAlgorithm algorithm) {
    std::string message = "The ";
    message.append(checksum_name(algorithm))
        .append(" you specified did not match the calculated checksum.");
    return AwsError(400, "BadDigest", message).closing();
}

} // namespace benchtop::auth
