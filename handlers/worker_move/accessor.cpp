// The same plugin for programs that link it in.
#include "handlers/hosts/plugin_host_entry.hpp"
#include "handlers/hosts/plugins.hpp"
#include "handlers/worker_move/worker_move.hpp"

const benchtop_plugin* benchtop_plugin_worker_move() {
    return handlers::hosts::plugin_of<handlers::worker_move::handler>();
}
