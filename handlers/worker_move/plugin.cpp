// The shared object's one symbol.
#include "handlers/hosts/plugin_host_entry.hpp"
#include "handlers/worker_move/worker_move.hpp"

BENCHTOP_EXPORT_PLUGIN(handlers::worker_move::handler)
