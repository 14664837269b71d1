// The kernel's randomness behind the Random port.
#pragma once

#include "emulator/ports/random.hpp"

namespace benchtop::platform {

// All streams draw from the kernel; a small buffer per thread spares a system call per request id.
class OsRandom final : public Random {
public:
    void fill(RandomStream stream, std::span<char> bytes) override;
};

} // namespace benchtop::platform
