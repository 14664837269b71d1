// Digests, incremental and one-shot. OpenSSL algorithms are fetched once per process (a fetch per
// call costs ten times the hash of a short string). Checksums are the five S3 knows.
#pragma once

#include "emulator/core/encoding.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace benchtop {

using Sha256Digest = std::array<std::uint8_t, 32>;
using Sha1Digest = std::array<std::uint8_t, 20>;
using Md5Digest = std::array<std::uint8_t, 16>;

enum class HashAlgorithm { Md5, Sha1, Sha256 };

// An incremental hash. Not thread-safe; movable.
class Hash {
public:
    explicit Hash(HashAlgorithm algorithm);
    ~Hash();
    Hash(Hash&&) noexcept;
    Hash& operator=(Hash&&) noexcept;
    Hash(const Hash&) = delete;
    Hash& operator=(const Hash&) = delete;

    void update(ByteView bytes);
    // Raw digest bytes; the object is spent afterwards.
    std::string finish();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

Sha256Digest sha256(std::string_view bytes);
std::string sha256_hex(std::string_view bytes);
Md5Digest md5(std::string_view bytes);
Sha256Digest hmac_sha256(ByteView key, std::string_view message);
Sha1Digest hmac_sha1(ByteView key, std::string_view message);

// Time depends on the length only.
bool equal_constant_time(std::string_view a, std::string_view b);

enum class ChecksumAlgorithm { Crc32, Crc32c, Crc64Nvme, Sha1, Sha256 };

// "CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"
std::string_view checksum_name(ChecksumAlgorithm algorithm);
// "x-amz-checksum-crc32"...
std::string_view checksum_header(ChecksumAlgorithm algorithm);
std::optional<ChecksumAlgorithm> parse_checksum_name(std::string_view name); // any case
// Length of the raw value in bytes.
std::size_t checksum_size(ChecksumAlgorithm algorithm);

// An incremental checksum; finish() gives the big-endian raw bytes (base64 of it is the wire form).
class Checksum {
public:
    explicit Checksum(ChecksumAlgorithm algorithm);
    ~Checksum();
    Checksum(Checksum&&) noexcept;
    Checksum& operator=(Checksum&&) noexcept;
    Checksum(const Checksum&) = delete;
    Checksum& operator=(const Checksum&) = delete;

    void update(ByteView bytes);
    std::string finish();

    ChecksumAlgorithm algorithm() const { return algorithm_; }

private:
    ChecksumAlgorithm algorithm_;
    std::uint64_t state_ = 0;
    std::unique_ptr<Hash> hash_;
};

} // namespace benchtop
