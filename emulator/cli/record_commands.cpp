#include "emulator/cli/record_commands.hpp"

#include "emulator/cli/ask.hpp"
#include "emulator/cli/recording_file.hpp"
#include "emulator/cli/recording_test.hpp"
#include "emulator/cli/replay.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include <fstream>
#include <iostream>

namespace benchtop::cli {
namespace {

namespace json = boost::json;

constexpr int kDifferent = 1;
constexpr int kUnusable = 2;

struct Options {
    std::uint16_t port = 4566;
    std::uint64_t seed = 1;
    std::string file;
    std::string output;
};

bool write(const std::string& file, const std::string& text) {
    std::ofstream stream(file, std::ios::binary);
    stream << text;
    stream.close();
    if (!stream) {
        std::cerr << "benchtop: cannot write " << file << '\n';
    }
    return !stream.fail();
}

int start(const Options& options) {
    const json::object body{{"seed", options.seed}};
    if (!ask(options.port, "POST", "/_benchtop/record/start", json::serialize(body))) {
        return 1;
    }
    fmt::print("The lab is reset; what it is asked from now on is recorded.\n");
    return 0;
}

int stop(const Options& options) {
    const auto recording = ask(options.port, "POST", "/_benchtop/record/stop");
    if (!recording || !write(options.file, json::serialize(*recording) + '\n')) {
        return 1;
    }
    fmt::print("{} requests in {}\n", recording->at("steps").as_array().size(), options.file);
    return 0;
}

std::optional<Recording> read(const Options& options) {
    auto recording = read_recording(options.file);
    if (!recording) {
        std::cerr << "benchtop: " << recording.error().message() << '\n';
        return std::nullopt;
    }
    return *std::move(recording);
}

int export_test(const Options& options) {
    const auto recording = read(options);
    if (!recording) {
        return kUnusable;
    }
    const std::string text = pytest_of(*recording);
    if (options.output.empty()) {
        std::cout << text;
        return 0;
    }
    return write(options.output, text) ? 0 : kUnusable;
}

int repeat(const Options& options) {
    const auto recording = read(options);
    if (!recording) {
        return kUnusable;
    }
    const auto difference = replay(*recording);
    if (!difference) {
        std::cerr << "benchtop: " << difference.error().message() << '\n';
        return kUnusable;
    }
    if (difference->empty()) {
        fmt::print("{} requests, and every answer is the recorded one.\n", recording->steps.size());
        return 0;
    }
    fmt::print("{}", *difference);
    return kDifferent;
}

} // namespace

void add_record_commands(CLI::App& app, int& status) {
    const auto options = std::make_shared<Options>();
    auto* const record =
        app.add_subcommand("record", "keep a session, to repeat it or to test by it");
    record->require_subcommand(1);
    record->fallthrough();
    record->footer("Exit status: 0 done, 1 refused or nobody answers (standard error says why), 2 "
                   "wrong usage, or "
                   "export cannot use the file.");
    record->add_option("--port", options->port, "port of the running emulator")
        ->envname("BENCHTOP_PORT")
        ->capture_default_str();
    auto* const start_command =
        record->add_subcommand("start", "reset the lab and record what it is asked from then on");
    start_command->add_option("--seed", options->seed, "of ids, keys and jitter")
        ->capture_default_str();
    start_command->callback([=, &status] { status = start(*options); });
    auto* const stop_command = record->add_subcommand("stop", "write the session to a file");
    stop_command->add_option("FILE", options->file, "for benchtop replay")->required();
    stop_command->callback([=, &status] { status = stop(*options); });
    auto* const test_command = record->add_subcommand("export", "a session as a pytest test");
    test_command->add_option("FILE", options->file, "of benchtop record stop")->required();
    test_command->add_option("--output", options->output, "test_NAME.py; without it: printed");
    test_command->callback([=, &status] { status = export_test(*options); });

    auto* const replay_command = app.add_subcommand(
        "replay", "repeat a recorded session in an emulator of its own and compare the answers"
    );
    replay_command->add_option("FILE", options->file, "of benchtop record stop")->required();
    replay_command->footer(
        "Exit status: 0 all answers are equal, 1 one differs (the first is shown), "
        "2 the file cannot be used."
    );
    replay_command->callback([=, &status] { status = repeat(*options); });
}

} // namespace benchtop::cli
