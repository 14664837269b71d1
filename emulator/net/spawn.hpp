// Starting programs: with nothing of ours but what is named, in a process group of their own.
#pragma once

#include "emulator/core/result.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace benchtop::net {

// A descriptor that is closed with its owner.
class Descriptor {
public:
    Descriptor() = default;

    explicit Descriptor(int fd)
        : fd_(fd) {}

    ~Descriptor() { reset(); }

    Descriptor(Descriptor&& other) noexcept
        : fd_(std::exchange(other.fd_, -1)) {}

    Descriptor& operator=(Descriptor&& other) noexcept {
        if (this != &other) {
            reset();
            fd_ = std::exchange(other.fd_, -1);
        }
        return *this;
    }

    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    int get() const { return fd_; }

    void reset();

private:
    int fd_ = -1;
};

struct Program {
    std::vector<std::string> arguments; // the first is the program's path
    std::map<std::string, std::string, std::less<>> environment;
    std::filesystem::path directory;
};

struct Spawned {
    pid_t pid = 0;     // also its process group
    Descriptor output; // stdout and stderr, to be read; does not block
    Descriptor exit;   // a pidfd: readable when the process has ended
};

// The error's message says why the program could not be started.
Result<Spawned> spawn(const Program& program);

// What a short program prints, at most 64 KiB; nullopt: it failed or took longer than two seconds.
std::optional<std::string> output_of(const Program& program);

} // namespace benchtop::net
