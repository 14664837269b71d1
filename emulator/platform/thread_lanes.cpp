#include "emulator/platform/thread_lanes.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace benchtop::platform {
namespace {

constexpr std::size_t kTasksMax = 4;

class ThreadLane final : public Lane {
public:
    explicit ThreadLane(std::atomic<int>& free)
        : free_(free)
        , thread_([this] { work(); }) {}

    ~ThreadLane() override {
        {
            const std::lock_guard lock(mutex_);
            closing_ = true;
        }
        changed_.notify_all();
        thread_.join();
        ++free_;
    }

    void run(std::move_only_function<void()> task) override {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return tasks_.size() < kTasksMax; });
        tasks_.push_back(std::move(task));
        changed_.notify_all();
    }

    void wait() override {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return tasks_.empty() && !busy_; });
    }

private:
    void work() {
        std::unique_lock lock(mutex_);
        for (;;) {
            changed_.wait(lock, [this] { return closing_ || !tasks_.empty(); });
            if (tasks_.empty()) {
                return;
            }
            auto task = std::move(tasks_.front());
            tasks_.pop_front();
            busy_ = true;
            lock.unlock();
            changed_.notify_all();
            task();
            lock.lock();
            busy_ = false;
            changed_.notify_all();
        }
    }

    std::atomic<int>& free_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::move_only_function<void()>> tasks_;
    bool closing_ = false;
    bool busy_ = false;
    std::thread thread_;
};

} // namespace

std::unique_ptr<Lane> ThreadLanes::open() {
    if (free_.fetch_sub(1) <= 0) {
        ++free_;
        return nullptr;
    }
    return std::make_unique<ThreadLane>(free_);
}

} // namespace benchtop::platform
