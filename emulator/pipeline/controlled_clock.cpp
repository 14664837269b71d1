#include "emulator/pipeline/controlled_clock.hpp"

#include <algorithm>

namespace benchtop::pipeline {

UtcInstant ControlledClock::now() const {
    const std::lock_guard lock(mutex_);
    return held_ ? *held_ : pinned_ ? *pinned_ : real_.now();
}

void ControlledClock::freeze() {
    const std::lock_guard lock(mutex_);
    if (!held_) {
        held_ = pinned_ ? *pinned_ : real_.now();
    }
}

void ControlledClock::resume() {
    const std::lock_guard lock(mutex_);
    held_.reset();
}

bool ControlledClock::is_frozen() const {
    const std::lock_guard lock(mutex_);
    return held_.has_value();
}

void ControlledClock::pin(UtcInstant at) {
    const std::lock_guard lock(mutex_);
    pinned_ = at;
}

UtcInstant ControlledClock::pin_to_now() {
    const std::lock_guard lock(mutex_);
    pinned_ = real_.now();
    return *pinned_;
}

void ControlledClock::unpin() {
    const std::lock_guard lock(mutex_);
    pinned_.reset();
}

void ControlledClock::leave_advance_behind() {
    const std::lock_guard lock(mutex_);
    if (pinned_) {
        *pinned_ += microseconds{1};
    }
}

void ControlledClock::step(microseconds most) {
    const std::lock_guard lock(mutex_);
    if (held_) {
        *held_ += std::min<microseconds>(most, kStep);
    }
}

} // namespace benchtop::pipeline
