// Builds S3's XML answers: a prolog line, then the document on one line without a final newline.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace benchtop::protocol {

// Which characters of text become entities beside & < > and CR.
enum class Quotes {
    Escape, // `"` as &quot;: listings, results, errors
    Keep,   // raw: PostResponse
};

enum class EmptyElement {
    OpenClose,   // <Prefix></Prefix>
    SelfClosing, // <Buckets/>
};

// Characters XML 1.0 cannot carry are written as numeric references, as S3 does.
std::string xml_escape(std::string_view text, Quotes quotes);

class XmlWriter {
public:
    explicit XmlWriter(Quotes quotes = Quotes::Escape);
    // Without prolog: for the pieces of a document that is sent early, and for Query answers.
    static XmlWriter fragment(Quotes quotes = Quotes::Escape);

    XmlWriter& open(std::string_view name);
    // <name xmlns="...">
    XmlWriter& open(std::string_view name, std::string_view xmlns);
    // `attributes` is written as it is: ` xmlns:xsi="..." xsi:type="CanonicalUser"`.
    XmlWriter& open_with(std::string_view name, std::string_view attributes);
    // Closes the innermost open element.
    XmlWriter& close();
    XmlWriter& element(std::string_view name, std::string_view text);
    XmlWriter& element(std::string_view name, std::uint64_t number);
    XmlWriter& element(std::string_view name, bool value); // true, false
    XmlWriter& element(std::string_view name, const char* text);
    XmlWriter& empty(std::string_view name, EmptyElement how = EmptyElement::SelfClosing);
    XmlWriter& text(std::string_view text);

    // Every element must be closed.
    std::string take() &&;

private:
    void append(std::string_view text);

    std::string out_;
    std::vector<std::string> open_;
    Quotes quotes_;
};

} // namespace benchtop::protocol
