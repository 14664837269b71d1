#include "emulator/cli/control_commands.hpp"

#include "emulator/cli/ask.hpp"
#include "emulator/core/encoding.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

namespace benchtop::cli {
namespace {

namespace json = boost::json;

constexpr const char* kExitStatus =
    "Exit status: 0 done, 1 refused or nobody answers (standard error says why), 2 wrong usage.";

struct Option {
    std::uint16_t port = 4566;
    std::string timeout = "30s";
    std::string retries = "wait";
    std::string seed;
    std::string name;
    std::string function;
    std::string operation;
    std::string wanted_status;
    std::string limit = "20";
    bool as_json = false;
};

using OptionPtr = std::shared_ptr<Option>;

CLI::App* command_of(CLI::App& app, const char* name, const char* help, const OptionPtr& options) {
    auto* const command = app.add_subcommand(name, help);
    command->footer(kExitStatus);
    command->add_option("--port", options->port, "port of the running emulator")
        ->envname("BENCHTOP_PORT")
        ->capture_default_str();
    return command;
}

int reset(const Option& options) {
    if (!ask(options.port, "POST", "/_benchtop/reset")) {
        return 1;
    }
    fmt::print("The lab is as it was after `benchtop up`.\n");
    return 0;
}

int settle(const Option& options) {
    const json::object body{{"timeout", options.timeout}, {"retries", options.retries}};
    const auto left = ask(options.port, "POST", "/_benchtop/settle", json::serialize(body));
    if (!left) {
        return 1;
    }
    const auto waiting = left->at("waiting").to_number<std::uint64_t>();
    const auto advances = left->at("advances").to_number<std::uint64_t>();
    fmt::print("Nothing is under way.");
    if (waiting > 0) {
        fmt::print(" {} deliveries wait for their retry.", waiting);
    }
    if (advances > 0) {
        fmt::print(" The clock was advanced {} times.", advances);
    }
    fmt::print("\n");
    return 0;
}

int snapshots(std::uint16_t port, const char* method, const std::string& target) {
    const auto answer = ask(port, method, target);
    if (!answer) {
        return 1;
    }
    const json::value* const kept = answer->if_contains("snapshots");
    if (kept == nullptr) {
        fmt::print("The lab is as it was in {}.\n", text_of(*answer, "name"));
        return 0;
    }
    for (const json::value& item : kept->as_array()) {
        const json::object& card = item.as_object();
        fmt::print("{}  {} bytes\n", text_of(card, "name"), card.at("bytes").to_number<double>());
    }
    return 0;
}

void add_snapshot_commands(CLI::App& app, const OptionPtr& options, int& status) {
    auto* const command =
        command_of(app, "snapshot", "keep the lab's state, bring it back", options);
    command->require_subcommand(1);
    command->fallthrough();

    struct Row {
        const char* name;
        const char* help;
        const char* method;
        const char* suffix;
    };

    constexpr Row rows[] = {
        {"save", "all there is, under a name", "PUT", ""},
        {"restore", "what there was then, instead of all there is", "POST", "/restore"},
        {"remove", "forget it", "DELETE", ""}};
    for (const Row& row : rows) {
        auto* const one = command->add_subcommand(row.name, row.help);
        one->add_option("NAME", options->name, "letters, digits, - and _")->required();
        one->callback([=, &status] {
            const std::string name = percent_encode(options->name, SlashRule::Encode);
            status =
                snapshots(options->port, row.method, "/_benchtop/snapshots/" + name + row.suffix);
        });
    }
    command->add_subcommand("list", "names and sizes")->callback([=, &status] {
        status = snapshots(options->port, "GET", "/_benchtop/snapshots");
    });
}

int seed(const Option& options) {
    const std::string body = "{\"seed\": " + (options.seed == "none" ? "null" : options.seed) + "}";
    const auto answer = ask(options.port, "POST", "/_benchtop/seed", body);
    if (!answer) {
        return 1;
    }
    fmt::print(
        "{}\n",
        answer->at("seed").is_null() ? std::string("Ids and keys are the machine's again.")
                                     : "Ids and keys come from seed " + options.seed + " now."
    );
    return 0;
}

int hold_clock(std::uint16_t port, const char* target) {
    const auto clock = ask(port, "POST", target);
    if (!clock) {
        return 1;
    }
    fmt::print("now        {}\n", text_of(*clock, "now"));
    fmt::print("lab time   {}\n", text_of(*clock, "labTime"));
    fmt::print("frozen     {}\n", clock->at("frozen").as_bool() ? "yes" : "no");
    return 0;
}

std::string with_filters(
    std::string target, const Option& options, std::string_view name, const std::string& value
) {
    target += "?limit=" + percent_encode(options.limit, SlashRule::Encode);
    if (!value.empty()) {
        target += "&" + std::string(name) + "=" + percent_encode(value, SlashRule::Encode);
    }
    if (!options.wanted_status.empty()) {
        target += "&status=" + percent_encode(options.wanted_status, SlashRule::Encode);
    }
    return target;
}

int requests(const Option& options) {
    const auto answer =
        ask(options.port,
            "GET",
            with_filters("/_benchtop/requests", options, "operation", options.operation));
    if (!answer) {
        return 1;
    }
    if (options.as_json) {
        fmt::print("{}\n", json::serialize(*answer));
        return 0;
    }
    for (const auto& item : answer->at("requests").as_array()) {
        const json::object& card = item.as_object();
        const std::string operation = text_of(card, "operation");
        fmt::print(
            "{}  {}  {} {}  {}  {}{}\n    {} ms  {}  {}\n",
            text_of(card, "at"),
            text_of(card, "requestId"),
            text_of(card, "method"),
            text_of(card, "path"),
            operation.empty() ? text_of(card, "service") : operation,
            card.at("status").to_number<int>(),
            text_of(card, "code").empty() ? "" : " " + text_of(card, "code"),
            card.at("durationMs").to_number<double>(),
            text_of(card, "host"),
            text_of(card, "caller")
        );
    }
    return 0;
}

int invocations(const Option& options) {
    const auto answer =
        ask(options.port,
            "GET",
            with_filters("/_benchtop/invocations", options, "function", options.function));
    if (!answer) {
        return 1;
    }
    if (options.as_json) {
        fmt::print("{}\n", json::serialize(*answer));
        return 0;
    }
    for (const auto& item : answer->at("invocations").as_array()) {
        const json::object& card = item.as_object();
        fmt::print(
            "{}  {}  {}:{}  {}  {} ms\n    event   {}\n    answer  {}\n",
            text_of(card, "at"),
            text_of(card, "requestId"),
            text_of(card, "function"),
            text_of(card, "version"),
            text_of(card, "status"),
            card.at("durationMs").to_number<double>(),
            text_of(card, "payload"),
            text_of(card, "answer")
        );
    }
    return 0;
}

} // namespace

void add_clock_controls(CLI::App& clock, std::shared_ptr<std::uint16_t> port, int& status) {
    clock.add_subcommand("freeze", "hold the clock; advance still ages what exists")
        ->callback([port, &status] { status = hold_clock(*port, "/_benchtop/clock/freeze"); });
    clock.add_subcommand("resume", "back to the real time")->callback([port, &status] {
        status = hold_clock(*port, "/_benchtop/clock/resume");
    });
}

void add_control_commands(CLI::App& app, int& status) {
    const auto options = std::make_shared<Option>();
    command_of(app, "reset", "remove everything and deploy again, without a restart", options)
        ->callback([=, &status] { status = reset(*options); });

    auto* const settle_command =
        command_of(app, "settle", "wait until no delivery is due or under way", options);
    settle_command->add_option("--timeout", options->timeout, "real time to wait, at most 600s")
        ->capture_default_str();
    settle_command
        ->add_option(
            "--retries",
            options->retries,
            "wait for them, advance the lab's clock to each, or ignore them"
        )
        ->check(CLI::IsMember({"wait", "advance", "ignore"}))
        ->capture_default_str();
    settle_command->callback([=, &status] { status = settle(*options); });

    add_snapshot_commands(app, options, status);

    auto* const seed_command =
        command_of(app, "seed", "draw ids, keys and jitter from a seed from now on", options);
    seed_command->add_option("N", options->seed, "a number, or none")
        ->required()
        ->check([](const std::string& text) {
            const bool good = text == "none" || parse_u64(text).has_value();
            return good ? std::string() : "a seed is a number from 0 to 2^64-1, or none";
        });
    seed_command->callback([=, &status] { status = seed(*options); });

    auto* const requests_command =
        command_of(app, "requests", "the latest requests, newest first", options);
    requests_command->add_option("--operation", options->operation, "only this one: PutObject");
    requests_command->add_option("--status", options->wanted_status, "only this one: 403");
    auto* const invocations_command =
        command_of(app, "invocations", "the latest invocations, newest first", options);
    invocations_command->add_option("--function", options->function, "only this one");
    invocations_command->add_option(
        "--status", options->wanted_status, "only this one: ok, function-error, throttled..."
    );
    for (CLI::App* const command : {requests_command, invocations_command}) {
        command->add_option("--limit", options->limit, "how many, at most 1000")
            ->capture_default_str();
        command->add_flag("--json", options->as_json, "as /_benchtop/ gives them");
    }
    requests_command->callback([=, &status] { status = requests(*options); });
    invocations_command->callback([=, &status] { status = invocations(*options); });
}

} // namespace benchtop::cli
