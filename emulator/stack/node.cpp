#include "emulator/stack/node.hpp"

#include "emulator/core/encoding.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <charconv>

namespace benchtop::stack {

const Node* Node::find(std::string_view name) const {
    const auto found = std::find(names.begin(), names.end(), name);
    return found == names.end() ? nullptr : &items[static_cast<std::size_t>(found - names.begin())];
}

Node* Node::find(std::string_view name) {
    return const_cast<Node*>(std::as_const(*this).find(name));
}

Node& Node::set(std::string_view name, Node value) {
    if (Node* const there = find(name)) {
        *there = std::move(value);
        return *there;
    }
    kind = Kind::Map;
    names.emplace_back(name);
    items.push_back(std::move(value));
    return items.back();
}

Node Node::scalar(std::string_view text, int line) {
    Node node;
    node.kind = Kind::Scalar;
    node.text = text;
    node.line = line;
    return node;
}

Node Node::number(std::string_view text, int line) {
    Node node = scalar(text, line);
    node.plain = true;
    return node;
}

Node Node::list(std::vector<Node> items, int line) {
    Node node;
    node.kind = Kind::List;
    node.items = std::move(items);
    node.line = line;
    return node;
}

Node Node::map(int line) {
    Node node;
    node.kind = Kind::Map;
    node.line = line;
    return node;
}

Node object(std::vector<NamedNode> members, int line) {
    Node node = Node::map(line);
    for (auto& [name, value] : members) {
        node.set(name, std::move(value));
    }
    return node;
}

boost::json::value to_json(const Node& node) {
    switch (node.kind) {
    case Node::Kind::Null:
        return nullptr;
    case Node::Kind::List: {
        boost::json::array out;
        for (const Node& item : node.items) {
            out.push_back(to_json(item));
        }
        return out;
    }
    case Node::Kind::Map: {
        boost::json::object out;
        for (std::size_t i = 0; i < node.names.size(); ++i) {
            out[node.names[i]] = to_json(node.items[i]);
        }
        return out;
    }
    case Node::Kind::Scalar:
        break;
    }
    if (node.plain) {
        if (node.text == "true" || node.text == "false") {
            return node.text == "true";
        }
        // "007" is no number of JSON's, and an account's number is a text.
        if (const auto integer = parse_i64(node.text);
            integer && std::to_string(*integer) == node.text) {
            return *integer;
        }
        double real = 0;
        const char* const end = node.text.data() + node.text.size();
        if (node.text.find('.') != std::string::npos &&
            std::from_chars(node.text.data(), end, real).ptr == end) {
            return real;
        }
    }
    return boost::json::string(node.text);
}

AwsError template_error(int line, std::string_view sentence) {
    std::string text = line > 0 ? "line " + std::to_string(line) + ": " : std::string();
    return AwsError(400, "ValidationError", text + std::string(sentence));
}

} // namespace benchtop::stack
