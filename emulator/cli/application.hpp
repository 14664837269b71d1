// The running emulator: every part, built once and wired here by constructor.
#pragma once

#include "emulator/core/result.hpp"
#include "emulator/net/server.hpp"
#include "emulator/pipeline/services.hpp"
#include "emulator/ports/log.hpp"
#include "emulator/stack/deploy.hpp"
#include "emulator/store/store.hpp"

#include <filesystem>
#include <memory>
#include <optional>

namespace benchtop::cli {

enum class Deployment { Lab, Empty };

struct ApplicationOptions {
    net::ServerOptions server;
    std::filesystem::path data; // "" with `ephemeral`
    bool ephemeral = false;     // a temporary directory, removed at the end
    store::Durability durability = store::Durability::KillSafe;
    Deployment deployment = Deployment::Lab;
    std::optional<stack::Stack> stack; // deployed instead of the lab
    LogLevel lowest_log_level = LogLevel::Info;
    std::string python;            // interpreter of python3.x functions; "": found on PATH
    std::string node;              // likewise
    std::filesystem::path plugins; // "": where the build or the installation puts them
};

class Application {
public:
    // Opens the store, deploys, binds the ports. The error is a sentence for the user.
    static Result<std::unique_ptr<Application>> open(const ApplicationOptions& options);
    virtual ~Application() = default;

    // Starts to serve and to deliver what an earlier run left pending.
    virtual void start() = 0;
    // Finishes what is under way (bounded) and writes everything down.
    virtual void stop() = 0;

    virtual std::uint16_t port() const = 0;
    virtual std::uint16_t api_port() const = 0;
    // What clients must trust to reach port() as a proxy under AWS's names.
    virtual std::filesystem::path ca_file() const = 0;
    virtual const std::filesystem::path& data_directory() const = 0;
    virtual store::Store& store() = 0;
    virtual pipeline::Services& services() = 0;
    // What the stack given in the options made and what it found.
    virtual const stack::DeployReport& deployed() const = 0;
};

// $XDG_STATE_HOME/benchtop, or ~/.local/state/benchtop.
std::filesystem::path default_data_directory();

} // namespace benchtop::cli
