// A template on the disk, with the code that lies beside it.
#pragma once

#include "emulator/core/result.hpp"
#include "emulator/stack/stack.hpp"

#include <string>
#include <vector>

namespace benchtop::cli {

struct StackFile {
    std::string path;
    std::string name = "lab";            // of the stack
    std::vector<std::string> parameters; // "NAME=VALUE"
};

// The error is a sentence for the user, with the file and the line.
Result<stack::Stack> read_stack_file(const StackFile& file);

} // namespace benchtop::cli
