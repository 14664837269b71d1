// The Random port: the only source of randomness. Named streams, so that one more draw in one does
// not shift the others when a seed replays a run.
#pragma once

#include <span>
#include <string>

namespace benchtop {

enum class RandomStream {
    Ids,     // request ids, uuids, names
    Secrets, // secret keys, session tokens
    Jitter,  // back-off
    Handler, // what handlers draw
};

class Random {
public:
    virtual ~Random() = default;
    // Fills `bytes`; never fails. Thread-safe in the running emulator.
    virtual void fill(RandomStream stream, std::span<char> bytes) = 0;
};

} // namespace benchtop
