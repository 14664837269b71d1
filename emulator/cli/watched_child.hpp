// Runs somebody else's code in a process of its own and watches it: it may loop, crash or call
// exit(), and what it leaves behind in memory ends with it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace benchtop::cli {

using Fields = std::vector<std::string>;

struct ChildReport {
    enum class How {
        Finished,
        Ended, // by a signal, or by exit()
        Stuck, // nothing was begun for the whole patience; it was killed
    };

    How how = How::Finished;
    Fields result;           // of Finished: what the work returned
    std::uint64_t begun = 0; // the last begin()
    int signal = 0;          // of Ended; 0 when it called exit()
};

// `begin` says what the work does next; a number a person can use (a seed).
using Begin = std::function<void(std::uint64_t)>;

// The work may print. The caller has no other thread, and must not have run the code before.
// Throws std::system_error when the system has no process to give.
ChildReport
run_watched(const std::function<Fields(const Begin&)>& work, std::chrono::seconds patience);

} // namespace benchtop::cli
