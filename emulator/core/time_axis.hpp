// Time travel. Every stamp stays on the real axis; an age is measured on the virtual one:
//   V(D) = D + the sum of all advances made before D,      age(D) = V(now) - V(D).
// So an advance ages what existed before it, and nothing that comes after, without any cooperation
// of clients, who keep stamping with their own wall clocks.
#pragma once

#include "emulator/core/time.hpp"

#include <vector>

namespace benchtop {

struct Advance {
    UtcInstant at;       // real axis
    microseconds amount; // > 0
};

// A value: copies are cheap, a reader keeps the one it took for the whole request.
class TimeAxis {
public:
    void advance(UtcInstant at, microseconds amount) { advances_.push_back({at, amount}); }

    const std::vector<Advance>& advances() const { return advances_; }

    microseconds total() const;
    UtcInstant to_virtual(UtcInstant real) const;

    // How old `stamp` is at `now`, both on the real axis. Negative for a stamp in the future.
    microseconds age(UtcInstant stamp, UtcInstant now) const {
        return to_virtual(now) - to_virtual(stamp);
    }

    // Real time still to wait until `stamp` is `age` old, were there no further advance; <= 0: due.
    microseconds until_age(UtcInstant stamp, microseconds age, UtcInstant now) const {
        return age - this->age(stamp, now);
    }

private:
    std::vector<Advance> advances_; // in order of `at`
};

} // namespace benchtop
