// The Log port on a stdio stream: "12:00:01 hint  ..." lines, whole and flushed.
#pragma once

#include "emulator/ports/clock.hpp"
#include "emulator/ports/log.hpp"

#include <cstdio>
#include <mutex>

namespace benchtop::platform {

class StreamLog final : public Log {
public:
    // Lines below `lowest` are dropped. The stream is not owned.
    StreamLog(std::FILE* stream, const Clock& clock, LogLevel lowest)
        : stream_(stream)
        , clock_(clock)
        , lowest_(lowest) {}

    bool enabled(LogLevel level) const override { return level >= lowest_; }

    void write(LogLevel level, std::string_view line) override;

private:
    std::FILE* stream_;
    const Clock& clock_;
    LogLevel lowest_;
    std::mutex mutex_;
};

} // namespace benchtop::platform
