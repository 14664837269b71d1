#include "emulator/stack/yaml_writer.hpp"

#include "emulator/core/encoding.hpp"

#include <boost/json/value.hpp>

#include <algorithm>
#include <array>

namespace benchtop::stack {
namespace {

bool is_alphanumeric(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

// A text that every reader of YAML takes for this text and nothing else.
bool may_be_plain(std::string_view text) {
    constexpr std::array words{"true", "false", "yes", "no", "on", "off", "null", "y", "n"};
    if (text.empty() || (!is_alphanumeric(text.front()) && text.front() != '/') ||
        (text.front() >= '0' && text.front() <= '9') || text.back() == ':' || text.back() == ' ') {
        return false;
    }
    const std::string lower = to_lower(text);
    if (std::find(words.begin(), words.end(), lower) != words.end()) {
        return false;
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool common = is_alphanumeric(c) ||
                            std::string_view("-_./:*+=@$ {}()").find(c) != std::string_view::npos;
        if (!common || (c == ':' && text[i + 1] == ' ')) { // the last is no colon
            return false;
        }
    }
    return true;
}

bool is_name(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_alphanumeric);
}

std::string quoted(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (c == '\n') {
            out += "\\n";
        } else if (byte < 0x20 || byte == 0x7F) {
            out += "\\x";
            out += digits[byte >> 4];
            out += digits[byte & 15];
        } else {
            out += c;
        }
    }
    return out + '"';
}

std::string scalar(const Node& node) {
    const bool is_text = !node.plain || to_json(node).is_string();
    return !is_text || may_be_plain(node.text) ? node.text : quoted(node.text);
}

// "!Sub" and its argument when the map is a function with a short form of one line.
std::string short_form(const Node& node) {
    const std::string* const name = node.only_name();
    if (name == nullptr) {
        return {};
    }
    const Node& argument = node.items.front();
    if (*name == "Fn::GetAtt" && argument.is_list() && argument.items.size() == 2 &&
        is_name(argument.items[0].text) && is_name(argument.items[1].text)) {
        return "!GetAtt " + argument.items[0].text + "." + argument.items[1].text;
    }
    if ((*name == "Ref" || *name == "Fn::Sub") && argument.is_scalar()) {
        return (*name == "Ref" ? "!Ref " : "!Sub ") + scalar(argument);
    }
    return {};
}

// What fits behind "key: "; "" when it does not fit on the line.
std::string on_the_line(const Node& node) {
    switch (node.kind) {
    case Node::Kind::Null:
        return "null";
    case Node::Kind::Scalar:
        return scalar(node);
    case Node::Kind::List:
        return node.items.empty() ? "[]" : "";
    case Node::Kind::Map:
        return node.items.empty() ? "{}" : short_form(node);
    }
    return {};
}

void write(std::string& out, const Node& node, std::size_t depth, bool begun);

void write_member(std::string& out, const Node& node, std::size_t depth) {
    const std::string line = on_the_line(node);
    if (!line.empty()) {
        out += ' ' + line + '\n';
        return;
    }
    out += '\n';
    write(out, node, depth + 1, false);
}

// `begun`: the indentation of the first line is already there.
void write(std::string& out, const Node& node, std::size_t depth, bool begun) {
    for (std::size_t i = 0; i < node.items.size(); ++i) {
        if (!begun || i > 0) {
            out.append(depth * 2, ' ');
        }
        const Node& item = node.items[i];
        if (node.is_map()) {
            out += (may_be_plain(node.names[i]) ? node.names[i] : quoted(node.names[i])) + ':';
            write_member(out, item, depth);
            continue;
        }
        out += '-';
        if (const std::string line = on_the_line(item); !line.empty()) {
            out += ' ' + line + '\n';
        } else {
            out += ' ';
            write(out, item, depth + 1, true);
        }
    }
}

} // namespace

std::string to_yaml(const Node& node) {
    std::string out = on_the_line(node);
    if (out.empty()) {
        write(out, node, 0, false);
        return out;
    }
    return out + '\n';
}

} // namespace benchtop::stack
