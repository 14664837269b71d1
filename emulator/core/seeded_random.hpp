// Randomness from a seed: the same draws in the same order on every machine.
#pragma once

#include "emulator/ports/random.hpp"

#include <array>
#include <cstdint>

namespace benchtop {

// Own generator (SplitMix64), one state per stream: library distributions differ between versions.
class SeededRandom final : public Random {
public:
    explicit SeededRandom(std::uint64_t seed);
    void fill(RandomStream stream, std::span<char> bytes) override;

private:
    std::array<std::uint64_t, 4> states_{};
};

} // namespace benchtop
