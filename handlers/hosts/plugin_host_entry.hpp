// Adapts a C++ handler to the C ABI of handlers/aws/plugin_abi.h.
#pragma once

#include "handlers/aws/handler.hpp"
#include "handlers/aws/plugin_abi.h"

namespace handlers::hosts {

void plugin_init(
    const aws::Handler& handler, const benchtop_host* host, benchtop_result* result
) noexcept;
void plugin_handle(
    const aws::Handler& handler,
    const benchtop_host* host,
    const benchtop_invocation* invocation,
    benchtop_result* result
) noexcept;

// The constant a plugin's entry symbol returns; one instantiation per handler.
template <const aws::Handler& handler>
const benchtop_plugin* plugin_of() {
    static constexpr benchtop_plugin plugin{
        BENCHTOP_PLUGIN_ABI_VERSION,
        sizeof(benchtop_plugin),
        handler.name,
        [](const benchtop_host* host, const benchtop_invocation* invocation, benchtop_result* result
        ) { plugin_handle(handler, host, invocation, result); },
        [](const benchtop_host* host, benchtop_result* result) {
            plugin_init(handler, host, result);
        },
    };
    return &plugin;
}

} // namespace handlers::hosts

// In one source file of a plugin: exports the symbol a host looks for.
#define BENCHTOP_EXPORT_PLUGIN(handler)                                                            \
    extern "C" __attribute__((visibility("default"))) const benchtop_plugin* benchtop_plugin_v1(   \
    ) {                                                                                            \
        return handlers::hosts::plugin_of<handler>();                                              \
    }
