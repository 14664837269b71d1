// What `benchtop env` prints: shell lines that lead clients to a running emulator, and those that
// lead them away again.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace benchtop::cli {

// A variable of the shell that asks; nullopt: not set.
using ReadVariable = std::function<std::optional<std::string>(const std::string&)>;

// AWS under its own names: the emulator as proxy, its CA as the one to trust. What the shell had
// before is kept in BENCHTOP_SAVED.
std::string
real_names_text(std::uint16_t port, const std::string& ca_file, const ReadVariable& read);

// AWS at one address: AWS_ENDPOINT_URL.
std::string endpoint_text(std::uint16_t port, const ReadVariable& read);

// Puts everything back that either of the two has changed; a comment when they have changed
// nothing.
std::string undo_text(const ReadVariable& read);

} // namespace benchtop::cli
