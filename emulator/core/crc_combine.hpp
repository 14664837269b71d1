// The CRC of a whole from the CRCs of its pieces, without their bytes.
//
// A CRC is a remainder of polynomials over GF(2): appending n bytes multiplies what was before by
// x^(8n), modulo the CRC's polynomial, and adds the CRC of what was appended. All CRCs of S3 begin
// with and are inverted by all ones, which cancels out.
#pragma once

#include "emulator/core/digest.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace benchtop {

// Whether a whole's checksum follows from those of its pieces: the CRCs, not the hashes.
bool is_crc(ChecksumAlgorithm algorithm);

class CrcCombiner {
public:
    // `algorithm` is a CRC.
    explicit CrcCombiner(ChecksumAlgorithm algorithm)
        : algorithm_(algorithm) {}

    // The next piece: its raw big-endian CRC and its length in bytes.
    void append(std::string_view crc, std::uint64_t size);
    // Raw big-endian CRC of all pieces in their order.
    std::string finish() const;

private:
    ChecksumAlgorithm algorithm_;
    std::uint64_t crc_ = 0; // of nothing
    // Pieces mostly have one size: x^(8 * size) is kept.
    std::uint64_t known_size_ = 0;
    std::uint64_t known_factor_ = 0;
};

} // namespace benchtop
