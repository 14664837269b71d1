// Calls a plugin and takes its answer apart, trusting none of it.
#pragma once

#include "emulator/functions/environment_code.hpp"

#include <string>

namespace benchtop::functions {

// Never throws but std::bad_alloc.
CodeAnswer call_init(const Plugin& plugin, const HostCall& call);
CodeAnswer
call_handle(const Plugin& plugin, const HostCall& call, const benchtop_invocation& invocation);

} // namespace benchtop::functions
