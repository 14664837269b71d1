// A recorded session as a test in a file of its own.
#pragma once

#include "emulator/cli/recording_file.hpp"

namespace benchtop::cli {

// A pytest module: it starts an emulator, sends the same requests at the same moments of its clock
// and asserts each answer's status and body.
std::string pytest_of(const Recording& recording);

} // namespace benchtop::cli
