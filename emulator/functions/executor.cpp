#include "emulator/functions/executor.hpp"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace benchtop::functions {

namespace {

// Threads that ended their own worker: they cannot join themselves, the executor does. One that
// lets go of its worker only after the executor is gone has nothing left to do but to return: it
// goes alone.
class Leavers {
public:
    void add(std::thread thread) {
        const std::lock_guard lock(mutex_);
        if (closed_) {
            thread.detach();
        } else {
            threads_.push_back(std::move(thread));
        }
    }

    void join_all() {
        std::vector<std::thread> threads;
        {
            const std::lock_guard lock(mutex_);
            closed_ = true;
            threads.swap(threads_);
        }
        for (std::thread& thread : threads) {
            thread.join();
        }
    }

private:
    std::mutex mutex_;
    bool closed_ = false;
    std::vector<std::thread> threads_;
};

class ThreadWorker final : public Worker {
public:
    explicit ThreadWorker(std::shared_ptr<Leavers> leavers)
        : leavers_(std::move(leavers))
        , state_(std::make_shared<State>())
        , thread_([state = state_] { loop(*state); }) {}

    ~ThreadWorker() override {
        {
            const std::lock_guard lock(state_->mutex);
            state_->ended = true;
        }
        state_->changed.notify_one();
        if (abandoned_) {
            thread_.detach();
        } else if (thread_.get_id() == std::this_thread::get_id()) {
            leavers_->add(std::move(thread_)); // the last owner was the worker's own task
        } else {
            thread_.join();
        }
    }

    void run(Task task) override {
        {
            const std::lock_guard lock(state_->mutex);
            state_->tasks.push_back(std::move(task));
        }
        state_->changed.notify_one();
    }

    void abandon() override { abandoned_ = true; }

private:
    // Shared with the thread, which may outlive the worker.
    struct State {
        std::mutex mutex;
        std::condition_variable changed;
        std::deque<Task> tasks;
        bool ended = false;
    };

    static void loop(State& state) {
        while (true) {
            Task task;
            {
                std::unique_lock lock(state.mutex);
                state.changed.wait(lock, [&] { return state.ended || !state.tasks.empty(); });
                if (state.ended) {
                    return;
                }
                task = std::move(state.tasks.front());
                state.tasks.pop_front();
            }
            task();
        }
    }

    std::shared_ptr<Leavers> leavers_;
    std::shared_ptr<State> state_;
    std::atomic<bool> abandoned_ = false;
    std::thread thread_;
};

class ThreadExecutor final : public Executor {
public:
    ThreadExecutor() = default;
    ThreadExecutor(const ThreadExecutor&) = delete;
    ThreadExecutor& operator=(const ThreadExecutor&) = delete;

    ~ThreadExecutor() override { leavers_->join_all(); }

    std::unique_ptr<Worker> make_worker() override {
        return std::make_unique<ThreadWorker>(leavers_);
    }

    bool blocks_caller() const override { return false; }

private:
    std::shared_ptr<Leavers> leavers_ = std::make_shared<Leavers>();
};

class InlineWorker final : public Worker {
public:
    void run(Task task) override { task(); }

    void abandon() override {}
};

class InlineExecutor final : public Executor {
public:
    std::unique_ptr<Worker> make_worker() override { return std::make_unique<InlineWorker>(); }

    bool blocks_caller() const override { return true; }
};

} // namespace

std::unique_ptr<Executor> make_thread_executor() {
    return std::make_unique<ThreadExecutor>();
}

std::unique_ptr<Executor> make_inline_executor() {
    return std::make_unique<InlineExecutor>();
}

} // namespace benchtop::functions
