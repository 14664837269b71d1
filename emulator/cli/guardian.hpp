// The process between `benchtop exec` and the command it runs. It outlives both for a moment:
// whatever the command started ends with it, and all of it ends when the emulator is killed, even
// by SIGKILL.
#pragma once

#include <string>
#include <sys/types.h>
#include <vector>

namespace benchtop::cli {

// A shell's exit statuses.
inline constexpr int kNotRunnable = 126;
inline constexpr int kNotFound = 127;
inline constexpr int kSignalled = 128; // + the signal

// What is passed on to the command.
const std::vector<int>& forwarded_signals();

// Make one before any thread exists, with forwarded_signals() and SIGCHLD blocked: the guardian is
// a fork of the caller.
class Guardian {
public:
    // `command`: program and arguments, looked for on PATH as a shell does.
    explicit Guardian(const std::vector<std::string>& command);
    // Ends what is still running.
    ~Guardian();
    Guardian(const Guardian&) = delete;
    Guardian& operator=(const Guardian&) = delete;

    // Starts the command; "NAME=VALUE" each, the whole environment.
    void start(const std::vector<std::string>& environment);
    // Gives the command a signal that was sent to this process.
    void forward(int signal) const;
    // The command's exit status, once it has ended; -1 before. Does not wait.
    int poll();

private:
    pid_t pid_ = -1; // -1: there is none, or it has been reaped
    int pipe_ = -1;  // its end tells the guardian that this process is gone
};

} // namespace benchtop::cli
