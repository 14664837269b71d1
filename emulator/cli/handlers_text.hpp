// The lab's handlers in Python (handlers/python/), part of this binary: `benchtop handout` prints
// them.
#pragma once

#include <string_view>

namespace benchtop::cli {

std::string_view web_presign_python();
std::string_view worker_move_python();

} // namespace benchtop::cli
