// How much memory this process holds, for the REPORT lines of functions that run inside it.
#pragma once

namespace benchtop::platform {

// Resident set in MB, rounded up; 0 when the kernel does not say.
int resident_mb();

} // namespace benchtop::platform
