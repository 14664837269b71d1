#include "emulator/platform/stream_log.hpp"

namespace benchtop::platform {
namespace {

const char* label(LogLevel level) {
    switch (level) {
    case LogLevel::Debug:
        return "debug";
    case LogLevel::Info:
        return "info ";
    case LogLevel::Hint:
        return "hint ";
    case LogLevel::Warning:
        return "warn ";
    case LogLevel::Error:
        return "error";
    }
    return "";
}

// What clients send must not reach the terminal as control sequences.
std::string printable(std::string_view line) {
    std::string out(line);
    for (char& c : out) {
        if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F) {
            c = '?';
        }
    }
    return out;
}

} // namespace

void StreamLog::write(LogLevel level, std::string_view line) {
    if (!enabled(level)) {
        return;
    }
    const std::string stamp = to_iso8601_s(clock_.now());
    const std::string text = printable(line);
    const std::lock_guard lock(mutex_);
    std::fprintf(stream_, "%s %s %s\n", stamp.substr(11, 8).c_str(), label(level), text.c_str());
    std::fflush(stream_);
}

} // namespace benchtop::platform
