#include "emulator/core/seeded_random.hpp"

#include <algorithm>
#include <cstring>

namespace benchtop {
namespace {

std::uint64_t split_mix(std::uint64_t& state) {
    std::uint64_t z = (state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

} // namespace

SeededRandom::SeededRandom(std::uint64_t seed) {
    for (auto& state : states_) {
        state = split_mix(seed);
    }
}

void SeededRandom::fill(RandomStream stream, std::span<char> bytes) {
    std::uint64_t& state = states_[static_cast<std::size_t>(stream)];
    for (std::size_t at = 0; at < bytes.size(); at += sizeof(std::uint64_t)) {
        const std::uint64_t word = split_mix(state);
        std::memcpy(&bytes[at], &word, std::min(sizeof(word), bytes.size() - at));
    }
}

} // namespace benchtop
