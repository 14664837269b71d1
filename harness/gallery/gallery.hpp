// Workers that are wrong, each in one way that passes every ordinary test: what a search has to
// find.
#pragma once

#include "handlers/aws/plugin_abi.h"

#include <span>
#include <string_view>

namespace benchtop::harness::gallery {

struct WrongWorker {
    std::string_view name;    // of the plugin
    std::string_view mistake; // in a sentence
    std::string_view broken;  // the invariant a search finds broken
    const benchtop_plugin* plugin;
};

std::span<const WrongWorker> wrong_workers();

} // namespace benchtop::harness::gallery
