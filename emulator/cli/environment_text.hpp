// The environment that leads clients to a running emulator: what `benchtop exec` sets and
// `benchtop env` prints, with the shell lines that lead them away again.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace benchtop::cli {

// A variable of the shell that asks; nullopt: not set.
using ReadVariable = std::function<std::optional<std::string>(const std::string&)>;

// A variable and its value; nullopt: it is unset.
struct Setting {
    std::string name;
    std::optional<std::string> value;
};

// AWS under its own names: the emulator as proxy, its CA as the one to trust.
std::vector<Setting> real_names(std::uint16_t port, const std::string& ca_file);

// AWS at one address: AWS_ENDPOINT_URL.
std::vector<Setting> one_endpoint(std::uint16_t port);

// As shell lines. What the shell had before is kept in BENCHTOP_SAVED.
std::string set_text(const std::vector<Setting>& settings, const ReadVariable& read);

// Puts everything back that either of the two has changed; a comment when they have changed
// nothing.
std::string undo_text(const ReadVariable& read);

} // namespace benchtop::cli
