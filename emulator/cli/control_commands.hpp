// `benchtop reset`, `settle`, `seed`, `clock freeze|resume`, `requests`, `invocations`: the
// controls of a running emulator, one command each.
#pragma once

#include <CLI/App.hpp>

#include <cstdint>
#include <memory>

namespace benchtop::cli {

// The commands give their exit status to `status`, which outlives the parse.
void add_control_commands(CLI::App& app, int& status);
// Those of `benchtop clock`.
void add_clock_controls(CLI::App& clock, std::shared_ptr<std::uint16_t> port, int& status);

} // namespace benchtop::cli
