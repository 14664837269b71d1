// Any body must be decoded or refused without a crash, and how it is cut into pieces must make no
// difference. The first byte chooses the form, the second the size of the pieces.
#include "emulator/auth/chunked.hpp"
#include "emulator/core/assert.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

using namespace benchtop;
using namespace benchtop::auth;

extern "C" const char* const* benchtop_fuzz_seeds();
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" const char* const* benchtop_fuzz_seeds() {
    static const char* const seeds[] = {
        "A\x03"
        "5\r\nhello\r\n0\r\n\r\n",
        "E\x01"
        "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n",
        "B\x07"
        "5;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"
        "\r\nhello\r\n0;chunk-signature=0055\r\n\r\n",
        "G\x02"
        "0;chunk-signature=e5eb26b23d2b9fd9be5ad7ba2e2e9b3e2c1c1e47a6fc4b1c8a8a2c8b0d7e8f90"
        "\r\nx-amz-checksum-crc32:AAAAAA==\r\nx-amz-trailer-signature:00\r\n\r\n",
        nullptr};
    return seeds;
}

namespace {

struct Outcome {
    std::string data;
    std::string error;
    bool operator==(const Outcome&) const = default;
};

Outcome decode(const ChunkedPlan& plan, ByteView body, std::size_t piece) {
    ChunkDecoder decoder(plan);
    Outcome outcome;
    const auto sink = [&](ByteView data) { outcome.data += as_text(data); };
    while (!body.empty()) {
        const auto now = body.first(std::min(piece, body.size()));
        body = body.subspan(now.size());
        if (const auto ok = decoder.feed(now, sink); !ok) {
            outcome.error = ok.error().code() + ok.error().message();
            return outcome;
        }
    }
    if (const auto ok = decoder.finish(); !ok) {
        outcome.error = ok.error().code() + ok.error().message();
    }
    BT_ASSERT(outcome.data.size() <= plan.decoded_length);
    BT_ASSERT(!outcome.error.empty() || outcome.data.size() == plan.decoded_length);
    return outcome;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) {
        return 0;
    }
    ChunkedPlan plan;
    plan.decode = true;
    plan.signed_chunks = (data[0] & 2) != 0;
    plan.signed_trailer = plan.signed_chunks && (data[0] & 4) != 0;
    if ((data[0] & 4) != 0) {
        plan.trailer = ChecksumAlgorithm::Crc32;
    }
    plan.decoded_length = (data[0] & 8) != 0 ? 0 : 5;
    const ByteView body(data + 2, size - 2);
    BT_ASSERT(decode(plan, body, 1U + data[1] % 64U) == decode(plan, body, size));
    return 0;
}
