// Zip archives of functions: looked at before they are stored, unpacked before they run. What is
// in one is hostile: sizes are bounded by what comes out, not by what the archive says, and nothing
// is written outside the directory given.
//
// Limits: Lambda Developer Guide, "Lambda quotas" (deployment package).
#pragma once

#include "emulator/core/result.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace benchtop::archive {

inline constexpr std::uint64_t kUnzippedBytesMax = 262144000;
inline constexpr std::size_t kEntriesMax = 100'000;

struct ZipEntry {
    std::string name; // relative, '/' between parts; a directory's ends with '/'
    std::uint64_t size = 0;
    std::uint32_t mode = 0; // permission bits as stored; 0: made without Unix modes
    bool symbolic_link = false;
};

enum class ZipFault {
    None,
    NotZip,   // not an archive, damaged, encrypted, or of a compression nobody has
    Empty,    // an archive without a file, or no bytes at all
    TooLarge, // over kUnzippedBytesMax once unpacked, or over kEntriesMax
    BadName,  // an entry that would leave the directory: absolute, "..", a link out of it
};

struct ZipSummary {
    ZipFault fault = ZipFault::None;
    std::vector<ZipEntry> entries;
    std::uint64_t unzipped_bytes = 0; // as announced
};

// Reads the directory of the archive only.
ZipSummary inspect_zip(std::string_view bytes);

// Makes `directory` (which must not exist yet) with the archive's files: readable by all,
// executable when the archive says so. A fault leaves nothing behind. The error of the result is
// the machine's: a disk that cannot be written.
Result<ZipFault> unpack_zip(std::string_view bytes, const std::filesystem::path& directory);

// One file's bytes; nullopt: it is not there, or cannot be read, or is larger than `bytes_max`.
std::optional<std::string>
read_zip_entry(std::string_view bytes, std::string_view name, std::size_t bytes_max);

} // namespace benchtop::archive
