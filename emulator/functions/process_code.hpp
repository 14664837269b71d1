// A process on the Runtime API as the code of an execution environment.
#pragma once

#include "emulator/functions/code_directories.hpp"
#include "emulator/functions/environment_code.hpp"
#include "emulator/functions/process_host.hpp"

#include <memory>

namespace benchtop::functions {

// `host` and `directories` outlive it. `variables`: what the process sees.
std::unique_ptr<EnvironmentCode> make_process_code(
    ProcessHost& host,
    CodeDirectories& directories,
    const store::Function& function,
    std::shared_ptr<const EnvironmentMap> variables
);

} // namespace benchtop::functions
