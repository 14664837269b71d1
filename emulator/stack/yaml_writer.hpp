// A tree as YAML, with CloudFormation's short forms: two spaces a level, one value a line.
#pragma once

#include "emulator/stack/node.hpp"

#include <string>

namespace benchtop::stack {

// Read again, the text gives the same tree (lines apart).
std::string to_yaml(const Node& node);

} // namespace benchtop::stack
