#include "emulator/functions/function_logs.hpp"

#include <algorithm>

namespace benchtop::functions {

void FunctionLogs::append(std::string_view function_name, UtcInstant at, std::string_view text) {
    if (text.ends_with('\n')) {
        text.remove_suffix(1);
    }
    const std::lock_guard lock(mutex_);
    auto found = lines_.find(function_name);
    if (found == lines_.end()) {
        found = lines_.emplace(std::string(function_name), std::deque<LogLine>{}).first;
    }
    auto& ring = found->second;
    while (true) {
        const std::size_t end = text.find('\n');
        ring.push_back(
            {next_number_++, at, std::string(text.substr(0, std::min(end, kLineBytesMax)))}
        );
        if (ring.size() > kLinesMax) {
            ring.pop_front();
        }
        if (end == std::string_view::npos) {
            return;
        }
        text.remove_prefix(end + 1);
    }
}

std::vector<LogLine>
FunctionLogs::read(std::string_view function_name, std::uint64_t after, std::size_t limit) const {
    const std::lock_guard lock(mutex_);
    const auto found = lines_.find(function_name);
    if (found == lines_.end()) {
        return {};
    }
    const auto& ring = found->second;
    const auto first = std::upper_bound(
        ring.begin(),
        ring.end(),
        after,
        [](std::uint64_t number, const LogLine& line) { return number < line.number; }
    );
    const auto count = std::min(limit, static_cast<std::size_t>(ring.end() - first));
    return {first, first + static_cast<std::ptrdiff_t>(count)};
}

} // namespace benchtop::functions
