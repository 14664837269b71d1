#include "emulator/core/utf8.hpp"
#include "emulator/pipeline/admin/admin.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace benchtop::pipeline {

namespace json = boost::json;

std::string json_text(std::string_view text) {
    return is_valid_utf8(text) ? std::string(text) : percent_encode(text, SlashRule::Keep);
}

Respond
answer_text(const AdminCall& call, int status, std::string_view content_type, std::string text) {
    Response response;
    response.status = status;
    response.headers.add("Content-Type", content_type);
    response.is_head = call.head.method == "HEAD";
    response.head_length = text.size();
    response.body = std::move(text);
    return Respond{std::move(response)};
}

Respond answer(const AdminCall& call, int status, json::object document) {
    return answer_text(call, status, "application/json", json::serialize(document) + '\n');
}

Respond refuse(const AdminCall& call, int status, std::string_view message) {
    return answer(call, status, {{"message", message}});
}

std::optional<json::object> body_object(const AdminCall& call) {
    if (call.body.find_first_not_of(" \t\r\n") == std::string::npos) {
        return json::object{};
    }
    boost::system::error_code ec;
    json::value document = json::parse(call.body, ec);
    if (ec || !document.is_object()) {
        return std::nullopt;
    }
    return std::move(document).as_object();
}

std::optional<std::string> string_member(const json::object& object, std::string_view name) {
    const json::value* const value = object.if_contains(name);
    const json::string* const text = value == nullptr ? nullptr : value->if_string();
    return text == nullptr ? std::nullopt
                           : std::optional<std::string>(std::in_place, text->data(), text->size());
}

std::size_t limit_of(const AdminCall& call, std::size_t otherwise, std::size_t most) {
    return std::min<std::uint64_t>(parse_u64(call.query.get("limit")).value_or(otherwise), most);
}

} // namespace benchtop::pipeline
