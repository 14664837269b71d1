// Deadlines in real time: one thread that sleeps until the earliest of them.
#pragma once

#include "emulator/functions/deadlines.hpp"

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

namespace benchtop::platform {

class DeadlineThread final : public functions::Deadlines {
public:
    DeadlineThread();
    // Forgets what is left; waits for a callback that runs.
    ~DeadlineThread() override;
    DeadlineThread(const DeadlineThread&) = delete;
    DeadlineThread& operator=(const DeadlineThread&) = delete;

    Ticket after(microseconds delay, std::move_only_function<void()> callback) override;
    void cancel(Ticket ticket) override;

private:
    using Instant = std::chrono::steady_clock::time_point;
    using Key = std::pair<Instant, Ticket>; // equal instants in the order of after()

    void loop();

    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<Key, std::move_only_function<void()>> callbacks_;
    std::map<Ticket, Instant> instants_;
    Ticket last_ticket_ = 0;
    bool ended_ = false;
    std::thread thread_;
};

} // namespace benchtop::platform
