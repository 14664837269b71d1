// The same plugin for programs that link it in.
#include "handlers/hosts/plugin_host_entry.hpp"
#include "handlers/hosts/plugins.hpp"
#include "handlers/web_presign/web_presign.hpp"

const benchtop_plugin* benchtop_plugin_web_presign() {
    return handlers::hosts::plugin_of<handlers::web_presign::handler>();
}
