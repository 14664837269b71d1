#include "emulator/stack/properties.hpp"

#include "emulator/core/encoding.hpp"
#include "emulator/stack/refusal.hpp"

#include <boost/json/serialize.hpp>

namespace benchtop::stack {
namespace {

const Node kNoMap = Node::map();

} // namespace

Properties::Properties(const Node& node, std::string where, std::string path)
    : node_(node)
    , where_(std::move(where))
    , path_(std::move(path)) {
    if (!node.is_map()) {
        fail(node.line, "", "this must be a map.");
    }
}

const Node* Properties::find(std::string_view name) {
    read_.emplace(name);
    return node_.find(name);
}

std::optional<std::string> Properties::text(std::string_view name) {
    const Node* const node = find(name);
    if (node == nullptr) {
        return std::nullopt;
    }
    if (!node->is_scalar()) {
        fail(node->line, name, "this must be a text.");
    }
    return node->text;
}

std::string Properties::required(std::string_view name) {
    auto value = text(name);
    if (!value) {
        fail(name, "this is missing.");
    }
    return *std::move(value);
}

std::optional<std::int64_t> Properties::integer(std::string_view name) {
    const auto value = text(name);
    if (!value) {
        return std::nullopt;
    }
    const auto number = parse_i64(*value);
    if (!number || *number > INT32_MAX || *number < INT32_MIN) {
        fail(name, "this must be an integer, not " + *value + ".");
    }
    return *number;
}

std::optional<bool> Properties::boolean(std::string_view name) {
    const auto value = text(name);
    if (!value) {
        return std::nullopt;
    }
    if (*value != "true" && *value != "false") {
        fail(name, "this must be true or false, not " + *value + ".");
    }
    return *value == "true";
}

std::vector<std::string> Properties::texts(std::string_view name) {
    std::vector<std::string> out;
    const Node* const node = find(name);
    if (node == nullptr) {
        return out;
    }
    const auto items = node->is_list() ? node->items : std::vector{*node};
    for (const Node& item : items) {
        if (!item.is_scalar()) {
            fail(item.line, name, "this must be a list of texts.");
        }
        out.push_back(item.text);
    }
    return out;
}

NamedTexts Properties::text_map(std::string_view name) {
    NamedTexts out;
    const Node* const node = find(name);
    if (node == nullptr) {
        return out;
    }
    if (!node->is_map()) {
        fail(node->line, name, "this must be a map.");
    }
    for (std::size_t i = 0; i < node->names.size(); ++i) {
        if (!node->items[i].is_scalar()) {
            fail(
                node->items[i].line,
                std::string(name) + "." + node->names[i],
                "this must be a text."
            );
        }
        out.emplace_back(node->names[i], node->items[i].text);
    }
    return out;
}

NamedTexts Properties::tags(std::string_view name) {
    NamedTexts out;
    for (Properties& tag : maps(name)) {
        out.emplace_back(tag.required("Key"), tag.required("Value"));
        tag.finish();
    }
    return out;
}

std::optional<std::string> Properties::document(std::string_view name) {
    const Node* const node = find(name);
    if (node == nullptr) {
        return std::nullopt;
    }
    if (!node->is_map()) {
        fail(node->line, name, "this must be a policy document.");
    }
    return boost::json::serialize(to_json(*node));
}

Properties Properties::map(std::string_view name) {
    const Node* const node = find(name);
    return Properties(
        node != nullptr ? *node : kNoMap,
        where_,
        path_.empty() ? std::string(name) : path_ + "." + std::string(name)
    );
}

std::vector<Properties> Properties::maps(std::string_view name) {
    std::vector<Properties> out;
    const Node* const node = find(name);
    if (node == nullptr) {
        return out;
    }
    if (!node->is_list()) {
        fail(node->line, name, "this must be a list.");
    }
    for (const Node& item : node->items) {
        out.emplace_back(
            item, where_, path_.empty() ? std::string(name) : path_ + "." + std::string(name)
        );
    }
    return out;
}

void Properties::finish() const {
    for (std::size_t i = 0; i < node_.names.size(); ++i) {
        if (!read_.contains(node_.names[i])) {
            fail(node_.items[i].line, node_.names[i], "Benchtop does not take this property.");
        }
    }
}

void Properties::fail(std::string_view name, std::string_view sentence) const {
    const Node* const node = node_.find(name);
    fail(node != nullptr ? node->line : node_.line, name, sentence);
}

void Properties::fail(int line, std::string_view name, std::string_view sentence) const {
    std::string path = path_;
    if (!name.empty()) {
        path += (path.empty() ? "" : ".") + std::string(name);
    }
    refuse(
        line, where_ + (path.empty() ? "" : ", property " + path) + ": " + std::string(sentence)
    );
}

} // namespace benchtop::stack
