#include "emulator/core/crc_combine.hpp"

#include "emulator/core/assert.hpp"

#include <array>

namespace benchtop {
namespace {

// Arithmetic modulo one CRC's polynomial. Bits are reflected, as the CRCs are: the highest bit of a
// word is the coefficient of x^0.
template <class Word>
class Field {
public:
    constexpr explicit Field(Word polynomial)
        : polynomial_(polynomial) {
        powers_[0] = kOne >> 1; // x
        for (std::size_t k = 1; k < powers_.size(); ++k) {
            powers_[k] = multiply(powers_[k - 1], powers_[k - 1]);
        }
    }

    constexpr Word multiply(Word a, Word b) const {
        Word product = 0;
        for (Word bit = kOne; bit != 0; bit >>= 1) {
            if ((a & bit) != 0) {
                product ^= b;
            }
            b = (b & 1) != 0 ? (b >> 1) ^ polynomial_ : b >> 1; // times x
        }
        return product;
    }

    // x^(8 * bytes)
    constexpr Word shift(std::uint64_t bytes) const {
        Word factor = kOne;
        for (std::size_t k = 3; bytes != 0; ++k, bytes >>= 1) {
            if ((bytes & 1) != 0) {
                factor = multiply(factor, powers_[k]);
            }
        }
        return factor;
    }

private:
    static constexpr Word kOne = Word{1} << (8 * sizeof(Word) - 1);

    Word polynomial_;
    std::array<Word, 64 + 3> powers_{}; // x^(2^k)
};

const Field<std::uint32_t> kCrc32{0xEDB88320U};
const Field<std::uint32_t> kCrc32c{0x82F63B78U};
const Field<std::uint64_t> kCrc64Nvme{0x9A6C9329AC4BC9B5U};

std::uint64_t shift(ChecksumAlgorithm algorithm, std::uint64_t bytes) {
    if (algorithm == ChecksumAlgorithm::Crc32) {
        return kCrc32.shift(bytes);
    }
    return algorithm == ChecksumAlgorithm::Crc32c ? kCrc32c.shift(bytes) : kCrc64Nvme.shift(bytes);
}

std::uint64_t multiply(ChecksumAlgorithm algorithm, std::uint64_t a, std::uint64_t b) {
    if (algorithm == ChecksumAlgorithm::Crc64Nvme) {
        return kCrc64Nvme.multiply(a, b);
    }
    const auto& field = algorithm == ChecksumAlgorithm::Crc32 ? kCrc32 : kCrc32c;
    return field.multiply(static_cast<std::uint32_t>(a), static_cast<std::uint32_t>(b));
}

} // namespace

bool is_crc(ChecksumAlgorithm algorithm) {
    return algorithm != ChecksumAlgorithm::Sha1 && algorithm != ChecksumAlgorithm::Sha256;
}

void CrcCombiner::append(std::string_view crc, std::uint64_t size) {
    BT_ASSERT(is_crc(algorithm_) && crc.size() == checksum_size(algorithm_));
    std::uint64_t value = 0;
    for (const char byte : crc) {
        value = value << 8 | static_cast<unsigned char>(byte);
    }
    if (size != known_size_ || known_factor_ == 0) {
        known_size_ = size;
        known_factor_ = shift(algorithm_, size);
    }
    crc_ = multiply(algorithm_, known_factor_, crc_) ^ value;
}

std::string CrcCombiner::finish() const {
    std::string raw(checksum_size(algorithm_), '\0');
    for (std::size_t i = 0; i < raw.size(); ++i) {
        raw[raw.size() - 1 - i] = static_cast<char>(crc_ >> (8 * i) & 0xFF);
    }
    return raw;
}

} // namespace benchtop
