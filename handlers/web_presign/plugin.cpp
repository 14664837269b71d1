// The shared object's one symbol.
#include "handlers/hosts/plugin_host_entry.hpp"
#include "handlers/web_presign/web_presign.hpp"

BENCHTOP_EXPORT_PLUGIN(handlers::web_presign::handler)
