#include "emulator/net/interpreters.hpp"

#include "emulator/net/spawn.hpp"

#include <cstdlib>
#include <unistd.h>
#include <vector>

namespace benchtop::net {
namespace {

// One line for each fact.
constexpr const char* kPythonProbe = "import sys, importlib.util as u\n"
                                     "print(sys.executable)\n"
                                     "print('%d.%d' % sys.version_info[:2])\n"
                                     "print(int(u.find_spec('boto3') is not None))\n";

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        lines.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return lines;
}

std::map<std::string, std::string, std::less<>> probe_environment() {
    std::map<std::string, std::string, std::less<>> variables;
    // Version managers find their interpreters by these.
    for (const char* name : {"PATH", "HOME", "PYENV_ROOT", "PYENV_VERSION", "VIRTUAL_ENV"}) {
        if (const char* value = std::getenv(name)) {
            variables[name] = value;
        }
    }
    return variables;
}

// Programs of that name, in the order of PATH, then where distributions put them.
std::vector<std::string> programs(const std::string& name) {
    std::vector<std::string> found;
    const char* path = std::getenv("PATH");
    std::string list = std::string(path != nullptr ? path : "") + ":/usr/local/bin:/usr/bin:/bin";
    for (std::size_t at = 0; at <= list.size();) {
        const std::size_t end = std::min(list.find(':', at), list.size());
        const std::string file = list.substr(at, end - at) + "/" + name;
        if (::access(file.c_str(), X_OK) == 0) {
            found.push_back(file);
        }
        at = end + 1;
    }
    return found;
}

struct Probed {
    Interpreter interpreter;
    std::string version;
};

std::optional<Probed> probe_python(const std::string& program) {
    const auto printed = output_of({{program, "-c", kPythonProbe}, probe_environment(), "/"});
    const auto lines = lines_of(printed.value_or(""));
    if (lines.size() < 3 || lines[0].empty() || !lines[1].starts_with("3.")) {
        return std::nullopt;
    }
    // Older than any runtime, and than what the bootstrap is written for.
    if (std::atoi(lines[1].c_str() + 2) < 8) {
        return std::nullopt;
    }
    return Probed{{lines[0], true, lines[2] == "1"}, lines[1]};
}

} // namespace

std::optional<Interpreter> Interpreters::find(std::string_view runtime) {
    const std::lock_guard lock(mutex_);
    if (const auto known = known_.find(runtime); known != known_.end()) {
        return known->second;
    }
    std::optional<Interpreter> found;
    if (runtime.starts_with("python")) {
        found = find_python(runtime.substr(6));
    } else if (runtime.starts_with("nodejs")) {
        found = find_node(runtime.substr(6));
    }
    known_.emplace(runtime, found);
    return found;
}

// The named version with boto3 is best; then any version with boto3, since Lambda's has it; then
// the named version without.
std::optional<Interpreter> Interpreters::find_python(std::string_view version) const {
    if (!python_.empty()) {
        auto given = probe_python(python_);
        return given ? std::optional(given->interpreter) : std::nullopt;
    }
    std::optional<Interpreter> best;
    int best_rank = -1;
    for (const std::string& name : {"python" + std::string(version), std::string("python3")}) {
        for (const std::string& program : programs(name)) {
            auto probed = probe_python(program);
            if (!probed) {
                continue;
            }
            probed->interpreter.is_exact = probed->version == version;
            const int rank =
                2 * probed->interpreter.has_boto3 + static_cast<int>(probed->interpreter.is_exact);
            if (rank > best_rank) {
                best = probed->interpreter;
                best_rank = rank;
            }
            if (rank == 3) {
                return best;
            }
        }
    }
    return best;
}

std::optional<Interpreter> Interpreters::find_node(std::string_view version) const {
    const auto candidates = node_.empty() ? programs("node") : std::vector{node_};
    for (const std::string& program : candidates) {
        const auto printed = output_of(
            {{program, "-p", "process.execPath + '\\n' + process.versions.node"},
             probe_environment(),
             "/"}
        );
        const auto lines = lines_of(printed.value_or(""));
        if (lines.size() >= 2) {
            const std::string major = lines[1].substr(0, lines[1].find('.'));
            return Interpreter{lines[0], version.substr(0, version.find('.')) == major, false};
        }
    }
    return std::nullopt;
}

} // namespace benchtop::net
