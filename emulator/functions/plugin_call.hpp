// Calls a plugin and takes its answer apart, trusting none of it.
#pragma once

#include "emulator/functions/host_call.hpp"
#include "emulator/functions/plugin.hpp"

#include <string>

namespace benchtop::functions {

struct PluginAnswer {
    enum class Kind {
        Ok,
        Error,    // the handler's own error; payload is its document
        TooLarge, // over kPayloadBytesMax
        Broken,   // nothing usable, or an exception came out: `flaw` says what
    };
    Kind kind = Kind::Ok;
    std::string payload;
    std::string error_type;
    std::string flaw;
    bool threw = false; // Broken
};

// Never throws but std::bad_alloc.
PluginAnswer call_init(const Plugin& plugin, const HostCall& call);
PluginAnswer
call_handle(const Plugin& plugin, const HostCall& call, const benchtop_invocation& invocation);

} // namespace benchtop::functions
