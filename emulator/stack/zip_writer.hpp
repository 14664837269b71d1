// A zip archive of stored (not compressed) files, byte for byte the same for the same files: the
// code of a function written in a template, or lying in a directory beside it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace benchtop::stack {

class ZipWriter {
public:
    // `name` is relative with '/'. Files are readable by everybody, and executable when asked.
    void add(std::string_view name, std::string_view bytes, bool executable = false);
    // The archive; at most 65,535 files and 4 GB, which is the caller's to keep.
    std::string finish();

private:
    std::string files_;
    std::string directory_;
    std::uint16_t count_ = 0;
};

} // namespace benchtop::stack
