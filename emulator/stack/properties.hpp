// A resource's properties, evaluated, and read one by one: what nobody asked for is refused at the
// end. The same for the maps within. Refusals are thrown.
#pragma once

#include "emulator/stack/node.hpp"
#include "emulator/stack/stack.hpp"

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace benchtop::stack {

class Properties {
public:
    // `node` is a map without functions and outlives this; `where` is "resource Worker", `path`
    // the property that holds it ("Code"), "" for the resource's own.
    Properties(const Node& node, std::string where, std::string path);

    const Node* find(std::string_view name); // null: absent
    std::optional<std::string> text(std::string_view name);
    std::string required(std::string_view name);
    std::optional<std::int64_t> integer(std::string_view name);
    std::optional<bool> boolean(std::string_view name);
    std::vector<std::string> texts(std::string_view name
    ); // a list of texts; a text is a list of one
    NamedTexts text_map(std::string_view name);
    NamedTexts tags(std::string_view name); // [{Key: ..., Value: ...}]
    // JSON text of a document, as it is stored.
    std::optional<std::string> document(std::string_view name);
    // A map as its own Properties; an empty one when absent. finish() it.
    Properties map(std::string_view name);
    std::vector<Properties> maps(std::string_view name); // of a list

    bool has(std::string_view name) const { return node_.find(name) != nullptr; }

    int line() const { return node_.line; }

    const Node& node() const { return node_; }

    // Refuses what has not been asked for.
    void finish() const;
    [[noreturn]] void fail(std::string_view name, std::string_view sentence) const;
    [[noreturn]] void fail(int line, std::string_view name, std::string_view sentence) const;

private:
    const Node& node_;
    std::string where_;
    std::string path_;
    std::set<std::string, std::less<>> read_;
};

} // namespace benchtop::stack
