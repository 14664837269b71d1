#include "emulator/s3/document_schema.hpp"

#include "emulator/core/encoding.hpp"
#include "emulator/protocol/xml_reader.hpp"
#include "emulator/s3/acl_wire.hpp"
#include "emulator/s3/errors.hpp"
#include "emulator/s3/xml_answer.hpp"

#include <algorithm>

namespace benchtop::s3 {
namespace {

using Kind = SchemaElement::Kind;

bool is_value(const SchemaElement& element, std::string_view text) {
    switch (element.kind) {
    case Kind::Choice:
        return std::ranges::find(element.values, text) != element.values.end();
    case Kind::Boolean:
        return iequals(text, "true") || iequals(text, "false");
    case Kind::Integer:
        return parse_u64(text).has_value();
    case Kind::Text:
    case Kind::Group:
    case Kind::Grantee:
        break;
    }
    return text.size() <= kSchemaTextMax;
}

// xsi:type of an element that is a grantee, which parse_grantee() has found good.
std::string grantee_type(pugi::xml_node grantee) {
    return protocol::child(grantee, "ID") ? "CanonicalUser" : "Group";
}

Result<void> write_grantee_as_given(pugi::xml_node node, protocol::XmlWriter& xml) {
    if (auto grantee = parse_grantee(node, malformed_xml()); !grantee) {
        return grantee.error();
    }
    const std::string type = grantee_type(node);
    xml.open_with(
        "Grantee",
        " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"" + type + "\""
    );
    const std::string_view name = type == "Group" ? "URI" : "ID";
    xml.element(name, protocol::child_text(node, name).value_or(""));
    xml.close();
    return {};
}

Result<void>
write_element(const SchemaElement& element, pugi::xml_node node, protocol::XmlWriter& xml);

Result<void>
write_children(const SchemaElement& element, pugi::xml_node node, protocol::XmlWriter& xml) {
    std::size_t known = 0;
    for (const SchemaElement& child : element.children) {
        const auto nodes = protocol::children(node, child.name);
        if (nodes.size() < child.at_least || nodes.size() > child.at_most) {
            return malformed_xml();
        }
        known += nodes.size();
        for (const pugi::xml_node found : nodes) {
            if (auto ok = write_element(child, found, xml); !ok) {
                return ok.error();
            }
        }
    }
    return known == protocol::children(node).size() ? Result<void>() : malformed_xml();
}

Result<void>
write_element(const SchemaElement& element, pugi::xml_node node, protocol::XmlWriter& xml) {
    if (element.kind == Kind::Grantee) {
        return write_grantee_as_given(node, xml);
    }
    if (element.kind == Kind::Group) {
        if (protocol::children(node).empty()) {
            xml.empty(element.name);
            return write_children(element, node, xml);
        }
        xml.open(element.name);
        auto ok = write_children(element, node, xml);
        xml.close();
        return ok;
    }
    const std::string text = protocol::text_of(node);
    if (!protocol::children(node).empty() || !is_value(element, text)) {
        return malformed_xml();
    }
    xml.element(element.name, element.kind == Kind::Boolean ? to_lower(text) : text);
    return {};
}

} // namespace

Result<std::string> parse_by_schema(const SchemaElement& root, std::string_view xml) {
    const auto parsed = protocol::parse_xml(xml);
    if (!parsed || protocol::local_name(parsed->root()) != root.name) {
        return malformed_xml();
    }
    protocol::XmlWriter writer;
    writer.open(root.name, kXmlNamespace);
    auto ok = write_children(root, parsed->root(), writer);
    writer.close();
    if (!ok) {
        return ok.error();
    }
    if (protocol::children(parsed->root()).empty()) {
        return empty_document(root.name);
    }
    return std::move(writer).take();
}

std::string text_at(std::string_view stored_document, std::string_view path) {
    const auto parsed = protocol::parse_xml(stored_document);
    if (!parsed) {
        return {};
    }
    pugi::xml_node node = parsed->root();
    while (!path.empty()) {
        const auto slash = path.find('/');
        node = protocol::child(node, path.substr(0, slash));
        path = slash == std::string_view::npos ? std::string_view{} : path.substr(slash + 1);
    }
    return node ? protocol::text_of(node) : std::string();
}

std::string inner_document(std::string_view stored_document) {
    std::string text(stored_document.substr(stored_document.find('\n') + 1));
    const std::string xmlns = " xmlns=\"" + std::string(kXmlNamespace) + '"';
    if (const auto at = text.find(xmlns); at != std::string::npos) {
        text.erase(at, xmlns.size());
    }
    return text;
}

} // namespace benchtop::s3
