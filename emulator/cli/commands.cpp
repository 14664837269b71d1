#include "emulator/cli/commands.hpp"

#include "emulator/cli/control_commands.hpp"
#include "emulator/cli/explain_commands.hpp"
#include "emulator/cli/fault_commands.hpp"
#include "emulator/cli/handout_text.hpp"
#include "emulator/cli/record_commands.hpp"
#include "emulator/pipeline/service_tables.hpp"
#include "emulator/s3/operation.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <system_error>

namespace benchtop::cli {
namespace {

// Gives --stack itself.
CLI::Option* add_stack_options(CLI::App& command, StackFile& file) {
    auto* const stack = command.add_option(
        "--stack", file.path, "deploy this SAM or CloudFormation template, not the lab"
    );
    command.add_option("--parameter", file.parameters, "NAME=VALUE for the template (repeatable)")
        ->needs(stack);
    command.add_option("--stack-name", file.name, "name of the template's stack")
        ->needs(stack)
        ->capture_default_str();
    return stack;
}

void add_up(CLI::App& app, int& status) {
    auto options = std::make_shared<UpOptions>();
    auto* const command = app.add_subcommand("up", "run the emulator with the lab deployed");
    auto& server = options->application.server;
    command->add_option("--port", server.port, "port of every service; 0 takes any free one")
        ->capture_default_str();
    auto* const api_port = command->add_option(
        "--api-port",
        server.api_port,
        "short port of the lab's HTTP API; 0 takes any free one (default 4567, or 0 with --port 0)"
    );
    command->add_option("--listen", server.address, "address to listen on")->capture_default_str();
    command->add_option("--port-file", options->port_file, "write the chosen ports to this file");
    auto data = std::make_shared<std::string>();
    auto* const data_option = command->add_option(
        "--data", *data, "directory that keeps the state (default: below XDG_STATE_HOME)"
    );
    command->add_flag("--ephemeral", options->application.ephemeral, "keep no state")
        ->excludes(data_option);
    auto empty = std::make_shared<bool>(false);
    auto* const empty_flag = command->add_flag("--empty", *empty, "deploy nothing");
    add_stack_options(*command, options->stack)->excludes(empty_flag);
    command
        ->add_option(
            "--python",
            options->application.python,
            "interpreter of python3.x functions (default: one on PATH that has boto3)"
        )
        ->envname("BENCHTOP_PYTHON");
    command->add_option("--node", options->application.node, "program of nodejs functions")
        ->envname("BENCHTOP_NODE");
    auto fsync = std::make_shared<bool>(false);
    command->add_flag(
        "--fsync", *fsync, "sync every commit: survive a power cut, not only kill -9"
    );
    auto verbose = std::make_shared<bool>(false);
    auto quiet = std::make_shared<bool>(false);
    command->add_flag("--verbose", *verbose, "log every request");
    command->add_flag("--quiet", *quiet, "log warnings and errors only")->excludes("--verbose");
    command->callback([=, &status] {
        ApplicationOptions& application = options->application;
        if (application.server.port == 0 && api_port->count() == 0) {
            application.server.api_port = 0;
        }
        application.data = *data;
        application.deployment = *empty ? Deployment::Empty : Deployment::Lab;
        application.durability = *fsync ? store::Durability::Fsync : store::Durability::KillSafe;
        application.lowest_log_level = *verbose ? LogLevel::Debug
                                       : *quiet ? LogLevel::Warning
                                                : LogLevel::Info;
        status = up(*options);
    });
}

// What stands after `exec ... --` is the command's own, whatever it looks like: the parser never
// sees it. `argc` becomes what is left for the parser; the answer begins with the dashes.
std::vector<std::string> cut_command(int& argc, char** argv) {
    if (argc < 2 || std::string_view(argv[1]) != "exec") {
        return {};
    }
    char** const end = argv + argc;
    char** const dashes = std::find(argv, end, std::string_view("--"));
    argc = static_cast<int>(dashes - argv);
    return {dashes, end};
}

void add_exec(CLI::App& app, const std::vector<std::string>& after_dashes, int& status) {
    auto options = std::make_shared<ExecOptions>();
    auto* const command = app.add_subcommand(
        "exec", "run a command with an emulator of its own: exec [OPTIONS] -- CMD ARGS..."
    );
    auto* const endpoint = command->add_flag(
        "--endpoint", options->endpoint, "AWS_ENDPOINT_URL instead of AWS's own names"
    );
    auto names = std::make_shared<bool>(false);
    command->add_flag("--real-names", *names, "AWS's own names by proxy (the default)")
        ->excludes(endpoint);
    auto* const empty = command->add_flag("--empty", options->empty, "deploy nothing");
    add_stack_options(*command, options->stack)->excludes(empty);
    command->add_option("--data", options->data, "keep the state here (default: none is kept)");
    command->add_option("--python", options->python, "interpreter of python3.x functions")
        ->envname("BENCHTOP_PYTHON");
    command->add_option("--node", options->node, "program of nodejs functions")
        ->envname("BENCHTOP_NODE");
    command->add_flag("--verbose", options->verbose, "log every request on standard error");
    command->prefix_command();
    command->footer("Exit status: CMD's; 128 + N when signal N ended it; 127 when it is not found, "
                    "126 when it cannot be run;\n125 when the emulator does not start.");
    command->callback([=, &after_dashes, &status] {
        static_cast<void>(names);
        options->command = command->remaining(); // `exec CMD ARGS...`
        if (!options->command.empty() && options->command.front().starts_with('-')) {
            throw CLI::ExtrasError({options->command.front()});
        }
        const auto skipped = options->command.empty() && !after_dashes.empty() ? 1 : 0;
        options->command.insert(
            options->command.end(), after_dashes.begin() + skipped, after_dashes.end()
        );
        status = exec(*options);
    });
}

CLI::App* client_command(CLI::App& app, const char* name, const char* help, std::uint16_t& port) {
    auto* const command = app.add_subcommand(name, help);
    command->add_option("--port", port, "port of the running emulator")
        ->envname("BENCHTOP_PORT") // `benchtop exec` sets it
        ->capture_default_str();
    return command;
}

void add_client_commands(CLI::App& app, int& status) {
    auto port = std::make_shared<std::uint16_t>(std::uint16_t{4566});
    auto endpoint = std::make_shared<bool>(false);
    auto unset = std::make_shared<bool>(false);
    auto* const environment =
        client_command(app, "env", "print the environment a client needs", *port);
    environment->add_flag("--endpoint", *endpoint, "AWS_ENDPOINT_URL instead of AWS's own names");
    environment->add_flag("--unset", *unset, "undo an earlier env in this shell")
        ->excludes("--endpoint");
    environment->callback([=, &status] {
        status = show_environment(
            *port,
            *unset      ? Environment::Unset
            : *endpoint ? Environment::Endpoint
                        : Environment::RealNames
        );
    });

    auto* const clock =
        client_command(app, "clock", "show, advance or hold the lab's clock", *port);
    clock->require_subcommand(1);
    clock->fallthrough();
    clock->add_subcommand("show", "real time, lab time, advances")->callback([=, &status] {
        status = clock_show(*port);
    });
    auto amount = std::make_shared<std::string>();
    auto* const advance = clock->add_subcommand("advance", "age everything made so far, e.g. 301s");
    advance->add_option("DURATION", *amount, "a number with s, m, h or d")->required();
    advance->callback([=, &status] { status = clock_advance(*port, *amount); });
    add_clock_controls(*clock, port, status);

    auto logs_options = std::make_shared<LogsOptions>();
    auto* const log_command = client_command(app, "logs", "a function's log", *port);
    log_command->add_option("FUNCTION", logs_options->function, "function name")->required();
    log_command->add_flag("-f,--follow", logs_options->follow, "wait for more");
    log_command->callback([=, &status] {
        logs_options->port = *port;
        status = logs(*logs_options);
    });

    auto bucket = std::make_shared<std::string>();
    auto key = std::make_shared<std::string>();
    auto* const delivery_command =
        client_command(app, "deliveries", "what became of each object event", *port);
    delivery_command->add_option("--bucket", *bucket, "only this bucket");
    delivery_command->add_option("--key", *key, "only this key");
    delivery_command->callback([=, &status] { status = deliveries(*port, *bucket, *key); });

    auto directory = std::make_shared<std::string>();
    auto* const export_command =
        client_command(app, "export", "the running lab as a SAM template", *port);
    export_command->add_option(
        "--directory", *directory, "write template.yaml and the functions' code here"
    );
    export_command->callback([=, &status] { status = export_lab(*port, *directory); });

    auto handout = std::make_shared<HandoutOptions>();
    auto* const handout_command = app.add_subcommand(
        "handout", "the lab's parts as commands for this machine; or check them"
    );
    handout_command->add_option("--port", handout->port, "port of the emulator")
        ->envname("BENCHTOP_PORT")
        ->capture_default_str();
    handout_command->add_option("--bucket", handout->bucket, "name of the bucket");
    handout_command->add_flag(
        "--endpoint", handout->endpoint, "over AWS_ENDPOINT_URL instead of AWS's own names"
    );
    auto* const check = handout_command->add_subcommand(
        "check", "which step is done, which is missing, and what is wrong with it"
    );
    check->add_option("--port", handout->port, "port of the emulator")->capture_default_str();
    check->add_option("--bucket", handout->bucket, "the bucket meant, when there are several");
    check->callback([=, &status] { status = handout_check(handout->port, handout->bucket); });
    handout_command->callback([=, &status] {
        if (!check->parsed()) {
            std::error_code ec;
            handout->program = std::filesystem::read_symlink("/proc/self/exe", ec).string();
            fmt::print("{}", handout_text(*handout));
            status = 0;
        }
    });

    auto request_id = std::make_shared<std::string>();
    auto* const why = client_command(
        app, "why-denied", "which statement refused a request, or which line is missing", *port
    );
    why->add_option("REQUEST_ID", *request_id, "of the answer; without it the latest are listed");
    why->callback([=, &status] { status = why_denied(*port, *request_id); });
}

void add_check(CLI::App& app, int& status) {
    auto* const command = app.add_subcommand(
        "check", "search for a delivery order or a fault that a worker does not survive"
    );
    auto options = std::make_shared<CheckOptions>();
    command
        ->add_option(
            "HANDLER", options->handler, "a plugin (.so), worker_move, or a wrong worker's name"
        )
        ->capture_default_str();
    auto* const replay = command->add_option("--replay", options->replay, "play a saved schedule");
    command->add_option("--seeds", options->seeds, "how many schedules")
        ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000}))
        ->excludes(replay)
        ->capture_default_str();
    command->add_option("--from", options->first_seed, "the first seed")
        ->excludes(replay)
        ->capture_default_str();
    command->add_option("--save", options->save, "file for the smallest schedule that fails")
        ->excludes(replay);
    command->add_option("--junit", options->junit, "file for a JUnit report");
    command
        ->add_option(
            "--patience", options->patience_s, "seconds after which a handler counts as endless"
        )
        ->check(CLI::Range(1, 3600))
        ->capture_default_str();
    auto list = std::make_shared<bool>(false);
    command->add_flag("--list", *list, "the wrong workers that come with Benchtop");
    command->callback([=, &status] { status = *list ? check_list() : check(*options); });
}

void add_lab_commands(CLI::App& app, int& status) {
    add_check(app, status);
    app.add_subcommand("lab", "run the whole lab in memory and tell what happens")
        ->callback([&status] { status = lab(); });
    auto* const mistakes = app.add_subcommand("mistakes", "the documented mistakes and traps");
    auto which = std::make_shared<std::string>();
    auto* const run_one =
        mistakes->add_subcommand("run", "reproduce one: request, answer, why, fix");
    run_one->add_option("N", *which, "its number or name")->required();
    run_one->callback([=, &status] { status = mistakes_run(*which); });
    mistakes->callback([=, &status] {
        if (!run_one->parsed()) {
            status = mistakes_list();
        }
    });
    app.add_subcommand("operations", "the table of supported operations")->callback([&status] {
        status = operations_table();
    });
}

} // namespace

int run(int argc, char** argv) {
    CLI::App app{"Benchtop: a laboratory-bench AWS for the serverless file pipeline", "benchtop"};
    app.require_subcommand(1);
    int status = 0;
    add_up(app, status);
    const std::vector<std::string> after_dashes = cut_command(argc, argv);
    add_exec(app, after_dashes, status);
    add_client_commands(app, status);
    add_control_commands(app, status);
    add_explain_commands(app, status);
    add_fault_commands(app, status);
    add_record_commands(app, status);
    add_lab_commands(app, status);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& wrong) {
        return app.exit(wrong) == 0 ? 0 : 2;
    }
    return status;
}

int operations_table() {
    fmt::print("| Operation | Request | IAM action |\n| --- | --- | --- |\n");
    for (const auto& operation : s3::operations()) {
        const char* const path = operation.level == s3::Level::Service  ? "/"
                                 : operation.level == s3::Level::Bucket ? "/BUCKET"
                                                                        : "/BUCKET/KEY";
        fmt::print(
            "| {} | `{} {}{}{}` | {} |\n",
            operation.name,
            operation.method,
            path,
            operation.selector.empty() ? "" : "?",
            operation.selector,
            operation.iam_action
        );
    }
    fmt::print("\n| Service | Operations |\n| --- | --- |\n");
    for (const auto& table : pipeline::service_tables()) {
        std::string names;
        std::string_view last; // a selector makes two rows of one operation
        for (const auto& operation : table.operations) {
            if (operation.name != last) {
                names += (names.empty() ? "" : ", ") + std::string(operation.name);
            }
            last = operation.name;
        }
        fmt::print("| {} | {} |\n", table.name, names);
    }
    return 0;
}

} // namespace benchtop::cli
