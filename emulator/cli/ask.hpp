// How commands ask a running emulator over /_benchtop/.
#pragma once

#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace benchtop::cli {

// The answer's document; nullopt and a sentence on stderr when nobody answers or the answer is a
// refusal.
std::optional<boost::json::object>
ask(std::uint16_t port,
    std::string_view method,
    const std::string& target,
    std::string_view body = {});

// A member that is a string, else "".
std::string text_of(const boost::json::object& object, std::string_view name);

} // namespace benchtop::cli
