// BT_ASSERT: an invariant of ours. It stays on in release builds; a failure is a bug, never an
// answer.
#pragma once

#include <source_location>

namespace benchtop {

// Throws std::logic_error; the request boundary turns it into a 500 and a log line, a simulation
// ends.
[[noreturn]] void assertion_failed(const char* expression, std::source_location where);

} // namespace benchtop

#define BT_ASSERT(expression)                                                                      \
    do {                                                                                           \
        if (!(expression)) [[unlikely]] {                                                          \
            ::benchtop::assertion_failed(#expression, std::source_location::current());            \
        }                                                                                          \
    } while (false)
