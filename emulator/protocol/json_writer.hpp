// Builds compact JSON text with members in the order they are written and '/' left alone: event
// records, API Gateway events, error bodies. Boost.JSON reads; this writes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace benchtop::protocol {

// A JSON string with its quotes. Control characters are escaped, invalid UTF-8 becomes U+FFFD.
std::string json_quote(std::string_view text);

class JsonWriter {
public:
    JsonWriter& begin_object();
    JsonWriter& end_object();
    JsonWriter& begin_array();
    JsonWriter& end_array();
    JsonWriter& key(std::string_view name);
    JsonWriter& string(std::string_view text);
    JsonWriter& number(std::int64_t value);
    JsonWriter& boolean(bool value);
    JsonWriter& null();
    // JSON text made elsewhere, taken as it is.
    JsonWriter& raw(std::string_view json);

    JsonWriter& member(std::string_view name, std::string_view text) {
        return key(name).string(text);
    }

    JsonWriter& member(std::string_view name, std::int64_t value) {
        return key(name).number(value);
    }

    // Everything begun must have ended.
    std::string take() &&;

private:
    // Writes the comma before a value when one is due.
    void before_value();
    JsonWriter& begin(char bracket);
    JsonWriter& end(char bracket);

    std::string out_;
    std::vector<bool> has_items_; // one per open object or array
    bool after_key_ = false;
};

} // namespace benchtop::protocol
