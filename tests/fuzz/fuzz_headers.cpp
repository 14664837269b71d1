// Header values with a grammar of their own: copy sources, ranges, tags, metadata in encoded words,
// dates. The first byte chooses; what is accepted keeps its promises.
#include "emulator/core/encoding.hpp"
#include "emulator/core/time.hpp"
#include "emulator/s3/ops/copy_source.hpp"
#include "emulator/s3/ops/metadata_text.hpp"
#include "emulator/s3/ops/range.hpp"
#include "emulator/s3/tags.hpp"

#include <cstdint>
#include <cstdlib>

using namespace benchtop;

extern "C" const char* const* benchtop_fuzz_seeds();
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" const char* const* benchtop_fuzz_seeds() {
    static const char* const seeds[] = {
        "C/bucket/uploads/a%20b%2Bc.txt",
        "Cbucket/key?versionId=null",
        "Rbytes=0-4",
        "Rbytes=-3",
        "Rbytes=5-",
        "Tproject=a%20b&owner=me+you",
        "M=?UTF-8?B?w6k=?= =?UTF-8?Q?=C3=A9_x?=",
        "DThu, 26 Nov 2026 01:02:03 GMT",
        "D20261126T010203Z",
        "D2026-11-26T01:02:03.000Z",
        nullptr};
    return seeds;
}

namespace {

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

void copy_source(std::string_view header) {
    if (const auto source = s3::parse_copy_source(header)) {
        require(!source->bucket.empty() && !source->key.empty() && source->key.size() <= 1024);
        require(is_valid_utf8(source->key));
    }
}

void range(std::string_view header) {
    for (const std::uint64_t size : {0ULL, 1ULL, 10ULL, ~0ULL}) {
        const auto parsed = s3::parse_range(header, size);
        if (parsed && *parsed) {
            require((*parsed)->first <= (*parsed)->last && (*parsed)->last < size);
        }
    }
}

void tagging(std::string_view header) {
    if (const auto tags = s3::decode_tagging_header(header)) {
        require(tags->size() <= 10);
        for (const auto& [key, value] : *tags) {
            require(!key.empty() && is_valid_utf8(key) && is_valid_utf8(value));
        }
    }
}

void metadata(std::string_view header) {
    const std::string text = s3::decode_metadata_value(header);
    require(is_valid_utf8(text));
    const std::string back = s3::encode_metadata_value(text);
    require(back.find_first_of("\r\n") == std::string::npos);
}

void dates(std::string_view text) {
    if (const auto date = parse_amz_date(text)) {
        require(parse_amz_date(to_amz_date(*date)) == date);
    }
    (void)parse_http_date(text);
    (void)parse_iso8601(text);
}

void run(std::string_view input) {
    if (input.empty()) {
        return;
    }
    const std::string_view value = input.substr(1);
    switch (input.front()) {
    case 'C':
        return copy_source(value);
    case 'R':
        return range(value);
    case 'T':
        return tagging(value);
    case 'M':
        return metadata(value);
    default:
        return dates(value);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    run({reinterpret_cast<const char*>(data), size});
    return 0;
}
