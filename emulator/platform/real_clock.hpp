// The machine's clocks behind the Clock port.
#pragma once

#include "emulator/ports/clock.hpp"

namespace benchtop::platform {

class RealClock final : public Clock {
public:
    UtcInstant now() const override;
    MonotonicInstant monotonic() const override;
};

} // namespace benchtop::platform
