// The Log port: one line per call, for the person who runs the emulator.
#pragma once

#include <string_view>

namespace benchtop {

enum class LogLevel { Debug, Info, Hint, Warning, Error };

class Log {
public:
    virtual ~Log() = default;
    // False when lines of that level go nowhere: spares making them.
    virtual bool enabled(LogLevel level) const = 0;
    // `line` has no trailing newline. Thread-safe.
    virtual void write(LogLevel level, std::string_view line) = 0;
};

} // namespace benchtop
