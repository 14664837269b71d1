#include "emulator/cli/watched_child.hpp"

#include "emulator/core/encoding.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <iostream>
#include <new>
#include <optional>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace benchtop::cli {
namespace {

[[noreturn]] void fail(const char* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

// In memory that both processes see.
struct Progress {
    std::atomic<std::uint64_t> begun{0};
    std::atomic<std::uint64_t> steps{0};
    std::atomic<bool> finished{false};
};

class SharedProgress {
public:
    SharedProgress() {
        void* const at = ::mmap(
            nullptr, sizeof(Progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0
        );
        if (at == MAP_FAILED) {
            fail("mmap");
        }
        progress_ = new (at) Progress;
    }

    ~SharedProgress() { ::munmap(progress_, sizeof(Progress)); }

    SharedProgress(const SharedProgress&) = delete;
    SharedProgress& operator=(const SharedProgress&) = delete;

    Progress& operator*() const { return *progress_; }

    Progress* operator->() const { return progress_; }

private:
    Progress* progress_ = nullptr;
};

void write_all(int file, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(file, text.data(), text.size());
        if (written < 0 && errno != EINTR) {
            return; // nobody listens any more
        }
        text.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(written, 0)));
    }
}

// Each field's length before its bytes.
std::string packed(const Fields& fields) {
    std::string text;
    for (const std::string& field : fields) {
        text += std::to_string(field.size()) + ' ' + field;
    }
    return text;
}

Fields unpacked(std::string_view text) {
    Fields fields;
    while (!text.empty()) {
        const auto space = text.find(' ');
        const auto length = parse_u64(text.substr(0, space));
        if (space == std::string_view::npos || !length || *length > text.size() - space - 1) {
            return {};
        }
        fields.emplace_back(text.substr(space + 1, *length));
        text.remove_prefix(space + 1 + *length);
    }
    return fields;
}

[[noreturn]] void
be_child(const std::function<Fields(const Begin&)>& work, Progress& progress, int output) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL); // Ctrl-C of the parent ends both
    const Fields result = work([&progress](std::uint64_t number) {
        progress.begun = number;
        ++progress.steps;
    });
    std::cout.flush();
    write_all(output, packed(result));
    progress.finished = true;
    ::_exit(0);
}

// What the child writes until its end; nothing when it was killed for being stuck.
std::optional<std::string>
listen(int input, pid_t child, const Progress& progress, std::chrono::seconds patience) {
    std::string text;
    std::uint64_t steps = 0;
    auto until = std::chrono::steady_clock::now() + patience;
    for (;;) {
        pollfd waits{input, POLLIN, 0};
        const int ready = ::poll(&waits, 1, 1000);
        if (ready > 0) {
            std::array<char, 4096> bytes{};
            const ssize_t count = ::read(input, bytes.data(), bytes.size());
            if (count == 0 || (count < 0 && errno != EINTR)) {
                return text;
            }
            text.append(bytes.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
        }
        const auto now = std::chrono::steady_clock::now();
        if (const std::uint64_t seen = progress.steps; seen != steps) {
            steps = seen;
            until = now + patience;
        } else if (now > until) {
            ::kill(child, SIGKILL);
            return std::nullopt;
        }
    }
}

} // namespace

ChildReport
run_watched(const std::function<Fields(const Begin&)>& work, std::chrono::seconds patience) {
    const SharedProgress progress;
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        fail("pipe2");
    }
    std::cout.flush();
    const pid_t child = ::fork();
    if (child < 0) {
        fail("fork");
    }
    if (child == 0) {
        ::close(ends[0]);
        be_child(work, *progress, ends[1]);
    }
    ::close(ends[1]);
    const auto text = listen(ends[0], child, *progress, patience);
    ::close(ends[0]);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    ChildReport report;
    report.begun = progress->begun;
    if (!text) {
        report.how = ChildReport::How::Stuck;
    } else if (!progress->finished) {
        report.how = ChildReport::How::Ended;
        report.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    } else {
        report.result = unpacked(*text);
    }
    return report;
}

} // namespace benchtop::cli
