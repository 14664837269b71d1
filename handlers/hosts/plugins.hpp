// The lab's two handlers linked into a program (static library benchtop_handlers), without dlopen:
// the same objects and the same C ABI as the shared objects in build/.../handlers/plugins.
#pragma once

#include "handlers/aws/plugin_abi.h"

extern "C" const benchtop_plugin* benchtop_plugin_web_presign();
extern "C" const benchtop_plugin* benchtop_plugin_worker_move();
