// Text to tree, by yaml-cpp's events: each value is bounded as it arrives, so that nothing large
// is ever built from something hostile.
#include "emulator/core/encoding.hpp"
#include "emulator/stack/node.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <exception>
#include <optional>
#include <sstream>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

namespace benchtop::stack {
namespace {

// Carries the refusal out of yaml-cpp's parser.
struct Refused : std::exception {
    explicit Refused(AwsError e)
        : error(std::move(e)) {}

    AwsError error;
};

[[noreturn]] void refuse(const YAML::Mark& mark, std::string_view sentence) {
    throw Refused(template_error(mark.line + 1, sentence));
}

bool one_of(std::string_view text, std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), text) != words.end();
}

// YAML 1.1's words for true and false, which CloudFormation reads as such.
std::string_view plain_text(std::string_view text) {
    if (one_of(text, {"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"})) {
        return "true";
    }
    if (one_of(text, {"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"})) {
        return "false";
    }
    return text;
}

// "!Sub" -> "Fn::Sub"; "" for a value that has no function for a tag.
std::string function_of(const YAML::Mark& mark, std::string_view tag) {
    constexpr std::string_view standard = "tag:yaml.org,2002:";
    if (tag.empty() || tag == "?" || tag == "!") {
        return {};
    }
    if (tag.starts_with(standard)) {
        const auto type = tag.substr(standard.size());
        if (one_of(type, {"str", "int", "float", "bool", "null", "map", "seq"})) {
            return {};
        }
        refuse(mark, "CloudFormation does not support the YAML tag !!" + std::string(type) + ".");
    }
    const std::string name(tag.substr(tag.front() == '!' ? 1 : 0));
    if (name == "Condition") {
        refuse(mark, "Benchtop evaluates no conditions (!Condition).");
    }
    return name == "Ref" ? name : "Fn::" + name;
}

// The 16 bits of "\\uXXXX" at `at`; nullopt: something else stands there.
std::optional<std::uint32_t> utf16_unit(std::string_view text, std::size_t at) {
    if (text.size() < at + 6 || text.substr(at, 2) != "\\u") {
        return std::nullopt;
    }
    std::uint32_t unit = 0;
    const char* const begin = text.data() + at + 2;
    const bool whole = std::from_chars(begin, begin + 4, unit, 16).ptr == begin + 4;
    return whole ? std::optional(unit) : std::nullopt;
}

// JSON writes what is beyond 16 bits as two escapes, YAML as one of 8 digits.
std::string with_whole_escapes(std::string_view json) {
    std::string out;
    for (std::size_t at = 0; at < json.size();) {
        const auto high = json[at] == '\\' ? utf16_unit(json, at) : std::nullopt;
        const auto low =
            high && (*high & 0xFC00U) == 0xD800U ? utf16_unit(json, at + 6) : std::nullopt;
        if (low && (*low & 0xFC00U) == 0xDC00U) {
            const std::uint32_t code = 0x10000U + ((*high & 0x3FFU) << 10) + (*low & 0x3FFU);
            std::array<char, 9> hex{};
            std::snprintf(hex.data(), hex.size(), "%08X", code);
            out += "\\U" + std::string(hex.data());
            at += 12;
            continue;
        }
        const std::size_t length = json[at] == '\\' ? 2 : 1; // an escaped backslash begins nothing
        out += json.substr(at, length);
        at += length;
    }
    return out;
}

class TreeBuilder final : public YAML::EventHandler {
public:
    void OnDocumentStart(const YAML::Mark&) override {}

    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
        Node node;
        node.line = mark.line + 1;
        add(mark, std::move(node));
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
        refuse(mark, "CloudFormation does not support YAML aliases (*name).");
    }

    void OnScalar(
        const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, const std::string& value
    ) override {
        // The library makes a byte of \_ and of \N.
        if (!is_valid_utf8(value) || value.find('\0') != std::string::npos) {
            refuse(mark, "This is no UTF-8 text.");
        }
        const std::string function = function_of(mark, tag);
        const bool plain = tag == "?" || tag.starts_with("tag:yaml.org,2002:");
        Node node = Node::scalar(plain ? plain_text(value) : std::string_view(value));
        node.line = mark.line + 1;
        node.plain = plain && tag != "tag:yaml.org,2002:str";
        if (expects_key()) {
            key(mark, value);
        } else {
            add(mark, wrap(function, std::move(node)));
        }
    }

    void OnSequenceStart(
        const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, YAML::EmitterStyle::value
    ) override {
        open(mark, tag, Node::list({}, mark.line + 1));
    }

    void OnSequenceEnd() override { close(); }

    void OnMapStart(
        const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, YAML::EmitterStyle::value
    ) override {
        open(mark, tag, Node::map(mark.line + 1));
    }

    void OnMapEnd() override { close(); }

    Node take() { return std::move(root_); }

private:
    struct Open {
        Node node;
        std::string function;
        bool has_key = false;
    };

    bool expects_key() const {
        return !open_.empty() && open_.back().node.is_map() && !open_.back().has_key;
    }

    void key(const YAML::Mark& mark, const std::string& name) {
        Open& top = open_.back();
        if (name == "<<") {
            refuse(mark, "CloudFormation does not support YAML's merge key (<<).");
        }
        // Looked for one after the other, which is why there may not be many.
        if (top.node.find(name) != nullptr) {
            refuse(mark, "The key " + name + " stands here twice.");
        }
        if (top.node.names.size() >= kTemplateMembersMax) {
            refuse(
                mark,
                "There are more than " + std::to_string(kTemplateMembersMax) + " keys in one map."
            );
        }
        top.node.names.push_back(name);
        top.has_key = true;
    }

    void open(const YAML::Mark& mark, const std::string& tag, Node node) {
        if (expects_key()) {
            refuse(mark, "A key must be a text.");
        }
        if (open_.size() >= kTemplateDepthMax) {
            refuse(
                mark,
                "The template is nested deeper than " + std::to_string(kTemplateDepthMax) +
                    " levels."
            );
        }
        open_.push_back({std::move(node), function_of(mark, tag), false});
    }

    void close() {
        Open top = std::move(open_.back());
        open_.pop_back();
        YAML::Mark mark;
        mark.line = top.node.line - 1;
        add(mark, wrap(top.function, std::move(top.node)));
    }

    static Node wrap(const std::string& function, Node node) {
        if (function.empty()) {
            return node;
        }
        const int line = node.line;
        if (function == "Fn::GetAtt" && node.is_scalar()) {
            // Everything behind the first dot is the attribute's name.
            const std::size_t dot = std::min(node.text.find('.'), node.text.size());
            node = Node::list(
                {Node::scalar(node.text.substr(0, dot), line),
                 Node::scalar(node.text.substr(std::min(dot + 1, node.text.size())), line)},
                line
            );
        }
        return object({{function, std::move(node)}}, line);
    }

    void add(const YAML::Mark& mark, Node node) {
        if (++nodes_ > kTemplateNodesMax) {
            refuse(
                mark, "The template has more than " + std::to_string(kTemplateNodesMax) + " values."
            );
        }
        if (open_.empty()) {
            root_ = std::move(node);
            return;
        }
        Open& top = open_.back();
        if (top.node.is_map()) {
            if (!top.has_key) { // OnNull: "? " without a key
                refuse(mark, "A key must be a text.");
            }
            top.has_key = false;
        }
        top.node.items.push_back(std::move(node));
    }

    std::vector<Open> open_;
    std::size_t nodes_ = 0;
    Node root_;
};

} // namespace

Result<Node> parse_template_text(std::string_view text) {
    if (text.size() > kTemplateBytesMax) {
        return template_error(0, "The template is larger than 1 MB, CloudFormation's limit.");
    }
    if (!is_valid_utf8(text) || text.find('\0') != std::string_view::npos) {
        return template_error(0, "The template is no UTF-8 text.");
    }
    const bool json = text.find_first_not_of(" \t\r\n") != std::string_view::npos &&
                      text[text.find_first_not_of(" \t\r\n")] == '{';
    std::istringstream stream{json ? with_whole_escapes(text) : std::string(text)};
    TreeBuilder builder;
    try {
        YAML::Parser parser(stream);
        parser.HandleNextDocument(builder);
        Node root = builder.take();
        if (!root.is_map()) {
            return template_error(0, "A template is a map with the section Resources.");
        }
        TreeBuilder second;
        if (parser.HandleNextDocument(second)) {
            return template_error(0, "The file holds more than one YAML document.");
        }
        return root;
    } catch (const Refused& refused) {
        return refused.error;
    } catch (const YAML::Exception& wrong) {
        return template_error(wrong.mark.line + 1, "This is not YAML: " + wrong.msg + ".");
    }
}

} // namespace benchtop::stack
