#include "emulator/cli/ask.hpp"

#include "emulator/net/http_client.hpp"

#include <boost/json.hpp>

#include <iostream>

namespace benchtop::cli {

namespace json = boost::json;

std::optional<json::object>
ask(std::uint16_t port, std::string_view method, const std::string& target, std::string_view body) {
    const auto reply = net::local_request(port, method, target, body);
    if (!reply) {
        std::cerr << "benchtop: " << reply.error().message() << '\n';
        return std::nullopt;
    }
    boost::system::error_code ec;
    json::value document = json::parse(reply->body, ec);
    if (ec || !document.is_object()) {
        std::cerr << "benchtop: port " << port << " is not Benchtop's\n";
        return std::nullopt;
    }
    if (reply->status != 200) {
        const std::string message = text_of(document.as_object(), "message");
        std::cerr << "benchtop: " << (message.empty() ? reply->body : message) << '\n';
        return std::nullopt;
    }
    return std::move(document).as_object();
}

std::string text_of(const json::object& object, std::string_view name) {
    const json::value* const value = object.if_contains(name);
    const json::string* const text = value != nullptr ? value->if_string() : nullptr;
    return text != nullptr ? std::string(text->data(), text->size()) : std::string();
}

} // namespace benchtop::cli
