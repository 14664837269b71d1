// Schemas of configuration documents: one description checks what a client sends and gives it the
// form in which it is stored and returned.
//
// An element that is not of the schema, too few or too many of one, or a value that is none of its
// kind is MalformedXML, as S3 answers without saying more. Order of siblings is free; the stored
// form has the schema's.
#pragma once

#include "emulator/core/result.hpp"
#include "emulator/protocol/xml_writer.hpp"

#include <pugixml.hpp>

#include <span>
#include <string>
#include <string_view>

namespace benchtop::s3 {

struct SchemaElement {
    enum class Kind {
        Text,
        Choice,  // one of `values`
        Boolean, // true, false
        Integer, // at least 0
        Group,   // of `children`
        Grantee, // of an ACL, with xsi:type
    };
    std::string_view name;
    Kind kind = Kind::Text;
    std::size_t at_least = 1;
    std::size_t at_most = 1;
    std::span<const std::string_view> values = {};
    std::span<const SchemaElement> children = {};
};

inline constexpr std::size_t kSchemaTextMax = 4096; // bytes of one value

// The document in stored form, with S3's namespace. Errors: MalformedXML, those of
// parse_grantee().
Result<std::string> parse_by_schema(const SchemaElement& root, std::string_view xml);

// Text at a path of element names below a stored document's root ("Rule/ObjectOwnership"); "" when
// it has none.
std::string text_at(std::string_view stored_document, std::string_view path);

// The stored document without prolog and namespace, as it stands inside a list.
std::string inner_document(std::string_view stored_document);

} // namespace benchtop::s3
