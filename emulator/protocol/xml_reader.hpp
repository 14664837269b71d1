// Reads the XML bodies S3 accepts, bounded: size, depth, no DOCTYPE, no processing instructions
// but the prolog, valid UTF-8 only. Anything else is 400 MalformedXML.
#pragma once

#include "emulator/core/result.hpp"

#include <pugixml.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace benchtop::protocol {

struct XmlLimits {
    std::size_t bytes_max = 2 * 1024 * 1024; // DeleteObjects' body is the largest
    int depth_max = 32;
};

// A parsed document; elements stay valid as long as it lives.
class XmlDocument {
public:
    pugi::xml_node root() const { return document_->document_element(); }

private:
    friend Result<XmlDocument> parse_xml(std::string_view body, const XmlLimits& limits);

    std::unique_ptr<pugi::xml_document> document_ = std::make_unique<pugi::xml_document>();
};

Result<XmlDocument> parse_xml(std::string_view body, const XmlLimits& limits = {});

// S3's text for a body that is not XML or not of the schema.
AwsError malformed_xml(std::string_view internal_cause);

// Name without its namespace prefix ("s3:Key" -> "Key").
std::string_view local_name(pugi::xml_node node);
// First child element of that local name; an empty node when there is none.
pugi::xml_node child(pugi::xml_node parent, std::string_view name);
std::vector<pugi::xml_node> children(pugi::xml_node parent, std::string_view name);
// Every child element in document order.
std::vector<pugi::xml_node> children(pugi::xml_node parent);
// Text of an element without its child elements, entities resolved, white space kept.
std::string text_of(pugi::xml_node node);
// Text of the first child of that name; nullopt when there is none.
std::optional<std::string> child_text(pugi::xml_node parent, std::string_view name);

} // namespace benchtop::protocol
