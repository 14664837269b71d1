// A recorded session again, in an emulator of its own, in this process and without sockets.
#pragma once

#include "emulator/cli/recording_file.hpp"

namespace benchtop::cli {

// "" when every answer is the recorded one; else the first difference, for people. Error: a
// sentence saying why it could not be tried.
Result<std::string> replay(const Recording& recording);

} // namespace benchtop::cli
