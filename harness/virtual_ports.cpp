#include "harness/virtual_ports.hpp"

namespace benchtop::harness {
functions::Deadlines::Ticket
VirtualDeadlines::after(microseconds delay, std::move_only_function<void()> callback) {
    const Ticket ticket = ++last_ticket_;
    entries_.emplace(clock_.monotonic() + delay, Entry{ticket, std::move(callback)});
    return ticket;
}

void VirtualDeadlines::cancel(Ticket ticket) {
    for (auto it = entries_.begin(); it != entries_.end(); ++it) {
        if (it->second.ticket == ticket) {
            entries_.erase(it);
            return;
        }
    }
}

bool VirtualDeadlines::run_one_due() {
    if (entries_.empty() || entries_.begin()->first > clock_.monotonic()) {
        return false;
    }
    auto callback = std::move(entries_.begin()->second.callback);
    entries_.erase(entries_.begin());
    callback();
    return true;
}

bool VirtualDeadlines::run_due() {
    bool ran = false;
    while (run_one_due()) {
        ran = true;
    }
    return ran;
}

std::optional<microseconds> VirtualDeadlines::next() const {
    if (entries_.empty()) {
        return std::nullopt;
    }
    const auto left = entries_.begin()->first - clock_.monotonic();
    return std::max(microseconds{0}, std::chrono::ceil<microseconds>(left));
}

void VirtualWakeUp::after(microseconds delay) {
    deadlines_.cancel(ticket_);
    ticket_ = deadlines_.after(delay, [this] {
        if (dispatcher_ != nullptr) {
            dispatcher_->run_due();
        }
    });
}

std::string RecordingLog::last_hint() const {
    for (auto it = lines_.rbegin(); it != lines_.rend(); ++it) {
        if (it->first == LogLevel::Hint) {
            return it->second;
        }
    }
    return {};
}

} // namespace benchtop::harness
