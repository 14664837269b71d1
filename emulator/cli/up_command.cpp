// `benchtop up`: the emulator in the foreground until SIGINT or SIGTERM.
#include "emulator/cli/commands.hpp"
#include "emulator/stack/constants.hpp"

#include <fmt/format.h>

#include <csignal>
#include <fstream>
#include <iostream>

namespace benchtop::cli {
namespace {

constexpr std::uint16_t kDefaultPort = 4566;

std::string shown_host(const std::string& address) {
    return address == "0.0.0.0" || address == "::" ? "127.0.0.1" : address;
}

void print_outputs(const stack::Stack& stack, const stack::DeployReport& deployed) {
    fmt::print(
        "  stack        {}: {} resources made, {} were there\n",
        stack.name,
        deployed.created.size(),
        deployed.kept.size()
    );
    for (const stack::Output& output : stack.outputs) {
        fmt::print("  {:<12} {}\n", output.name, output.value);
    }
    std::cout << std::flush;
}

void print_welcome(const Application& application, const UpOptions& options) {
    const std::string host = shown_host(options.application.server.address);
    const auto port = application.port();
    const auto api_port = application.api_port();
    fmt::print("Benchtop is ready. Stop it with Ctrl-C.\n\n");
    fmt::print("  endpoint     http://{}:{}\n", host, port);
    fmt::print(
        "  credentials  export AWS_ACCESS_KEY_ID={} AWS_SECRET_ACCESS_KEY={} AWS_DEFAULT_REGION={} "
        "AWS_ENDPOINT_URL=http://{}:{}\n",
        stack::kAdministratorAccessKeyId,
        stack::kAdministratorSecretKey,
        stack::kLabRegion,
        host,
        port
    );
    fmt::print(
        "  AWS's names  eval \"$(benchtop env{})\"\n",
        port == kDefaultPort ? "" : " --port " + std::to_string(port)
    );
    if (options.application.ephemeral) {
        fmt::print("  state        none is kept (--ephemeral)\n");
    } else {
        fmt::print("  state        {}\n", application.data_directory().string());
    }
    if (options.application.stack) {
        print_outputs(*options.application.stack, application.deployed());
        return;
    }
    if (options.application.deployment == Deployment::Empty) {
        std::cout << std::flush;
        return;
    }
    fmt::print("  invoke URL   http://localhost:{}/prod\n", api_port);
    fmt::print(
        "               http://{}.execute-api.{}.localhost:{}/prod\n\n",
        stack::kLabApiId,
        stack::kLabRegion,
        port
    );
    fmt::print(
        "Next, in another terminal, after the credentials line:\n\n"
        "  curl -s -X POST http://localhost:{}/prod/presign > /tmp/presign.json\n"
        "  curl -i -X PUT \"$(python3 -c 'import json; "
        "print(json.load(open(\"/tmp/presign.json\"))[\"uploadUrl\"])')\" --data-binary \"hello\"\n"
        "  aws --endpoint-url http://{}:{} s3 ls s3://{}/processed/\n\n",
        api_port,
        host,
        port,
        stack::kLabBucket
    );
    std::cout << std::flush;
}

bool write_port_file(const std::string& path, const Application& application) {
    // Written whole or not at all: whoever waits for it never reads half a number.
    const std::string temporary = path + ".part";
    {
        std::ofstream file(temporary, std::ios::trunc);
        file << application.port() << '\n' << application.api_port() << '\n';
        if (!file.flush()) {
            return false;
        }
    }
    return std::rename(temporary.c_str(), path.c_str()) == 0;
}

} // namespace

int up(const UpOptions& given) {
    UpOptions options = given;
    if (!options.stack.path.empty()) {
        auto stack = read_stack_file(options.stack);
        if (!stack) {
            std::cerr << "benchtop: " << stack.error().message() << '\n';
            return 1;
        }
        options.application.stack = *std::move(stack);
    }
    // Blocked before any thread exists, so that only the wait below sees them.
    sigset_t stops;
    sigemptyset(&stops);
    sigaddset(&stops, SIGINT);
    sigaddset(&stops, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &stops, nullptr);
    std::signal(SIGPIPE, SIG_IGN);

    auto opened = Application::open(options.application);
    if (!opened) {
        std::cerr << "benchtop: " << opened.error().message() << '\n';
        return 1;
    }
    const std::unique_ptr<Application> application = *std::move(opened);
    application->start();
    if (!options.port_file.empty() && !write_port_file(options.port_file, *application)) {
        std::cerr << "benchtop: cannot write the port file " << options.port_file << ".\n";
        return 1;
    }
    print_welcome(*application, options);
    int received = 0;
    sigwait(&stops, &received);
    application->stop();
    return 0;
}

} // namespace benchtop::cli
