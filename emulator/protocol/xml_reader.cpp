#include "emulator/protocol/xml_reader.hpp"

#include "emulator/core/encoding.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

namespace benchtop::protocol {
namespace {

// The Char production of XML 1.0, section 2.2.
bool is_xml_char(std::uint32_t code) {
    return code == 0x9 || code == 0xA || code == 0xD || (code >= 0x20 && code <= 0xD7FF) ||
           (code >= 0xE000 && code <= 0xFFFD) || (code >= 0x10000 && code <= 0x10FFFF);
}

// What stands between '&' and ';': one of the five names, or the number of a character.
bool is_reference(std::string_view name) {
    constexpr std::array<std::string_view, 5> kNames{"amp", "lt", "gt", "quot", "apos"};
    if (!name.starts_with('#')) {
        return std::ranges::find(kNames, name) != kNames.end();
    }
    name.remove_prefix(1);
    const bool hexadecimal = name.starts_with('x');
    name.remove_prefix(hexadecimal ? 1 : 0);
    std::uint32_t code = 0;
    const char* const end = name.data() + name.size();
    const auto parsed = std::from_chars(name.data(), end, code, hexadecimal ? 16 : 10);
    return parsed.ec == std::errc{} && parsed.ptr == end && is_xml_char(code);
}

// Length of the CDATA section, comment or instruction that `rest` begins with; 0 for none.
std::size_t opaque_length(std::string_view rest) {
    constexpr std::array<std::array<std::string_view, 2>, 3> kOpaque{
        {{"<![CDATA[", "]]>"}, {"<!--", "-->"}, {"<?", "?>"}}};
    for (const auto& [begin, end] : kOpaque) {
        if (rest.starts_with(begin)) {
            const auto at = rest.find(end, begin.size());
            return at == std::string_view::npos ? rest.size() : at + end.size();
        }
    }
    return 0;
}

// pugixml takes a reference it does not know for text, and any control character.
bool has_sound_characters(std::string_view body) {
    const bool has_control = std::ranges::any_of(body, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 && !is_xml_char(byte);
    });
    if (has_control) {
        return false;
    }
    for (auto at = body.find_first_of("<&"); at != std::string_view::npos;
         at = body.find_first_of("<&", at)) {
        const std::string_view rest = body.substr(at);
        if (rest.front() == '<') {
            at += std::max(opaque_length(rest), std::size_t{1});
            continue;
        }
        const auto semicolon = rest.find(';');
        if (semicolon == std::string_view::npos || !is_reference(rest.substr(1, semicolon - 1))) {
            return false;
        }
        at += semicolon + 1;
    }
    return true;
}

// pugixml parses without recursion, so depth may be measured afterwards. It is lenient about text
// beside the root, a prolog anywhere, DOCTYPE and instructions: those are refused here.
bool is_well_formed(const pugi::xml_document& document, int depth_max) {
    int roots = 0;
    bool first = true;
    for (const pugi::xml_node node : document.children()) {
        switch (node.type()) {
        case pugi::node_element:
            ++roots;
            break;
        case pugi::node_comment:
            break;
        case pugi::node_declaration:
            if (!first) {
                return false;
            }
            break;
        default:
            return false;
        }
        first = false;
    }
    if (roots != 1) {
        return false;
    }
    int depth = 1;
    pugi::xml_node node = document.document_element();
    const pugi::xml_node root = node;
    while (true) {
        if (depth > depth_max || node.type() == pugi::node_pi ||
            node.type() == pugi::node_declaration || node.type() == pugi::node_doctype) {
            return false;
        }
        if (node.first_child()) {
            node = node.first_child();
            ++depth;
            continue;
        }
        while (node != root && !node.next_sibling()) {
            node = node.parent();
            --depth;
        }
        if (node == root) {
            return true;
        }
        node = node.next_sibling();
    }
}

} // namespace

AwsError malformed_xml(std::string_view internal_cause) {
    return AwsError(
               400,
               "MalformedXML",
               "The XML you provided was not well-formed or did not validate against our published "
               "schema"
    )
        .because(internal_cause)
        .closing();
}

Result<XmlDocument> parse_xml(std::string_view body, const XmlLimits& limits) {
    if (body.size() > limits.bytes_max) {
        return malformed_xml("body too large");
    }
    if (!is_valid_utf8(body) || !has_sound_characters(body)) {
        return malformed_xml("not text of XML's characters");
    }
    constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
    if (body.starts_with(byte_order_mark)) {
        body.remove_prefix(byte_order_mark.size());
    }
    XmlDocument document;
    constexpr unsigned options = pugi::parse_cdata | pugi::parse_escapes | pugi::parse_eol |
                                 pugi::parse_wconv_attribute | pugi::parse_ws_pcdata_single |
                                 pugi::parse_fragment | pugi::parse_pi | pugi::parse_comments |
                                 pugi::parse_declaration | pugi::parse_doctype;
    const auto result =
        document.document_->load_buffer(body.data(), body.size(), options, pugi::encoding_utf8);
    if (!result) {
        return malformed_xml(result.description());
    }
    if (!is_well_formed(*document.document_, limits.depth_max)) {
        return malformed_xml("more than one element and its content, or too deep");
    }
    return document;
}

std::string_view local_name(pugi::xml_node node) {
    const std::string_view name = node.name();
    const auto colon = name.find(':');
    return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

pugi::xml_node child(pugi::xml_node parent, std::string_view name) {
    for (const pugi::xml_node node : parent.children()) {
        if (node.type() == pugi::node_element && local_name(node) == name) {
            return node;
        }
    }
    return {};
}

std::vector<pugi::xml_node> children(pugi::xml_node parent, std::string_view name) {
    std::vector<pugi::xml_node> found;
    for (const pugi::xml_node node : parent.children()) {
        if (node.type() == pugi::node_element && local_name(node) == name) {
            found.push_back(node);
        }
    }
    return found;
}

std::vector<pugi::xml_node> children(pugi::xml_node parent) {
    std::vector<pugi::xml_node> found;
    for (const pugi::xml_node node : parent.children()) {
        if (node.type() == pugi::node_element) {
            found.push_back(node);
        }
    }
    return found;
}

std::string text_of(pugi::xml_node node) {
    std::string text;
    for (const pugi::xml_node part : node.children()) {
        if (part.type() == pugi::node_pcdata || part.type() == pugi::node_cdata) {
            text += part.value();
        }
    }
    return text;
}

std::optional<std::string> child_text(pugi::xml_node parent, std::string_view name) {
    const pugi::xml_node node = child(parent, name);
    return node ? std::optional(text_of(node)) : std::nullopt;
}

} // namespace benchtop::protocol
