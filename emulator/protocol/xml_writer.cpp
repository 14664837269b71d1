#include "emulator/protocol/xml_writer.hpp"

#include "emulator/core/assert.hpp"
#include "emulator/core/encoding.hpp"
#include "emulator/core/utf8.hpp"

namespace benchtop::protocol {
namespace {

// What a client sent may come back in an answer; a document holds characters only.
void append_escaped(std::string& out, std::string_view text, Quotes quotes) {
    if (!is_valid_utf8(text)) {
        append_escaped(out, utf8_text(text), quotes);
        return;
    }
    for (const char c : text) {
        switch (c) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += quotes == Quotes::Escape ? "&quot;" : "\"";
            break;
        case '\n':
        case '\t':
            out += c;
            break;
        default:
            if (static_cast<unsigned char>(c) < 0x20) {
                out += "&#" + std::to_string(static_cast<int>(c)) + ";";
            } else {
                out += c;
            }
        }
    }
}

} // namespace

std::string xml_escape(std::string_view text, Quotes quotes) {
    std::string out;
    out.reserve(text.size());
    append_escaped(out, text, quotes);
    return out;
}

XmlWriter::XmlWriter(Quotes quotes)
    : out_("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
    , quotes_(quotes) {}

XmlWriter XmlWriter::fragment(Quotes quotes) {
    XmlWriter writer(quotes);
    writer.out_.clear();
    return writer;
}

void XmlWriter::append(std::string_view text) {
    append_escaped(out_, text, quotes_);
}

XmlWriter& XmlWriter::open(std::string_view name) {
    return open_with(name, {});
}

XmlWriter& XmlWriter::open(std::string_view name, std::string_view xmlns) {
    return open_with(name, " xmlns=\"" + xml_escape(xmlns, Quotes::Escape) + "\"");
}

XmlWriter& XmlWriter::open_with(std::string_view name, std::string_view attributes) {
    out_.append("<").append(name).append(attributes).append(">");
    open_.emplace_back(name);
    return *this;
}

XmlWriter& XmlWriter::close() {
    BT_ASSERT(!open_.empty());
    out_.append("</").append(open_.back()).append(">");
    open_.pop_back();
    return *this;
}

XmlWriter& XmlWriter::element(std::string_view name, std::string_view text) {
    out_.append("<").append(name).append(">");
    append(text);
    out_.append("</").append(name).append(">");
    return *this;
}

XmlWriter& XmlWriter::element(std::string_view name, std::uint64_t number) {
    return element(name, std::string_view(std::to_string(number)));
}

XmlWriter& XmlWriter::element(std::string_view name, bool value) {
    return element(name, std::string_view(value ? "true" : "false"));
}

XmlWriter& XmlWriter::element(std::string_view name, const char* text) {
    return element(name, std::string_view(text));
}

XmlWriter& XmlWriter::empty(std::string_view name, EmptyElement how) {
    if (how == EmptyElement::OpenClose) {
        return element(name, std::string_view{});
    }
    out_.append("<").append(name).append("/>");
    return *this;
}

XmlWriter& XmlWriter::text(std::string_view text) {
    append(text);
    return *this;
}

std::string XmlWriter::take() && {
    BT_ASSERT(open_.empty());
    return std::move(out_);
}

} // namespace benchtop::protocol
