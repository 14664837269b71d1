#include "emulator/platform/deadline_thread.hpp"

#include <algorithm>

namespace benchtop::platform {

DeadlineThread::DeadlineThread()
    : thread_([this] { loop(); }) {}

DeadlineThread::~DeadlineThread() {
    {
        const std::lock_guard lock(mutex_);
        ended_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

functions::Deadlines::Ticket
DeadlineThread::after(microseconds delay, std::move_only_function<void()> callback) {
    const Instant at = std::chrono::steady_clock::now() + std::max(delay, microseconds::zero());
    bool is_first = false;
    Ticket ticket = 0;
    {
        const std::lock_guard lock(mutex_);
        ticket = ++last_ticket_;
        const auto placed = callbacks_.emplace(Key{at, ticket}, std::move(callback)).first;
        instants_.emplace(ticket, at);
        is_first = placed == callbacks_.begin();
    }
    if (is_first) {
        changed_.notify_one();
    }
    return ticket;
}

void DeadlineThread::cancel(Ticket ticket) {
    std::move_only_function<void()> forgotten; // destroyed outside the lock
    const std::lock_guard lock(mutex_);
    const auto found = instants_.find(ticket);
    if (found == instants_.end()) {
        return;
    }
    const auto entry = callbacks_.find({found->second, ticket});
    forgotten = std::move(entry->second);
    callbacks_.erase(entry);
    instants_.erase(found);
}

void DeadlineThread::loop() {
    std::unique_lock lock(mutex_);
    while (!ended_) {
        if (callbacks_.empty()) {
            changed_.wait(lock);
            continue;
        }
        const auto first = callbacks_.begin();
        const Instant at = first->first.first;
        if (std::chrono::steady_clock::now() < at) {
            changed_.wait_until(lock, at);
            continue;
        }
        auto callback = std::move(first->second);
        instants_.erase(first->first.second);
        callbacks_.erase(first);
        lock.unlock();
        callback();
        callback = nullptr;
        lock.lock();
    }
}

} // namespace benchtop::platform
