#include "emulator/pipeline/recorder.hpp"

#include <utility>

namespace benchtop::pipeline {

RecorderMode Recorder::mode() const {
    const std::lock_guard lock(mutex_);
    return mode_;
}

std::uint64_t Recorder::seed() const {
    const std::lock_guard lock(mutex_);
    return seed_;
}

UtcInstant Recorder::started_at() const {
    const std::lock_guard lock(mutex_);
    return started_at_;
}

void Recorder::next_at(UtcInstant at) {
    const std::lock_guard lock(mutex_);
    next_at_ = at;
}

UtcInstant Recorder::next_at() const {
    const std::lock_guard lock(mutex_);
    return next_at_;
}

void Recorder::begin(RecorderMode mode, std::uint64_t seed, UtcInstant at) {
    const std::lock_guard lock(mutex_);
    mode_ = mode;
    seed_ = seed;
    started_at_ = at;
    next_at_ = at;
    steps_.clear();
    bytes_ = 0;
}

std::optional<std::vector<RecordedStep>> Recorder::end() {
    const std::lock_guard lock(mutex_);
    mode_ = RecorderMode::Off;
    const bool whole = steps_.size() <= kStepsMax && bytes_ <= kBytesMax;
    auto steps = std::exchange(steps_, {});
    return whole ? std::optional(std::move(steps)) : std::nullopt;
}

void Recorder::enter(std::move_only_function<void()> granted) {
    {
        const std::lock_guard lock(mutex_);
        if (busy_) {
            waiting_.push_back(std::move(granted));
            return;
        }
        busy_ = true;
    }
    granted();
}

void Recorder::leave() {
    std::move_only_function<void()> next;
    {
        const std::lock_guard lock(mutex_);
        if (waiting_.empty()) {
            busy_ = false;
            return;
        }
        next = std::move(waiting_.front());
        waiting_.pop_front();
    }
    next();
}

// One step beyond the limit is noted, so that end() knows.
void Recorder::add(RecordedStep step) {
    const std::lock_guard lock(mutex_);
    if (mode_ != RecorderMode::Recording || steps_.size() > kStepsMax || bytes_ > kBytesMax) {
        return;
    }
    bytes_ += step.body.size() + step.answer.size() + step.head.target.size();
    if (bytes_ > kBytesMax) {
        step.body.clear();
        step.answer.clear();
    }
    steps_.push_back(std::move(step));
}

} // namespace benchtop::pipeline
