#include "emulator/net/spawn.hpp"

#include <cstring>
#include <fcntl.h>
#include <optional>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace benchtop::net {
namespace {

constexpr std::size_t kOutputBytesMax = 64 * 1024;
constexpr int kPatienceMs = 2000;

class FileActions {
public:
    FileActions() { posix_spawn_file_actions_init(&actions_); }

    ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }

    FileActions(const FileActions&) = delete;
    FileActions& operator=(const FileActions&) = delete;

    posix_spawn_file_actions_t* get() { return &actions_; }

private:
    posix_spawn_file_actions_t actions_{};
};

class Attributes {
public:
    Attributes() {
        posix_spawnattr_init(&attributes_);
        // Our threads block the signals that stop the emulator; a program must not inherit that.
        sigset_t none;
        sigemptyset(&none);
        posix_spawnattr_setsigmask(&attributes_, &none);
        sigset_t defaults;
        sigemptyset(&defaults);
        sigaddset(&defaults, SIGPIPE);
        posix_spawnattr_setsigdefault(&attributes_, &defaults);
        posix_spawnattr_setpgroup(&attributes_, 0);
        posix_spawnattr_setflags(
            &attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
        );
    }

    ~Attributes() { posix_spawnattr_destroy(&attributes_); }

    Attributes(const Attributes&) = delete;
    Attributes& operator=(const Attributes&) = delete;

    const posix_spawnattr_t* get() const { return &attributes_; }

private:
    posix_spawnattr_t attributes_{};
};

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> out;
    out.reserve(texts.size() + 1);
    for (std::string& text : texts) {
        out.push_back(text.data());
    }
    out.push_back(nullptr);
    return out;
}

AwsError machine_error(std::string_view what, int error) {
    return AwsError(
        500, "Runtime.InvalidEntrypoint", std::string(what) + ": " + std::strerror(error)
    );
}

// Where the program lies for its function, whose code is in /var/task.
std::string shown_path(const Program& program) {
    const std::string& path = program.arguments.front();
    const std::string directory = program.directory.string();
    return path.starts_with(directory + "/") ? "/var/task" + path.substr(directory.size()) : path;
}

} // namespace

void Descriptor::reset() {
    if (fd_ >= 0) {
        ::close(fd_);
        fd_ = -1;
    }
}

Result<Spawned> spawn(const Program& program) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        return machine_error("pipe", errno);
    }
    Spawned spawned;
    spawned.output = Descriptor(ends[0]);
    const Descriptor write_end(ends[1]);
    ::fcntl(spawned.output.get(), F_SETFL, O_NONBLOCK);

    FileActions actions;
    posix_spawn_file_actions_addopen(actions.get(), 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(actions.get(), write_end.get(), 1);
    posix_spawn_file_actions_adddup2(actions.get(), write_end.get(), 2);
    posix_spawn_file_actions_addchdir_np(actions.get(), program.directory.c_str());
    posix_spawn_file_actions_addclosefrom_np(actions.get(), 3);

    std::vector<std::string> arguments = program.arguments;
    std::vector<std::string> variables;
    for (const auto& [name, value] : program.environment) {
        variables.push_back(name + "=" + value);
    }
    const std::vector<char*> argv = pointers(arguments);
    const std::vector<char*> envp = pointers(variables);
    const Attributes attributes;
    const int error = ::posix_spawn(
        &spawned.pid, argv[0], actions.get(), attributes.get(), argv.data(), envp.data()
    );
    if (error != 0) {
        return machine_error("fork/exec " + shown_path(program), error);
    }
    spawned.exit = Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, spawned.pid, 0)));
    if (spawned.exit.get() < 0) {
        const int why = errno;
        ::kill(-spawned.pid, SIGKILL);
        ::waitpid(spawned.pid, nullptr, 0);
        return machine_error("pidfd_open", why);
    }
    return spawned;
}

std::optional<std::string> output_of(const Program& program) {
    auto spawned = spawn(program);
    if (!spawned) {
        return std::nullopt;
    }
    std::string text;
    bool ended = false;
    for (int waited = 0; waited < kPatienceMs && text.size() < kOutputBytesMax; ++waited) {
        pollfd fds[]{{spawned->output.get(), POLLIN, 0}};
        const int ready = ::poll(fds, 1, kPatienceMs);
        if (ready <= 0) {
            break;
        }
        char buffer[4096];
        const ssize_t n = ::read(spawned->output.get(), buffer, sizeof buffer);
        if (n == 0) {
            ended = true;
            break;
        }
        if (n > 0) {
            text.append(buffer, static_cast<std::size_t>(n));
        }
    }
    if (!ended) {
        ::kill(-spawned->pid, SIGKILL);
    }
    int status = 0;
    ::waitpid(spawned->pid, &status, 0);
    return ended && WIFEXITED(status) && WEXITSTATUS(status) == 0 ? std::optional(std::move(text))
                                                                  : std::nullopt;
}

} // namespace benchtop::net
