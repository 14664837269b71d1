#include "emulator/s3/ops/complete_document.hpp"

#include "emulator/core/encoding.hpp"
#include "emulator/protocol/xml_reader.hpp"
#include "emulator/s3/errors.hpp"
#include "emulator/s3/multipart.hpp"

namespace benchtop::s3 {
namespace {

constexpr std::string_view kChecksum = "Checksum";

std::string without_quotes(std::string_view etag) {
    if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') {
        etag = etag.substr(1, etag.size() - 2);
    }
    return std::string(etag);
}

Result<ListedPart> parse_part(pugi::xml_node element) {
    ListedPart part;
    bool has_etag = false;
    bool has_number = false;
    for (const pugi::xml_node child : protocol::children(element)) {
        const std::string_view name = protocol::local_name(child);
        const std::string text = protocol::text_of(child);
        if (name == "ETag") {
            part.etag = without_quotes(trim(text));
            has_etag = true;
        } else if (name == "PartNumber") {
            const auto number = parse_i64(trim(text));
            if (!number) {
                return malformed_xml();
            }
            if (*number < 1) {
                return invalid_argument("PartNumber must be >= 1", "PartNumber", trim(text));
            }
            part.number = static_cast<std::uint64_t>(*number);
            has_number = true;
        } else if (name.starts_with(kChecksum)) {
            part.checksum_word = to_lower(name.substr(kChecksum.size()));
            part.checksum = trim(text);
        } else {
            return malformed_xml();
        }
    }
    if (!has_etag || !has_number) {
        return malformed_xml();
    }
    return part;
}

} // namespace

Result<std::vector<ListedPart>> parse_complete_document(std::string_view document) {
    const auto parsed = protocol::parse_xml(document, {.bytes_max = kCompleteDocumentMax});
    if (!parsed || protocol::local_name(parsed->root()) != "CompleteMultipartUpload") {
        return malformed_xml();
    }
    std::vector<ListedPart> parts;
    for (const pugi::xml_node child : protocol::children(parsed->root())) {
        if (protocol::local_name(child) != "Part" || parts.size() == kPartNumberMax) {
            return malformed_xml();
        }
        auto part = parse_part(child);
        if (!part) {
            return part.error();
        }
        parts.push_back(*std::move(part));
    }
    if (parts.empty()) {
        return malformed_xml();
    }
    return parts;
}

} // namespace benchtop::s3
