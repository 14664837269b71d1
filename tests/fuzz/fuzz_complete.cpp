// The list of parts that completes an upload is hostile: it is refused, or it is one to 10,000
// parts whose numbers are numbers.
#include "emulator/s3/multipart.hpp"
#include "emulator/s3/ops/complete_document.hpp"

#include <cstdint>
#include <cstdlib>

using namespace benchtop::s3;

extern "C" const char* const* benchtop_fuzz_seeds() {
    static const char* const seeds[] = {
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<CompleteMultipartUpload "
        "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Part><ETag>&quot;"
        "900150983cd24fb0d6963f7d28e17f72&quot;</ETag><PartNumber>1</PartNumber>"
        "<ChecksumCRC32>NSRBwg==</ChecksumCRC32></Part><Part><PartNumber>10000</PartNumber>"
        "<ETag>x</ETag></Part></CompleteMultipartUpload>",
        "<CompleteMultipartUpload><Part><PartNumber>-1</PartNumber><ETag/></Part>"
        "</CompleteMultipartUpload>",
        nullptr};
    return seeds;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto parts = parse_complete_document({reinterpret_cast<const char*>(data), size});
    if (!parts) {
        return 0;
    }
    if (parts->empty() || parts->size() > kPartNumberMax) {
        std::abort();
    }
    for (const ListedPart& part : *parts) {
        if (part.number == 0 || part.etag.size() > size || part.checksum.size() > size) {
            std::abort();
        }
    }
    return 0;
}
