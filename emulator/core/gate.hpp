// A gate in front of things that will be destroyed: callers pass while it is open; close() lets
// nobody in any more and waits for those inside. For callbacks that may come too late.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <utility>

namespace benchtop {

// Thread-safe. A thread that is inside must not call close().
class Gate {
public:
    // Held while inside; false when the gate was closed.
    class Pass {
    public:
        explicit Pass(Gate* gate)
            : gate_(gate) {}

        ~Pass() {
            if (gate_ != nullptr) {
                gate_->leave();
            }
        }

        Pass(Pass&& other) noexcept
            : gate_(std::exchange(other.gate_, nullptr)) {}

        Pass(const Pass&) = delete;
        Pass& operator=(const Pass&) = delete;
        Pass& operator=(Pass&&) = delete;

        explicit operator bool() const { return gate_ != nullptr; }

    private:
        Gate* gate_;
    };

    [[nodiscard]] Pass enter() {
        const std::lock_guard lock(mutex_);
        if (closed_) {
            return Pass(nullptr);
        }
        ++inside_;
        return Pass(this);
    }

    void close() {
        std::unique_lock lock(mutex_);
        closed_ = true;
        empty_.wait(lock, [this] { return inside_ == 0; });
    }

private:
    void leave() {
        const std::lock_guard lock(mutex_);
        if (--inside_ == 0) {
            empty_.notify_all();
        }
    }

    std::mutex mutex_;
    std::condition_variable empty_;
    std::size_t inside_ = 0;
    bool closed_ = false;
};

} // namespace benchtop
