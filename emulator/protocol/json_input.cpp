#include "emulator/protocol/json_input.hpp"

#include <boost/json.hpp>

namespace benchtop::protocol {
namespace {

namespace json = boost::json;

// The wording of the services' Java decoder, as SDK users have quoted it.
AwsError not_a(std::string_view type) {
    return AwsError(
        400,
        "SerializationException",
        "class " + std::string(type) + " can not be converted from the value given"
    );
}

Result<std::string> text_of(const json::value& value) {
    if (!value.is_string()) {
        return not_a("java.lang.String");
    }
    return std::string(value.get_string());
}

} // namespace

Result<json::object> parse_json_object(std::string_view body, std::size_t depth_max) {
    if (body.empty()) {
        return json::object{};
    }
    json::parse_options options;
    options.max_depth = depth_max;
    boost::system::error_code ec;
    json::value value = json::parse(json::string_view(body.data(), body.size()), ec, {}, options);
    if (ec || !value.is_object()) {
        return AwsError(400, "SerializationException", "Could not parse request body into json");
    }
    return std::move(value.get_object());
}

const json::value* JsonInput::member(std::string_view name) const {
    const json::value* found = object_.if_contains(json::string_view(name.data(), name.size()));
    return found == nullptr || found->is_null() ? nullptr : found;
}

Result<std::optional<std::string>> JsonInput::string(std::string_view name) const {
    const json::value* value = member(name);
    if (value == nullptr) {
        return std::optional<std::string>{};
    }
    auto text = text_of(*value);
    if (!text) {
        return text.error();
    }
    return std::optional(*std::move(text));
}

Result<std::optional<std::int64_t>> JsonInput::integer(std::string_view name) const {
    const json::value* value = member(name);
    if (value == nullptr) {
        return std::optional<std::int64_t>{};
    }
    boost::system::error_code ec;
    const auto number = value->to_number<std::int64_t>(ec);
    if (ec) {
        return not_a("java.lang.Integer");
    }
    return std::optional(number);
}

Result<std::optional<double>> JsonInput::number(std::string_view name) const {
    const json::value* value = member(name);
    if (value == nullptr) {
        return std::optional<double>{};
    }
    boost::system::error_code ec;
    const auto number = value->to_number<double>(ec);
    if (ec) {
        return not_a("java.lang.Double");
    }
    return std::optional(number);
}

Result<std::optional<bool>> JsonInput::boolean(std::string_view name) const {
    const json::value* value = member(name);
    if (value == nullptr) {
        return std::optional<bool>{};
    }
    if (!value->is_bool()) {
        return not_a("java.lang.Boolean");
    }
    return std::optional(value->get_bool());
}

Result<const json::object*> JsonInput::object(std::string_view name) const {
    const json::value* value = member(name);
    if (value == nullptr) {
        return static_cast<const json::object*>(nullptr);
    }
    if (!value->is_object()) {
        return AwsError(
            400, "SerializationException", "Start of structure or map found where not expected."
        );
    }
    return &value->get_object();
}

Result<const json::array*> JsonInput::array(std::string_view name) const {
    const json::value* value = member(name);
    if (value == nullptr) {
        return static_cast<const json::array*>(nullptr);
    }
    if (!value->is_array()) {
        return AwsError(400, "SerializationException", "Start of list found where not expected");
    }
    return &value->get_array();
}

Result<std::optional<std::vector<std::string>>> JsonInput::strings(std::string_view name) const {
    const auto given = array(name);
    if (!given) {
        return given.error();
    }
    std::optional<std::vector<std::string>> out;
    if (*given != nullptr) {
        out.emplace();
        for (const json::value& item : **given) {
            auto text = text_of(item);
            if (!text) {
                return text.error();
            }
            out->push_back(*std::move(text));
        }
    }
    return out;
}

Result<std::optional<std::vector<std::pair<std::string, std::string>>>>
JsonInput::string_map(std::string_view name) const {
    const auto given = object(name);
    if (!given) {
        return given.error();
    }
    std::optional<std::vector<std::pair<std::string, std::string>>> out;
    if (*given != nullptr) {
        out.emplace();
        for (const auto& [key, value] : **given) {
            auto text = text_of(value);
            if (!text) {
                return text.error();
            }
            out->emplace_back(std::string(key), *std::move(text));
        }
    }
    return out;
}

} // namespace benchtop::protocol
