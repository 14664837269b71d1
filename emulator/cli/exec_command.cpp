// `benchtop exec -- CMD`: an emulator on free ports for as long as one command runs.
#include "emulator/cli/commands.hpp"
#include "emulator/cli/environment_text.hpp"
#include "emulator/cli/guardian.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <iostream>
#include <unistd.h>

namespace benchtop::cli {
namespace {

constexpr int kWrongUsage = 2;
constexpr int kNoEmulator = 125;

// The variables of this process, changed.
std::vector<std::string> changed_environment(const std::vector<Setting>& settings) {
    std::vector<std::string> out;
    for (char** variable = ::environ; *variable != nullptr; ++variable) {
        const std::string_view entry = *variable;
        const std::string_view name = entry.substr(0, entry.find('='));
        if (std::none_of(settings.begin(), settings.end(), [&](const Setting& setting) {
                return setting.name == name;
            })) {
            out.emplace_back(entry);
        }
    }
    for (const Setting& setting : settings) {
        if (setting.value) {
            out.push_back(setting.name + "=" + *setting.value);
        }
    }
    return out;
}

std::vector<Setting> settings_for(const Application& application, bool endpoint) {
    std::vector<Setting> settings =
        endpoint ? one_endpoint(application.port())
                 : real_names(application.port(), application.ca_file().string());
    // Commands of benchtop find their emulator by these.
    settings.push_back({"BENCHTOP_PORT", fmt::format("{}", application.port())});
    settings.push_back({"BENCHTOP_API_PORT", fmt::format("{}", application.api_port())});
    settings.push_back({"BENCHTOP_ENDPOINT", fmt::format("http://127.0.0.1:{}", application.port())}
    );
    return settings;
}

Result<ApplicationOptions> application_options(const ExecOptions& options) {
    ApplicationOptions out;
    out.server.port = 0;
    out.server.api_port = 0;
    out.data = options.data;
    out.ephemeral = options.data.empty();
    out.deployment = options.empty ? Deployment::Empty : Deployment::Lab;
    out.lowest_log_level = options.verbose ? LogLevel::Debug : LogLevel::Warning;
    out.python = options.python;
    out.node = options.node;
    if (!options.stack.path.empty()) {
        auto stack = read_stack_file(options.stack);
        if (!stack) {
            return stack.error();
        }
        out.stack = *std::move(stack);
    }
    return out;
}

// Until the command has ended; what others send to this process goes to it.
int wait_for(Guardian& guardian, const sigset_t& signals) {
    for (;;) {
        siginfo_t info{};
        const int signal = ::sigwaitinfo(&signals, &info);
        if (signal == SIGCHLD) {
            if (const int status = guardian.poll(); status >= 0) {
                return status;
            }
        } else if (signal > 0 && info.si_code <= 0) { // not a terminal's, which CMD has got too
            guardian.forward(signal);
        }
    }
}

} // namespace

int exec(const ExecOptions& options) {
    if (options.command.empty()) {
        std::cerr << "benchtop: say what to run: benchtop exec [OPTIONS] -- CMD ARGS...\n";
        return kWrongUsage;
    }
    const auto chosen = application_options(options);
    if (!chosen) {
        std::cerr << "benchtop: " << chosen.error().message() << '\n';
        return kNoEmulator;
    }
    // Blocked before any thread exists, so that only the wait below sees them.
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    for (const int signal : forwarded_signals()) {
        sigaddset(&signals, signal);
    }
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    Guardian guardian(options.command);

    auto opened = Application::open(*chosen);
    if (!opened) {
        std::cerr << "benchtop: " << opened.error().message() << '\n';
        return kNoEmulator;
    }
    const std::unique_ptr<Application> application = *std::move(opened);
    application->start();
    guardian.start(changed_environment(settings_for(*application, options.endpoint)));
    const int status = wait_for(guardian, signals);
    application->stop();
    return status;
}

} // namespace benchtop::cli
