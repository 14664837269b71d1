// Typed access to the members of a JSON request (Lambda, API Gateway, Logs). A member of another
// type than the model's is refused as the services' own decoders refuse it: 400
// SerializationException. An explicit null counts as absent, as the SDKs' null does.
#pragma once

#include "emulator/core/result.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace benchtop::protocol {

// A JSON object of at most `depth_max` levels; "" gives an empty one. Anything else: 400
// SerializationException.
Result<boost::json::object> parse_json_object(std::string_view body, std::size_t depth_max = 32);

class JsonInput {
public:
    explicit JsonInput(const boost::json::object& object)
        : object_(object) {}

    bool has(std::string_view name) const { return member(name) != nullptr; }

    Result<std::optional<std::string>> string(std::string_view name) const;
    Result<std::optional<std::int64_t>> integer(std::string_view name) const;
    Result<std::optional<double>> number(std::string_view name) const; // integers too
    Result<std::optional<bool>> boolean(std::string_view name) const;
    // Null when absent.
    Result<const boost::json::object*> object(std::string_view name) const;
    Result<const boost::json::array*> array(std::string_view name) const;
    Result<std::optional<std::vector<std::string>>> strings(std::string_view name) const;
    // {"a": "b"} in the order given.
    Result<std::optional<std::vector<std::pair<std::string, std::string>>>>
    string_map(std::string_view name) const;

private:
    const boost::json::value* member(std::string_view name) const;

    const boost::json::object& object_;
};

} // namespace benchtop::protocol
