#include "emulator/lambda/tags.hpp"

#include "emulator/core/encoding.hpp"
#include "emulator/lambda/constraints.hpp"
#include "emulator/lambda/errors.hpp"
#include "emulator/protocol/json_input.hpp"
#include "emulator/protocol/json_writer.hpp"

#include <charconv>

namespace benchtop::lambda {

Result<Tags> read_tags(const boost::json::object& members) {
    auto given = protocol::JsonInput(members).string_map("Tags");
    if (!given) {
        return given.error();
    }
    Tags tags = given->value_or(Tags{});
    for (const auto& [key, value] : tags) {
        if (key.empty() || key.size() > 128 || value.size() > 256) {
            return invalid_parameter("The tag key or value is not of a valid length: " + key);
        }
        if (key.starts_with("aws:")) {
            return invalid_parameter("System tags cannot be added: " + key);
        }
    }
    if (tags.size() > kTagsMax) {
        return invalid_parameter("Number of tags exceeds resource tag limit.");
    }
    return tags;
}

void add_request_tags(service::AccessRequest& request, const boost::json::object& members) {
    const auto tags = read_tags(members);
    if (!tags) {
        return; // the operation refuses them
    }
    for (const auto& [key, value] : *tags) {
        request.conditions.emplace_back("aws:RequestTag/" + key, value);
        request.conditions.emplace_back("aws:TagKeys", key);
    }
}

void add_resource_tags(service::AccessRequest& request, const Tags& tags) {
    for (const auto& [key, value] : tags) {
        request.conditions.emplace_back("aws:ResourceTag/" + key, value);
    }
}

void write_tags(protocol::JsonWriter& json, const Tags& tags) {
    json.begin_object();
    for (const auto& [key, value] : tags) {
        json.member(key, value);
    }
    json.end_object();
}

Result<Page> read_page(const Query& query, std::size_t page_max, std::size_t most) {
    Page page{0, page_max};
    if (const auto given = query.find("MaxItems")) {
        std::int64_t number = 0;
        const auto [end, ec] =
            std::from_chars(given->data(), given->data() + given->size(), number);
        if (ec != std::errc{} || end != given->data() + given->size()) {
            return AwsError(
                400, "SerializationException", "NUMBER_VALUE can not be converted to an Integer"
            );
        }
        Constraints constraints;
        constraints.range("maxItems", number, 1, static_cast<std::int64_t>(most));
        if (auto kept = constraints.check(); !kept) {
            return kept.error();
        }
        page.count = std::min(page_max, static_cast<std::size_t>(number));
    }
    if (const auto marker = query.find("Marker"); marker && !marker->empty()) {
        const auto text = from_base64(*marker);
        if (!text || std::from_chars(text->data(), text->data() + text->size(), page.first).ec !=
                         std::errc{}) {
            return invalid_parameter("Invalid pagination token");
        }
    }
    return page;
}

void write_next_marker(protocol::JsonWriter& json, std::size_t end, std::size_t size) {
    if (end < size) {
        json.member("NextMarker", to_base64(as_bytes(std::to_string(end))));
    }
}

} // namespace benchtop::lambda
