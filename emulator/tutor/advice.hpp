// What to do about any refused request, by its error code: the general word where no documented
// mistake (hints.hpp) is seen. Pure.
#pragma once

#include "emulator/tutor/hints.hpp"

#include <string_view>

namespace benchtop::tutor {

struct RefusedAnswer {
    int status = 0;
    std::string_view code;    // "" where the answer carries none, as an HTTP API's
    std::string_view message; // for an HTTP API, the cause the client is not told
};

// Never empty: a code that is not in the table is advised by its status and message.
Hint advice_for(const RefusedAnswer& answer);

} // namespace benchtop::tutor
