// Which program of this machine runs a managed runtime. Looked for once for each runtime: looking
// starts the candidates.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace benchtop::net {

struct Interpreter {
    std::string path;
    bool is_exact = true; // of the version the runtime names
    bool has_boto3 = false;
};

// Thread-safe.
class Interpreters {
public:
    // `python`, `node`: given by the user, "" for none.
    Interpreters(std::string python, std::string node)
        : python_(std::move(python))
        , node_(std::move(node)) {}

    // `runtime`: "python3.11", "nodejs20.x". nullopt: this machine has none.
    std::optional<Interpreter> find(std::string_view runtime);

private:
    std::optional<Interpreter> find_python(std::string_view version) const;
    std::optional<Interpreter> find_node(std::string_view version) const;

    std::string python_;
    std::string node_;
    std::mutex mutex_;
    std::map<std::string, std::optional<Interpreter>, std::less<>> known_;
};

} // namespace benchtop::net
