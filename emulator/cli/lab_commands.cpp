#include "emulator/cli/commands.hpp"
