#include "emulator/functions/function_logs.hpp"

#include <algorithm>

namespace benchtop::functions {

void FunctionLogs::append(const LogSource& source, UtcInstant at, std::string_view text) {
    if (sink_ != nullptr) {
        sink_->lines(source, at, text);
    }
    if (text.ends_with('\n')) {
        text.remove_suffix(1);
    }
    const std::lock_guard lock(mutex_);
    Ring& ring = rings_[source.function_name];
    if (ring.source.stream != source.stream || ring.source.role_arn != source.role_arn) {
        ring.source = source;
    }
    while (true) {
        const std::size_t end = text.find_first_of("\n\r");
        ring.lines.push_back(
            {next_number_++, at, std::string(text.substr(0, std::min(end, kLineBytesMax)))}
        );
        if (ring.lines.size() > kLinesMax) {
            ring.lines.pop_front();
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
    const auto found = rings_.find(function_name);
    if (found == rings_.end()) {
        return {};
    }
    const auto& lines = found->second.lines;
    const auto first = std::upper_bound(
        lines.begin(),
        lines.end(),
        after,
        [](std::uint64_t number, const LogLine& line) { return number < line.number; }
    );
    const auto count = std::min(limit, static_cast<std::size_t>(lines.end() - first));
    return {first, first + static_cast<std::ptrdiff_t>(count)};
}

std::optional<LogSource> FunctionLogs::newest_source(std::string_view function_name) const {
    const std::lock_guard lock(mutex_);
    const auto found = rings_.find(function_name);
    return found == rings_.end() ? std::nullopt : std::optional(found->second.source);
}

void FunctionLogs::clear() {
    const std::lock_guard lock(mutex_);
    rings_.clear();
}

} // namespace benchtop::functions
