// The command line: `benchtop COMMAND`. Each command is a function giving the exit status.
#pragma once

#include "emulator/cli/application.hpp"
#include "emulator/cli/stack_file.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace benchtop::cli {

// Exit statuses: 0 done, 1 refused or failed with one sentence on stderr, 2 wrong usage; exec has
// those of its command.
int run(int argc, char** argv);

struct UpOptions {
    ApplicationOptions application;
    std::string port_file; // gets "PORT\n" and "API_PORT\n"; "" for none
    StackFile stack;       // deployed instead of the lab; path "" for none
};

int up(const UpOptions& options);

// `benchtop exec`: a command with an emulator of its own.
struct ExecOptions {
    std::vector<std::string> command; // program and arguments
    StackFile stack;                  // as for up
    std::string data;                 // "": no state is kept
    std::string python;
    std::string node;
    bool empty = false;
    bool endpoint = false; // else AWS's own names
    bool verbose = false;
};

// The command's exit status as a shell gives it; 125 when there is no emulator to run it with.
int exec(const ExecOptions& options);

struct LogsOptions {
    std::uint16_t port = 4566;
    std::string function;
    bool follow = false;
};

enum class Environment { RealNames, Endpoint, Unset };

int show_environment(std::uint16_t port, Environment which);
int clock_show(std::uint16_t port);
int clock_advance(std::uint16_t port, const std::string& amount);
int logs(const LogsOptions& options);
int deliveries(std::uint16_t port, const std::string& bucket, const std::string& key);
// `directory` "": the template goes to standard output, without code.
int export_lab(std::uint16_t port, const std::string& directory);
// `request_id` "": the latest refusals, one line each.
// Exit status 0: everything of the handout is set up.
int handout_check(std::uint16_t port, const std::string& bucket);
int why_denied(std::uint16_t port, const std::string& request_id);

struct CheckOptions {
    // A plugin's file (.so), the lab's worker_move, or a wrong worker by its name.
    std::string handler = "worker_move";
    std::uint64_t first_seed = 1;
    std::uint64_t seeds = 1000;
    std::string save;    // file for the smallest schedule that breaks something; "" for none
    std::string replay;  // file to be played instead of searching; "" for none
    std::string junit;   // file for a report; "" for none
    int patience_s = 30; // real seconds a single run may take
};

// Exit status: 0 nothing was broken, 1 an invariant was, 2 the plugin or a file cannot be used.
int check(const CheckOptions& options);
int check_list();
int lab();
int mistakes_list();
int mistakes_run(const std::string& which);
int operations_table();

} // namespace benchtop::cli
