// Lanes as threads, a few at a time.
#pragma once

#include "emulator/ports/lanes.hpp"

#include <atomic>

namespace benchtop::platform {

// Outlives its lanes.
class ThreadLanes final : public Lanes {
public:
    explicit ThreadLanes(int lanes_max)
        : free_(lanes_max) {}

    std::unique_ptr<Lane> open() override;

private:
    std::atomic<int> free_;
};

} // namespace benchtop::platform
