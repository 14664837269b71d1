#include "emulator/core/assert.hpp"

#include <stdexcept>
#include <string>

namespace benchtop {

void assertion_failed(const char* expression, boost::source_location where) {
    throw std::logic_error(
        std::string("assertion failed: ") + expression + " at " + where.file_name() + ":" +
        std::to_string(where.line())
    );
}

} // namespace benchtop
