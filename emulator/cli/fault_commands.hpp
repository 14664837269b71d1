// `benchtop faults`: what goes wrong on purpose in a running emulator.
#pragma once

#include <CLI/App.hpp>

namespace benchtop::cli {

// The commands give their exit status to `status`, which outlives the parse.
void add_fault_commands(CLI::App& app, int& status);

} // namespace benchtop::cli
