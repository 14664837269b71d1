#include "emulator/pipeline/switchable_random.hpp"

namespace benchtop::pipeline {

void SwitchableRandom::fill(RandomStream stream, std::span<char> bytes) {
    {
        const std::lock_guard lock(mutex_);
        if (seeded_) {
            seeded_->fill(stream, bytes);
            return;
        }
    }
    real_.fill(stream, bytes);
}

void SwitchableRandom::seed(std::optional<std::uint64_t> seed) {
    const std::lock_guard lock(mutex_);
    seeded_.reset();
    if (seed) {
        seeded_.emplace(*seed);
    }
}

} // namespace benchtop::pipeline
