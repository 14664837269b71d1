// Randomness of the running emulator: the machine's, or from a seed once one is given.
//
// From a seed ids, keys and the jitter of retries repeat as long as the same is asked in the same
// order; requests that race draw in the order they come. Secrets come from it, too: a seed is for
// tests.
#pragma once

#include "emulator/core/seeded_random.hpp"

#include <mutex>
#include <optional>

namespace benchtop::pipeline {

// Thread-safe.
class SwitchableRandom final : public Random {
public:
    // `real` outlives it.
    explicit SwitchableRandom(Random& real)
        : real_(real) {}

    void fill(RandomStream stream, std::span<char> bytes) override;
    // From now on; nullopt: the machine's again.
    void seed(std::optional<std::uint64_t> seed);

private:
    Random& real_;
    std::mutex mutex_;
    std::optional<SeededRandom> seeded_;
};

} // namespace benchtop::pipeline
