// `benchtop explain` and `benchtop explain-url`: what went wrong with a request or a URL.
#pragma once

#include <CLI/App.hpp>

namespace benchtop::cli {

// The commands give their exit status to `status`, which outlives the parse.
void add_explain_commands(CLI::App& app, int& status);

} // namespace benchtop::cli
