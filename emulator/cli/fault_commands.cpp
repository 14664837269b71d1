#include "emulator/cli/fault_commands.hpp"

#include "emulator/cli/ask.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <iterator>

namespace benchtop::cli {
namespace {

namespace json = boost::json;

constexpr const char* kTarget = "/_benchtop/faults";

struct Options {
    std::uint16_t port = 4566;
    std::string file;
    std::string kind;
    std::map<std::string, std::string> texts; // members of a rule by name
    std::uint64_t nth = 0;
    std::uint64_t every = 0;
    std::uint64_t times = 0;
    double probability = 1;
};

int show(const std::optional<json::object>& answer) {
    if (!answer) {
        return 1;
    }
    const json::array& rules = answer->at("rules").as_array();
    if (rules.empty()) {
        fmt::print("Nothing goes wrong on purpose.\n");
    }
    for (const json::value& rule : rules) {
        fmt::print("{}\n", json::serialize(rule));
    }
    return 0;
}

int add(const Options& options) {
    json::object rule{{"kind", options.kind}};
    for (const auto& [name, text] : options.texts) {
        if (!text.empty()) {
            rule[name] = text;
        }
    }
    const std::pair<const char*, std::uint64_t> counts[] = {
        {"nth", options.nth}, {"every", options.every}, {"times", options.times}};
    for (const auto& [name, count] : counts) {
        if (count != 0) {
            rule[name] = count;
        }
    }
    if (options.probability != 1) {
        rule["probability"] = options.probability;
    }
    return show(ask(options.port, "POST", kTarget, json::serialize(rule)));
}

int set(const Options& options) {
    std::ifstream file(options.file, std::ios::binary);
    if (!file) {
        std::cerr << "benchtop: cannot read " << options.file << '\n';
        return 1;
    }
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    return show(ask(options.port, "PUT", kTarget, text));
}

} // namespace

void add_fault_commands(CLI::App& app, int& status) {
    const auto options = std::make_shared<Options>();
    auto* const faults = app.add_subcommand("faults", "what goes wrong on purpose");
    faults->require_subcommand(1);
    faults->fallthrough();
    faults->footer(
        "Exit status: 0 done, 1 refused or nobody answers (standard error says why), 2 wrong usage."
    );
    faults->add_option("--port", options->port, "port of the running emulator")
        ->envname("BENCHTOP_PORT")
        ->capture_default_str();

    faults->add_subcommand("list", "the rules, how often each matched and fired")
        ->callback([=, &status] { status = show(ask(options->port, "GET", kTarget)); });
    faults->add_subcommand("clear", "no rules any more")->callback([=, &status] {
        status = show(ask(options->port, "DELETE", kTarget));
    });
    auto* const set_command = faults->add_subcommand("set", "the rules of a file instead");
    set_command
        ->add_option("FILE", options->file, "{\"rules\": [{\"kind\": \"throttle\"}], \"seed\": 7}")
        ->required();
    set_command->callback([=, &status] { status = set(*options); });

    auto* const add_command = faults->add_subcommand("add", "one more rule");
    add_command
        ->add_option(
            "KIND",
            options->kind,
            "delay, error, throttle, timeout, lost-answer, expired-credentials, duplicate"
        )
        ->required();
    const std::pair<const char*, const char*> members[] = {
        {"on", "call (default) or event"},
        {"function", "who calls, or hears of the event; * and ? as in all patterns"},
        {"service", "s3, lambda, iam, sts, logs, execute-api"},
        {"operation", "such as CopyObject"},
        {"bucket", "of S3"},
        {"key", "of S3, such as uploads/*"},
        {"delay", "such as 500ms, at most 60s"},
        {"code", "of an error: InternalError, ServiceUnavailable, SlowDown"}};
    for (const auto& [name, help] : members) {
        add_command->add_option(std::string("--") + name, options->texts[name], help);
    }
    add_command->add_option("--nth", options->nth, "only the n-th that matches");
    add_command->add_option("--every", options->every, "only each n-th that matches");
    add_command->add_option("--times", options->times, "at most so often");
    add_command->add_option("--probability", options->probability, "from 0 to 1")
        ->capture_default_str();
    add_command->callback([=, &status] { status = add(*options); });
}

} // namespace benchtop::cli
