// BT_ASSERT: an invariant of ours. It stays on in release builds; a failure is a bug, never an
// answer.
#pragma once

#include <boost/assert/source_location.hpp>

namespace benchtop {

// Throws std::logic_error; the request boundary turns it into a 500 and a log line, a simulation
// ends.
[[noreturn]] void assertion_failed(const char* expression, boost::source_location where);

} // namespace benchtop

#define BT_ASSERT(expression)                                                                      \
    do {                                                                                           \
        if (!(expression)) [[unlikely]] {                                                          \
            ::benchtop::assertion_failed(#expression, BOOST_CURRENT_LOCATION);                     \
        }                                                                                          \
    } while (false)
