// The body of CompleteMultipartUpload: the list of parts.
#pragma once

#include "emulator/core/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace benchtop::s3 {

inline constexpr std::size_t kCompleteDocumentMax = 4 * 1024 * 1024;

struct ListedPart {
    std::uint64_t number = 0;
    std::string etag;          // without quotes
    std::string checksum_word; // "crc32c", of the Checksum* element; "" without one
    std::string checksum;      // base64 as sent
};

// In the order of the document. MalformedXML for anything that is not one to 10,000 whole parts,
// InvalidArgument for a part number below 1.
Result<std::vector<ListedPart>> parse_complete_document(std::string_view document);

} // namespace benchtop::s3
