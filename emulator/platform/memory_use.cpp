#include "emulator/platform/memory_use.hpp"

#include <fstream>
#include <unistd.h>

namespace benchtop::platform {

int resident_mb() {
    // proc(5): size and resident, in pages.
    std::ifstream statm("/proc/self/statm");
    long total = 0;
    long resident = 0;
    if (!(statm >> total >> resident)) {
        return 0;
    }
    constexpr long kMegabyte = 1 << 20;
    return static_cast<int>((resident * ::sysconf(_SC_PAGESIZE) + kMegabyte - 1) / kMegabyte);
}

} // namespace benchtop::platform
