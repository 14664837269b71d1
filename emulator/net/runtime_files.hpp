// The programs that run handlers of managed runtimes, part of this binary (net/runtimes/).
#pragma once

#include <span>
#include <string_view>

namespace benchtop::net {

struct RuntimeFile {
    std::string_view name; // "bootstrap.py"
    std::string_view text;
};

std::span<const RuntimeFile> runtime_files();

} // namespace benchtop::net
