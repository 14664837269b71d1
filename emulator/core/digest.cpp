#include "emulator/core/digest.hpp"

#include "emulator/core/assert.hpp"
#include "emulator/core/crc64_clmul.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <bit>
#include <cstring>

namespace benchtop {
namespace {

struct MdDeleter {
    void operator()(EVP_MD* md) const { EVP_MD_free(md); }
};

const EVP_MD* algorithm_of(HashAlgorithm algorithm) {
    using Md = std::unique_ptr<EVP_MD, MdDeleter>;
    static const Md md5{EVP_MD_fetch(nullptr, "MD5", nullptr)};
    static const Md sha1{EVP_MD_fetch(nullptr, "SHA1", nullptr)};
    static const Md sha256{EVP_MD_fetch(nullptr, "SHA256", nullptr)};
    switch (algorithm) {
    case HashAlgorithm::Md5:
        return md5.get();
    case HashAlgorithm::Sha1:
        return sha1.get();
    case HashAlgorithm::Sha256:
        return sha256.get();
    }
    return nullptr;
}

struct CtxDeleter {
    void operator()(EVP_MD_CTX* ctx) const { EVP_MD_CTX_free(ctx); }
};

// One context per thread for one-shot digests: allocating one costs more than a short hash.
EVP_MD_CTX* scratch_context() {
    thread_local const std::unique_ptr<EVP_MD_CTX, CtxDeleter> ctx{EVP_MD_CTX_new()};
    return ctx.get();
}

template <std::size_t N>
std::array<std::uint8_t, N>
digest_parts(HashAlgorithm algorithm, std::initializer_list<ByteView> parts) {
    std::array<std::uint8_t, N> out{};
    EVP_MD_CTX* ctx = scratch_context();
    BT_ASSERT(EVP_DigestInit_ex2(ctx, algorithm_of(algorithm), nullptr) == 1);
    for (const ByteView part : parts) {
        EVP_DigestUpdate(ctx, part.data(), part.size());
    }
    unsigned length = 0;
    BT_ASSERT(EVP_DigestFinal_ex(ctx, out.data(), &length) == 1 && length == N);
    return out;
}

// HMAC by its definition (RFC 2104); both digests have 64-byte blocks.
template <std::size_t N>
std::array<std::uint8_t, N> hmac(HashAlgorithm algorithm, ByteView key, std::string_view message) {
    constexpr std::size_t kBlock = 64;
    std::array<std::uint8_t, kBlock> block{};
    if (key.size() > kBlock) {
        const auto hashed = digest_parts<N>(algorithm, {key});
        std::memcpy(block.data(), hashed.data(), N);
    } else if (!key.empty()) {
        std::memcpy(block.data(), key.data(), key.size());
    }
    std::array<std::uint8_t, kBlock> inner{};
    std::array<std::uint8_t, kBlock> outer{};
    for (std::size_t i = 0; i < kBlock; ++i) {
        inner[i] = block[i] ^ 0x36;
        outer[i] = block[i] ^ 0x5c;
    }
    const auto first = digest_parts<N>(algorithm, {inner, as_bytes(message)});
    return digest_parts<N>(algorithm, {outer, first});
}

// Slice-by-8 tables for the reflected polynomials S3 uses.
template <class Word>
struct CrcTables {
    std::array<std::array<Word, 256>, 8> t{};

    constexpr explicit CrcTables(Word polynomial) {
        for (unsigned i = 0; i < 256; ++i) {
            Word crc = i;
            for (int bit = 0; bit < 8; ++bit) {
                crc = (crc & 1) ? (crc >> 1) ^ polynomial : crc >> 1;
            }
            t[0][i] = crc;
        }
        for (unsigned i = 0; i < 256; ++i) {
            for (unsigned k = 1; k < 8; ++k) {
                t[k][i] = (t[k - 1][i] >> 8) ^ t[0][t[k - 1][i] & 255];
            }
        }
    }
};

const CrcTables<std::uint32_t> kCrc32{0xEDB88320u};
const CrcTables<std::uint32_t> kCrc32c{0x82F63B78u};
const CrcTables<std::uint64_t> kCrc64Nvme{0x9A6C9329AC4BC9B5u};

template <class Word>
Word crc_update(const CrcTables<Word>& tables, Word crc, ByteView bytes) {
    const std::uint8_t* p = bytes.data();
    std::size_t n = bytes.size();
    const auto& t = tables.t;
    while (n >= 8) {
        std::uint64_t chunk = 0;
        std::memcpy(&chunk, p, 8);
        if constexpr (std::endian::native == std::endian::big) {
            chunk = __builtin_bswap64(chunk);
        }
        chunk ^= crc;
        crc = t[7][chunk & 255] ^ t[6][chunk >> 8 & 255] ^ t[5][chunk >> 16 & 255] ^
              t[4][chunk >> 24 & 255] ^ t[3][chunk >> 32 & 255] ^ t[2][chunk >> 40 & 255] ^
              t[1][chunk >> 48 & 255] ^ t[0][chunk >> 56];
        p += 8;
        n -= 8;
    }
    while (n-- > 0) {
        crc = (crc >> 8) ^ t[0][(crc ^ *p++) & 255];
    }
    return crc;
}

std::uint64_t crc64_update(std::uint64_t state, ByteView bytes) {
    constexpr std::size_t kFoldMin = 256;
    if (bytes.size() >= kFoldMin && crc64_clmul_available()) {
        const ByteView whole = bytes.first(bytes.size() / 64 * 64);
        std::uint8_t folded[16];
        crc64_fold(state, whole, folded);
        state = crc_update(kCrc64Nvme, std::uint64_t{0}, folded);
        bytes = bytes.subspan(whole.size());
    }
    return crc_update(kCrc64Nvme, state, bytes);
}

std::string big_endian(std::uint64_t value, std::size_t size) {
    std::string out(size, '\0');
    for (std::size_t i = 0; i < size; ++i) {
        out[size - 1 - i] = static_cast<char>(value >> (8 * i) & 255);
    }
    return out;
}

} // namespace

struct Hash::Impl {
    std::unique_ptr<EVP_MD_CTX, CtxDeleter> ctx{EVP_MD_CTX_new()};
};

Hash::Hash(HashAlgorithm algorithm)
    : impl_(std::make_unique<Impl>()) {
    BT_ASSERT(EVP_DigestInit_ex2(impl_->ctx.get(), algorithm_of(algorithm), nullptr) == 1);
}

Hash::~Hash() = default;
Hash::Hash(Hash&&) noexcept = default;
Hash& Hash::operator=(Hash&&) noexcept = default;

void Hash::update(ByteView bytes) {
    EVP_DigestUpdate(impl_->ctx.get(), bytes.data(), bytes.size());
}

std::string Hash::finish() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
    unsigned length = 0;
    BT_ASSERT(EVP_DigestFinal_ex(impl_->ctx.get(), out.data(), &length) == 1);
    return std::string(reinterpret_cast<const char*>(out.data()), length);
}

Sha256Digest sha256(std::string_view bytes) {
    return digest_parts<32>(HashAlgorithm::Sha256, {as_bytes(bytes)});
}

std::string sha256_hex(std::string_view bytes) {
    return to_hex(sha256(bytes));
}

Md5Digest md5(std::string_view bytes) {
    return digest_parts<16>(HashAlgorithm::Md5, {as_bytes(bytes)});
}

Sha256Digest hmac_sha256(ByteView key, std::string_view message) {
    return hmac<32>(HashAlgorithm::Sha256, key, message);
}

Sha1Digest hmac_sha1(ByteView key, std::string_view message) {
    return hmac<20>(HashAlgorithm::Sha1, key, message);
}

bool equal_constant_time(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string_view checksum_name(ChecksumAlgorithm algorithm) {
    switch (algorithm) {
    case ChecksumAlgorithm::Crc32:
        return "CRC32";
    case ChecksumAlgorithm::Crc32c:
        return "CRC32C";
    case ChecksumAlgorithm::Crc64Nvme:
        return "CRC64NVME";
    case ChecksumAlgorithm::Sha1:
        return "SHA1";
    case ChecksumAlgorithm::Sha256:
        return "SHA256";
    }
    return {};
}

std::string_view checksum_header(ChecksumAlgorithm algorithm) {
    switch (algorithm) {
    case ChecksumAlgorithm::Crc32:
        return "x-amz-checksum-crc32";
    case ChecksumAlgorithm::Crc32c:
        return "x-amz-checksum-crc32c";
    case ChecksumAlgorithm::Crc64Nvme:
        return "x-amz-checksum-crc64nvme";
    case ChecksumAlgorithm::Sha1:
        return "x-amz-checksum-sha1";
    case ChecksumAlgorithm::Sha256:
        return "x-amz-checksum-sha256";
    }
    return {};
}

std::optional<ChecksumAlgorithm> parse_checksum_name(std::string_view name) {
    for (const auto algorithm :
         {ChecksumAlgorithm::Crc32,
          ChecksumAlgorithm::Crc32c,
          ChecksumAlgorithm::Crc64Nvme,
          ChecksumAlgorithm::Sha1,
          ChecksumAlgorithm::Sha256}) {
        if (iequals(name, checksum_name(algorithm))) {
            return algorithm;
        }
    }
    return std::nullopt;
}

std::size_t checksum_size(ChecksumAlgorithm algorithm) {
    switch (algorithm) {
    case ChecksumAlgorithm::Crc32:
    case ChecksumAlgorithm::Crc32c:
        return 4;
    case ChecksumAlgorithm::Crc64Nvme:
        return 8;
    case ChecksumAlgorithm::Sha1:
        return 20;
    case ChecksumAlgorithm::Sha256:
        return 32;
    }
    return 0;
}

Checksum::Checksum(ChecksumAlgorithm algorithm)
    : algorithm_(algorithm) {
    switch (algorithm) {
    case ChecksumAlgorithm::Crc32:
    case ChecksumAlgorithm::Crc32c:
        state_ = 0xFFFFFFFFu;
        break;
    case ChecksumAlgorithm::Crc64Nvme:
        state_ = ~std::uint64_t{0};
        break;
    case ChecksumAlgorithm::Sha1:
        hash_ = std::make_unique<Hash>(HashAlgorithm::Sha1);
        break;
    case ChecksumAlgorithm::Sha256:
        hash_ = std::make_unique<Hash>(HashAlgorithm::Sha256);
        break;
    }
}

Checksum::~Checksum() = default;
Checksum::Checksum(Checksum&&) noexcept = default;
Checksum& Checksum::operator=(Checksum&&) noexcept = default;

void Checksum::update(ByteView bytes) {
    switch (algorithm_) {
    case ChecksumAlgorithm::Crc32:
        state_ = crc_update(kCrc32, static_cast<std::uint32_t>(state_), bytes);
        break;
    case ChecksumAlgorithm::Crc32c:
        state_ = crc_update(kCrc32c, static_cast<std::uint32_t>(state_), bytes);
        break;
    case ChecksumAlgorithm::Crc64Nvme:
        state_ = crc64_update(state_, bytes);
        break;
    case ChecksumAlgorithm::Sha1:
    case ChecksumAlgorithm::Sha256:
        hash_->update(bytes);
        break;
    }
}

std::string Checksum::finish() {
    switch (algorithm_) {
    case ChecksumAlgorithm::Crc32:
    case ChecksumAlgorithm::Crc32c:
        return big_endian(~state_ & 0xFFFFFFFFu, 4);
    case ChecksumAlgorithm::Crc64Nvme:
        return big_endian(~state_, 8);
    case ChecksumAlgorithm::Sha1:
    case ChecksumAlgorithm::Sha256:
        return hash_->finish();
    }
    return {};
}

} // namespace benchtop
