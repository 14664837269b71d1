#include "emulator/platform/real_clock.hpp"

namespace benchtop::platform {

UtcInstant RealClock::now() const {
    return std::chrono::floor<microseconds>(std::chrono::system_clock::now());
}

MonotonicInstant RealClock::monotonic() const {
    return {std::chrono::steady_clock::now().time_since_epoch()};
}

} // namespace benchtop::platform
