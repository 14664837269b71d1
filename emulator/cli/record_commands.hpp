// `benchtop record` and `benchtop replay`: a session kept, repeated, made a test.
#pragma once

#include <CLI/App.hpp>

namespace benchtop::cli {

// The commands give their exit status to `status`, which outlives the parse.
void add_record_commands(CLI::App& app, int& status);

} // namespace benchtop::cli
