// A template as a tree of values that remember their lines. JSON and YAML give the same tree; the
// short forms of YAML (!Sub) are already the long ones ({"Fn::Sub": ...}).
#pragma once

#include "emulator/core/result.hpp"

#include <boost/json/value.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace benchtop::stack {

struct Node {
    enum class Kind { Null, Scalar, List, Map };

    Kind kind = Kind::Null;
    bool plain = false; // a scalar without quotes: a number or boolean where it reads as one
    int line = 0;       // counted from 1
    std::string text;
    std::vector<std::string> names; // a map's, in the order written
    std::vector<Node> items;        // a list's, or the values beside `names`

    bool is_scalar() const { return kind == Kind::Scalar; }

    bool is_list() const { return kind == Kind::List; }

    bool is_map() const { return kind == Kind::Map; }

    // Null: there is no such member.
    const Node* find(std::string_view name) const;
    Node* find(std::string_view name);

    // A map's only member; null: it has more, or none.
    const std::string* only_name() const {
        return is_map() && names.size() == 1 ? &names.front() : nullptr;
    }

    // Adds a member, or replaces it.
    Node& set(std::string_view name, Node value);

    static Node scalar(std::string_view text, int line = 0);
    static Node number(std::string_view text, int line = 0); // or a boolean
    static Node list(std::vector<Node> items, int line = 0);
    static Node map(int line = 0);
};

// Members by initializer: object({{"Ref", Node::scalar("X")}}).
struct NamedNode {
    std::string_view name;
    Node value;
};

Node object(std::vector<NamedNode> members, int line = 0);

// Plain scalars become numbers, booleans and null where JSON has these.
boost::json::value to_json(const Node& node);

// CloudFormation's quota for a template read from a file, and what keeps a hostile one cheap.
inline constexpr std::size_t kTemplateBytesMax = 1'000'000;
inline constexpr std::size_t kTemplateDepthMax = 50;
inline constexpr std::size_t kTemplateNodesMax = 50'000;
inline constexpr std::size_t kTemplateMembersMax = 1'000; // of one map

// YAML or JSON (which is read as YAML). YAML's aliases, merge keys and special tags are refused as
// CloudFormation does not support them ("Working with CloudFormation templates", User Guide).
Result<Node> parse_template_text(std::string_view text);

// 400 ValidationError "line 12: SENTENCE".
AwsError template_error(int line, std::string_view sentence);

} // namespace benchtop::stack
