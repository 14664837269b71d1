// The log lines of functions, newest kept: what `benchtop logs NAME --follow` shows. A bounded ring
// per function; START/END/REPORT lines and the handler's own prints, in the order written.
#pragma once

#include "emulator/core/time.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace benchtop::functions {

struct LogLine {
    std::uint64_t number = 0; // ascending over all functions, from 1
    UtcInstant at{};
    std::string text; // without trailing newline; tabs kept
};

// Thread-safe.
class FunctionLogs {
public:
    static constexpr std::size_t kLinesMax = 10'000; // per function
    static constexpr std::size_t kLineBytesMax = 64 * 1024;

    // `text` may hold several lines.
    void append(std::string_view function_name, UtcInstant at, std::string_view text);
    // Lines with a number greater than `after`, oldest first, at most `limit`.
    std::vector<LogLine>
    read(std::string_view function_name, std::uint64_t after, std::size_t limit) const;

private:
    mutable std::mutex mutex_;
    std::uint64_t next_number_ = 1;
    std::map<std::string, std::deque<LogLine>, std::less<>> lines_;
};

} // namespace benchtop::functions
