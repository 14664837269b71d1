// Processes that run functions: started with posix_spawn in a process group of their own, their
// output read from a pipe, their Runtime API on a port of their own, everything killed when the
// environment ends (Lambda Developer Guide, "Lambda runtime API" and "Custom runtimes").
#pragma once

#include "emulator/functions/process_host.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace benchtop::net {

struct ProcessHostOptions {
    // For the runtimes' own files and the functions' /tmp; this object's alone, emptied at start.
    std::filesystem::path directory;
    std::string python; // an interpreter for all python3.x; "": found on PATH
    std::string node;   // likewise
};

std::unique_ptr<functions::ProcessHost> open_process_host(ProcessHostOptions options);

} // namespace benchtop::net
