// aws-chunked bodies: what the head promises (plan_chunked) and a sans-I/O decoder of the bytes.
// Source: "Signature calculations for the Authorization header: Transferring a payload in multiple
// chunks" and its trailer variant, Amazon S3 API reference; tolerances and errors as recorded.
#pragma once

#include "emulator/auth/verify.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace benchtop::auth {

struct ChunkedPlan {
    bool decode = false; // false: the body is not aws-chunked, and no decoder is needed
    bool signed_chunks = false;
    bool signed_trailer = false;
    std::uint64_t decoded_length = 0;         // x-amz-decoded-content-length
    std::optional<ChecksumAlgorithm> trailer; // the checksum x-amz-trailer announces
    ChunkSigning signing;                     // when signed_chunks
    std::string access_key_id;                // for SignatureDoesNotMatch
};

// Everything about the body's framing that is decided from the head alone, before a byte of the
// body is read. Call it for object uploads. Errors: InvalidRequest (x-amz-trailer, several
// checksums), MalformedTrailerError (a trailer announced for a body that has none),
// MissingContentLength, and for STREAMING-* outside SigV4 header form IncompleteBody or
// XAmzContentSHA256Mismatch.
Result<ChunkedPlan> plan_chunked(const RequestHead& head, const Authenticated& who);

// One body. Data spans point into the bytes fed: nothing is copied. Data is handed out before its
// chunk's signature is known to be right, so nothing of it may become visible before finish().
// After an error the decoder is spent.
class ChunkDecoder {
public:
    explicit ChunkDecoder(ChunkedPlan plan);

    // Calls sink(ByteView) for each piece of decoded data. Errors: IncompleteBody,
    // InvalidChunkSizeError, SignatureDoesNotMatch, MalformedTrailerError, InternalError.
    template <class Sink>
    Result<void> feed(ByteView in, Sink&& sink) {
        while (!in.empty()) {
            ByteView data;
            auto consumed = step(in, data);
            if (!consumed) {
                return consumed.error();
            }
            if (!data.empty()) {
                sink(data);
            }
            in = in.subspan(*consumed);
        }
        return {};
    }

    // The body has ended: was it whole?
    Result<void> finish();

    // Decoded bytes so far.
    std::uint64_t decoded() const { return decoded_; }

    // After finish(): raw (not base64) value of the announced trailer.
    const std::optional<std::string>& trailer_value() const { return trailer_value_; }

private:
    enum class State { ChunkHeader, Data, DataEnd, Trailer, Done };

    // Consumes at least one byte.
    Result<std::size_t> step(ByteView in, ByteView& data);
    // Collects a line into line_; sets `complete` at its CRLF (which is not part of line_).
    Result<std::size_t> read_line(ByteView in, bool& complete);
    Result<void> begin_chunk();
    Result<void> end_chunk();
    Result<void> trailer_line();
    Result<void> check_trailer_signature(std::string_view provided);
    Result<void> close_trailers();
    AwsError mismatch(std::string_view to_sign, std::string_view provided) const;

    ChunkedPlan plan_;
    State state_ = State::ChunkHeader;
    std::string line_;
    std::uint64_t chunk_left_ = 0;
    std::uint64_t chunk_count_ = 0;
    std::uint64_t last_data_chunk_ = 0; // size of the previous data chunk, 0: none yet
    std::uint64_t decoded_ = 0;
    std::string previous_signature_;
    std::string provided_signature_;
    bool unknown_parameter_ = false;
    std::optional<Hash> chunk_hash_;
    unsigned data_end_seen_ = 0;
    std::string trailer_text_; // "name:value\n" of every line, what the trailer signature covers
    std::optional<std::string> trailer_base64_;
    std::optional<std::string> trailer_value_;
    bool trailer_signature_seen_ = false;
};

// The announced trailer says something else than the body.
AwsError trailer_mismatch(ChecksumAlgorithm algorithm);

} // namespace benchtop::auth
