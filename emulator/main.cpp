// Where the process begins: parses the command line and hands over to a command (cli/).
#include "emulator/cli/commands.hpp"

#include <exception>
#include <iostream>

int main(int argc, char** argv) {
    try {
        return benchtop::cli::run(argc, argv);
    } catch (const std::exception& bug) {
        std::cerr << "benchtop: " << bug.what() << '\n';
        return 70;
    }
}
