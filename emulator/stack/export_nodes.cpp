#include "emulator/stack/export_nodes.hpp"

#include "emulator/core/encoding.hpp"

#include <array>
#include <charconv>

namespace benchtop::stack {

namespace json = boost::json;

Node ref_to(std::string_view name) {
    return object({{"Ref", Node::scalar(name)}});
}

Node arn_of(const std::string& logical_id) {
    return object({{"Fn::GetAtt", Node::list({Node::scalar(logical_id), Node::scalar("Arn")})}});
}

Node sub(std::string_view text) {
    return object({{"Fn::Sub", Node::scalar(text)}});
}

Node number(std::int64_t value) {
    return Node::number(std::to_string(value));
}

Node real(double value) {
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    return Node::number({digits.data(), static_cast<std::size_t>(end - digits.data())});
}

Node boolean(bool value) {
    return Node::number(value ? "true" : "false");
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
    for (std::size_t at = text.find(what); at != std::string::npos;
         at = text.find(what, at + with.size())) {
        text.replace(at, what.size(), with);
    }
}

std::string pascal(std::string_view name) {
    std::string out;
    bool begins = true;
    for (const char c : name) {
        const bool lower = c >= 'a' && c <= 'z';
        if (!lower && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9')) {
            begins = true;
            continue;
        }
        out += begins && lower ? static_cast<char>(c - 'a' + 'A') : c;
        begins = false;
    }
    return out;
}

std::string text_at(const json::object& object, std::string_view name) {
    const json::value* const value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

std::string condition_at(const json::object& conditions, std::string_view key) {
    for (const auto& [operation, members] : conditions) {
        if (!members.is_object()) {
            continue;
        }
        for (const auto& [name, value] : members.get_object()) {
            if (iequals(name, key) && value.is_string()) {
                return std::string(value.get_string());
            }
        }
    }
    return {};
}

} // namespace benchtop::stack
