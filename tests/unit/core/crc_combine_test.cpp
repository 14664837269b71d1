// Goal: the CRC of a whole follows from those of its pieces, however it is cut.
#include "emulator/core/crc_combine.hpp"
#include "tests/catch.hpp"

using namespace benchtop;

namespace {

std::string crc_of(ChecksumAlgorithm algorithm, std::string_view bytes) {
    Checksum checksum(algorithm);
    checksum.update(as_bytes(bytes));
    return checksum.finish();
}

} // namespace

TEST_CASE("CRCs of pieces combine to the CRC of the whole", "[core][digest]") {
    std::string bytes;
    for (int i = 0; i < 100'000; ++i) {
        bytes += static_cast<char>(i * 31 + i / 256);
    }
    for (const auto algorithm :
         {ChecksumAlgorithm::Crc32, ChecksumAlgorithm::Crc32c, ChecksumAlgorithm::Crc64Nvme}) {
        for (const std::size_t cut : {1, 7, 4096, 65'537, 100'000}) {
            CrcCombiner combiner(algorithm);
            for (std::size_t at = 0; at < bytes.size(); at += cut) {
                const std::string piece = bytes.substr(at, cut);
                combiner.append(crc_of(algorithm, piece), piece.size());
            }
            CHECK(combiner.finish() == crc_of(algorithm, bytes));
        }
        CrcCombiner nothing(algorithm);
        CHECK(nothing.finish() == crc_of(algorithm, ""));
        nothing.append(crc_of(algorithm, ""), 0);
        nothing.append(crc_of(algorithm, "abc"), 3);
        nothing.append(crc_of(algorithm, ""), 0);
        CHECK(nothing.finish() == crc_of(algorithm, "abc"));
    }
}

TEST_CASE("Only the CRCs combine", "[core][digest]") {
    CHECK(is_crc(ChecksumAlgorithm::Crc32));
    CHECK(is_crc(ChecksumAlgorithm::Crc32c));
    CHECK(is_crc(ChecksumAlgorithm::Crc64Nvme));
    CHECK_FALSE(is_crc(ChecksumAlgorithm::Sha1));
    CHECK_FALSE(is_crc(ChecksumAlgorithm::Sha256));
}
