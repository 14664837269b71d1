// The log lines of functions, newest kept: what `benchtop logs NAME --follow` shows. A bounded ring
// per function; START/END/REPORT lines and the handler's own prints, in the order written. A sink
// hears of every line too: CloudWatch, when the function's role may write there.
#pragma once

#include "emulator/core/time.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace benchtop::functions {

struct LogLine {
    std::uint64_t number = 0; // ascending over all functions, from 1
    UtcInstant at{};
    std::string text; // without trailing newline; tabs kept
};

// Where lines come from: one execution environment of a function.
struct LogSource {
    std::string function_name;
    std::string function_arn; // unqualified
    std::string role_arn;
    std::string stream; // of the environment, "2026/02/21/[$LATEST]..."
};

// Thread-safe; must neither block nor throw: a handler waits for it.
class LogSink {
public:
    virtual ~LogSink() = default;
    // `text` may hold several lines; a '\r' within one separates the lines of one record, as the
    // runtimes send them.
    virtual void lines(const LogSource& source, UtcInstant at, std::string_view text) = 0;
};

// Thread-safe.
class FunctionLogs {
public:
    static constexpr std::size_t kLinesMax = 10'000; // per function
    static constexpr std::size_t kLineBytesMax = 64 * 1024;

    // Set before the first line; outlives the last one.
    void set_sink(LogSink* sink) { sink_ = sink; }

    // `text` may hold several lines.
    void append(const LogSource& source, UtcInstant at, std::string_view text);
    // Forgets every line; numbers go on.
    void clear();
    // Lines with a number greater than `after`, oldest first, at most `limit`.
    std::vector<LogLine>
    read(std::string_view function_name, std::uint64_t after, std::size_t limit) const;
    // Of the function's newest line; nullopt when it has none.
    std::optional<LogSource> newest_source(std::string_view function_name) const;

private:
    struct Ring {
        LogSource source; // of the newest line
        std::deque<LogLine> lines;
    };

    LogSink* sink_ = nullptr;
    mutable std::mutex mutex_;
    std::uint64_t next_number_ = 1;
    std::map<std::string, Ring, std::less<>> rings_; // by function name
};

} // namespace benchtop::functions
