#include "emulator/cli/guardian.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace benchtop::cli {
namespace {

int shell_status(int status) {
    return WIFSIGNALED(status) ? kSignalled + WTERMSIG(status) : WEXITSTATUS(status);
}

sigset_t watched_signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    for (const int signal : forwarded_signals()) {
        sigaddset(&set, signal);
    }
    return set;
}

// All or nothing.
bool write_all(int fd, const char* data, std::size_t size) {
    while (size > 0) {
        const ssize_t n = ::write(fd, data, size);
        if (n < 0 && errno != EINTR) {
            return false;
        }
        if (n > 0) {
            data += n;
            size -= static_cast<std::size_t>(n);
        }
    }
    return true;
}

bool read_all(int fd, char* data, std::size_t size) {
    while (size > 0) {
        const ssize_t n = ::read(fd, data, size);
        if (n == 0 || (n < 0 && errno != EINTR)) {
            return false;
        }
        if (n > 0) {
            data += n;
            size -= static_cast<std::size_t>(n);
        }
    }
    return true;
}

// Everything below runs in the guardian, which has one thread.

std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> out;
    for (const std::string& text : texts) {
        out.push_back(const_cast<char*>(text.c_str()));
    }
    out.push_back(nullptr);
    return out;
}

[[noreturn]] void
become(const std::vector<std::string>& command, const std::vector<std::string>& environment) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL); // when somebody kills the guardian
    sigset_t none;
    sigemptyset(&none);
    std::signal(SIGPIPE, SIG_DFL);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::execvpe(command.front().c_str(), pointers(command).data(), pointers(environment).data());
    const int why = errno;
    std::fprintf(
        stderr,
        "benchtop: %s: %s\n",
        command.front().c_str(),
        why == ENOENT ? "command not found" : std::strerror(why)
    );
    ::_exit(why == ENOENT ? kNotFound : kNotRunnable);
}

std::vector<pid_t> children() {
    std::vector<pid_t> out;
    std::ifstream file("/proc/self/task/" + std::to_string(::getpid()) + "/children");
    for (pid_t child = 0; file >> child;) {
        out.push_back(child);
    }
    return out;
}

// Orphans of what is killed come to this process, their subreaper, until none are left.
void kill_all() {
    for (auto found = children(); !found.empty(); found = children()) {
        for (const pid_t child : found) {
            ::kill(child, SIGKILL);
        }
        ::waitpid(-1, nullptr, 0);
    }
}

std::vector<std::string> received_environment(int pipe) {
    std::uint64_t size = 0;
    if (!read_all(pipe, reinterpret_cast<char*>(&size), sizeof size)) {
        ::_exit(kNotRunnable); // the emulator did not start, and has said why
    }
    std::string bytes(size, '\0');
    if (!read_all(pipe, bytes.data(), bytes.size())) {
        ::_exit(kNotRunnable);
    }
    std::vector<std::string> out;
    for (std::size_t begin = 0; begin < bytes.size();) {
        const std::size_t end = bytes.find('\0', begin);
        out.push_back(bytes.substr(begin, end - begin));
        begin = end + 1;
    }
    return out;
}

// Reaps orphans that came here too; true with `status` when it was the command that ended.
bool reap(pid_t command, int& status) {
    for (;;) {
        int one = 0;
        const pid_t ended = ::waitpid(-1, &one, WNOHANG);
        if (ended <= 0) {
            return false;
        }
        if (ended == command) {
            status = shell_status(one);
            return true;
        }
    }
}

[[noreturn]] void guard(const std::vector<std::string>& command, int pipe, pid_t emulator) {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    const std::vector<std::string> environment = received_environment(pipe);
    const pid_t child = ::fork();
    if (child == 0) {
        become(command, environment);
    }
    if (child < 0) {
        std::perror("benchtop: fork");
        ::_exit(kNotRunnable);
    }
    const sigset_t watched = watched_signals();
    const int signals = ::signalfd(-1, &watched, SFD_CLOEXEC);
    std::array<pollfd, 2> fds{pollfd{signals, POLLIN, 0}, pollfd{pipe, POLLIN, 0}};
    for (;;) {
        ::poll(fds.data(), fds.size(), -1);
        if (fds[1].revents != 0) { // the emulator is gone, or wants the command gone
            ::kill(child, SIGKILL);
            kill_all();
            ::_exit(kSignalled + SIGKILL);
        }
        signalfd_siginfo info{};
        if (fds[0].revents == 0 ||
            !read_all(signals, reinterpret_cast<char*>(&info), sizeof info)) {
            continue;
        }
        int status = 0;
        if (info.ssi_signo == SIGCHLD) {
            if (reap(child, status)) {
                kill_all(); // what it left behind would talk to nobody
                ::_exit(status);
            }
        } else if (info.ssi_pid == static_cast<std::uint32_t>(emulator)) {
            // A terminal, or whoever signals the whole process group, reaches the command itself.
            ::kill(child, static_cast<int>(info.ssi_signo));
        }
    }
}

} // namespace

const std::vector<int>& forwarded_signals() {
    static const std::vector<int> signals{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2};
    return signals;
}

Guardian::Guardian(const std::vector<std::string>& command) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        throw std::system_error(errno, std::generic_category(), "pipe");
    }
    const pid_t emulator = ::getpid();
    pid_ = ::fork();
    if (pid_ < 0) {
        throw std::system_error(errno, std::generic_category(), "fork");
    }
    if (pid_ == 0) {
        ::close(ends[1]);
        guard(command, ends[0], emulator);
    }
    ::close(ends[0]);
    pipe_ = ends[1];
}

Guardian::~Guardian() {
    ::close(pipe_);
    if (pid_ > 0) {
        ::waitpid(pid_, nullptr, 0);
    }
}

void Guardian::start(const std::vector<std::string>& environment) {
    std::string bytes;
    for (const std::string& variable : environment) {
        bytes += variable + '\0';
    }
    const std::uint64_t size = bytes.size();
    bytes.insert(0, reinterpret_cast<const char*>(&size), sizeof size);
    write_all(pipe_, bytes.data(), bytes.size()); // a guardian that is gone is seen by poll()
}

void Guardian::forward(int signal) const {
    if (pid_ > 0) {
        ::kill(pid_, signal);
    }
}

int Guardian::poll() {
    int status = 0;
    if (pid_ <= 0 || ::waitpid(pid_, &status, WNOHANG) != pid_) {
        return -1;
    }
    pid_ = -1;
    return shell_status(status);
}

} // namespace benchtop::cli
