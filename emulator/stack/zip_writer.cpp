// ".ZIP File Format Specification" (APPNOTE), sections 4.3.7, 4.3.12 and 4.3.16.
#include "emulator/stack/zip_writer.hpp"

#include "emulator/core/assert.hpp"
#include "emulator/core/digest.hpp"
#include "emulator/core/encoding.hpp"

#include <limits>

namespace benchtop::stack {
namespace {

constexpr std::uint16_t kVersion = 20;
constexpr std::uint16_t kMadeByUnix = (3 << 8) | kVersion;
constexpr std::uint16_t kNamesAreUtf8 = 1 << 11;
// 1980-01-01, the format's first day: no time of anybody's is in the archive.
constexpr std::uint16_t kTime = 0;
constexpr std::uint16_t kDate = (1 << 5) | 1;

void put16(std::string& out, std::uint16_t value) {
    out += static_cast<char>(value & 0xFF);
    out += static_cast<char>(value >> 8);
}

void put32(std::string& out, std::uint32_t value) {
    put16(out, static_cast<std::uint16_t>(value & 0xFFFF));
    put16(out, static_cast<std::uint16_t>(value >> 16));
}

std::uint32_t crc32(std::string_view bytes) {
    Checksum checksum(ChecksumAlgorithm::Crc32);
    checksum.update(as_bytes(bytes));
    std::uint32_t value = 0;
    for (const char c : checksum.finish()) {
        value = (value << 8) | static_cast<std::uint8_t>(c);
    }
    return value;
}

// What the local header and the directory's entry have in common.
std::string common(std::string_view name, std::string_view bytes) {
    const auto size = static_cast<std::uint32_t>(bytes.size());
    std::string out;
    put16(out, kVersion);
    put16(out, kNamesAreUtf8);
    put16(out, 0); // stored
    put16(out, kTime);
    put16(out, kDate);
    put32(out, crc32(bytes));
    put32(out, size);
    put32(out, size);
    put16(out, static_cast<std::uint16_t>(name.size()));
    put16(out, 0); // no extra field
    return out;
}

} // namespace

void ZipWriter::add(std::string_view name, std::string_view bytes, bool executable) {
    BT_ASSERT(count_ < std::numeric_limits<std::uint16_t>::max());
    BT_ASSERT(files_.size() + bytes.size() < std::numeric_limits<std::uint32_t>::max());
    const auto offset = static_cast<std::uint32_t>(files_.size());
    const std::string shared = common(name, bytes);
    put32(files_, 0x04034b50);
    files_ += shared;
    files_ += name;
    files_ += bytes;
    put32(directory_, 0x02014b50);
    put16(directory_, kMadeByUnix);
    directory_ += shared;
    put16(directory_, 0); // no comment
    put16(directory_, 0); // first disk
    put16(directory_, 0); // internal attributes
    constexpr std::uint32_t regular = 0100000;
    put32(directory_, (regular | (executable ? 0755U : 0644U)) << 16);
    put32(directory_, offset);
    directory_ += name;
    ++count_;
}

std::string ZipWriter::finish() {
    const auto offset = static_cast<std::uint32_t>(files_.size());
    const auto size = static_cast<std::uint32_t>(directory_.size());
    std::string out = std::move(files_);
    out += directory_;
    put32(out, 0x06054b50);
    put16(out, 0);
    put16(out, 0);
    put16(out, count_);
    put16(out, count_);
    put32(out, size);
    put32(out, offset);
    put16(out, 0); // no comment
    files_.clear();
    directory_.clear();
    count_ = 0;
    return out;
}

} // namespace benchtop::stack
