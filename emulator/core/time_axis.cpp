#include "emulator/core/time_axis.hpp"

namespace benchtop {

microseconds TimeAxis::total() const {
    microseconds sum{};
    for (const Advance& a : advances_) {
        sum += a.amount;
    }
    return sum;
}

UtcInstant TimeAxis::to_virtual(UtcInstant real) const {
    // "Before D" is strict at a client's resolution of one second: a stamp of the very second in
    // which the advance was made is taken as made before it, unless it carries a later fraction.
    UtcInstant result = real;
    for (const Advance& a : advances_) {
        if (a.at < real) {
            result += a.amount;
        }
    }
    return result;
}

} // namespace benchtop
