// What a handler gives to its hosts: a name and two functions of plain text.
#pragma once

#include "handlers/aws/context.hpp"
#include "handlers/aws/error.hpp"

#include <string>
#include <string_view>

namespace handlers::aws {

// The host runs `init` once per environment where it can; `handle` must find the same errors
// without it.
struct Handler {
    const char* name; // also the plugin's file name
    Outcome<void> (*init)(Context& context);
    Outcome<std::string> (*handle)(std::string_view event, Context& context);
};

} // namespace handlers::aws
