// XML bodies are hostile: parsing answers or refuses, and what was accepted can be walked.
#include "emulator/protocol/xml_reader.hpp"

#include <cstdint>
#include <cstdlib>

using namespace benchtop::protocol;

namespace {

void walk(pugi::xml_node node, int depth) {
    if (depth > XmlLimits{}.depth_max) {
        std::abort();
    }
    text_of(node);
    for (const pugi::xml_node inner : children(node)) {
        child_text(node, local_name(inner));
        walk(inner, depth + 1);
    }
}

} // namespace

extern "C" const char* const* benchtop_fuzz_seeds() {
    static const char* const seeds[] = {
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<s3:Delete xmlns:s3=\"urn:x\"><s3:Object>"
        "<s3:Key>a&amp;b&#13;<![CDATA[<c>]]></s3:Key></s3:Object><Quiet>true</Quiet></s3:Delete>",
        "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>",
        "<a><!-- c --><?p i?><b c='d'/> <b></b></a>",
        nullptr};
    return seeds;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto document = parse_xml({reinterpret_cast<const char*>(data), size});
    if (document) {
        walk(document->root(), 1);
    }
    return 0;
}
