#include "emulator/s3/xml_answer.hpp"

#include "emulator/protocol/xml_writer.hpp"

namespace benchtop::s3 {

std::string empty_document(std::string_view root) {
    protocol::XmlWriter xml;
    xml.empty(std::string(root) + " xmlns=\"" + std::string(kXmlNamespace) + '"');
    return std::move(xml).take();
}

std::string quoted_etag(std::string_view etag) {
    return '"' + std::string(etag) + '"';
}

} // namespace benchtop::s3
