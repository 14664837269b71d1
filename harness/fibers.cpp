#include "harness/fibers.hpp"

#include "emulator/core/assert.hpp"

#include <array>
#include <cstring>
#include <cxxabi.h>
#include <deque>
#include <exception>
#include <sys/mman.h>
#include <ucontext.h>
#include <utility>
#include <vector>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif

namespace benchtop::harness {
namespace {

// Address space, not memory: only what is touched is there.
constexpr std::size_t kStackBytes = std::size_t{8} << 20; // as a thread of Lambda's has
constexpr std::size_t kGuardBytes = 4096;
constexpr std::size_t kStacksKept = 32;

// A stack whose overrun ends the program instead of destroying memory.
class Stack {
public:
    Stack()
        : base_(static_cast<char*>(::mmap(
              nullptr,
              kStackBytes + kGuardBytes,
              PROT_READ | PROT_WRITE,
              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
              -1,
              0
          ))) {
        BT_ASSERT(base_ != MAP_FAILED);
        BT_ASSERT(::mprotect(base_, kGuardBytes, PROT_NONE) == 0);
    }

    ~Stack() {
        if (base_ != nullptr) {
            ::munmap(base_, kStackBytes + kGuardBytes);
        }
    }

    Stack(Stack&& other) noexcept
        : base_(std::exchange(other.base_, nullptr)) {}

    Stack& operator=(Stack&& other) noexcept {
        std::swap(base_, other.base_);
        return *this;
    }

    Stack(const Stack&) = delete;
    Stack& operator=(const Stack&) = delete;

    char* bottom() const { return base_ + kGuardBytes; }

private:
    char* base_;
};

// Mapping one takes longer than a small handler does.
thread_local std::vector<Stack> spare_stacks;

Stack take_stack() {
    if (spare_stacks.empty()) {
        return {};
    }
    Stack stack = std::move(spare_stacks.back());
    spare_stacks.pop_back();
    return stack;
}

void give_back(Stack stack) {
    if (spare_stacks.size() < kStacksKept) {
        spare_stacks.push_back(std::move(stack));
    }
}

} // namespace

namespace {

// The exceptions being handled are the thread's (Itanium C++ ABI, 2.2.2: __cxa_eh_globals, a
// pointer and a count); each fiber has to find its own again.
class Exceptions {
public:
    void swap_with_threads() {
        std::array<char, kBytes> threads{};
        void* const globals = abi::__cxa_get_globals();
        std::memcpy(threads.data(), globals, kBytes);
        std::memcpy(globals, mine_.data(), kBytes);
        mine_ = threads;
    }

private:
    static constexpr std::size_t kBytes = 2 * sizeof(void*);
    std::array<char, kBytes> mine_{};
};

} // namespace

class Fibers::Fiber {
public:
    explicit Fiber(std::move_only_function<void()> body)
        : body_(std::move(body))
        , stack_(take_stack()) {
        BT_ASSERT(::getcontext(&own_) == 0);
        own_.uc_stack.ss_sp = stack_.bottom();
        own_.uc_stack.ss_size = kStackBytes;
        own_.uc_link = nullptr;
        const auto self = reinterpret_cast<std::uintptr_t>(this);
        ::makecontext(
            &own_,
            reinterpret_cast<void (*)()>(&Fiber::enter),
            2,
            static_cast<unsigned>(self >> 32),
            static_cast<unsigned>(self & 0xFFFFFFFFu)
        );
    }

    ~Fiber() { give_back(std::move(stack_)); }

    Fiber(const Fiber&) = delete;
    Fiber& operator=(const Fiber&) = delete;

    // From outside: runs it until it waits or ends.
    void switch_in() {
        exceptions_.swap_with_threads();
#if defined(__SANITIZE_ADDRESS__)
        void* fake = nullptr;
        __sanitizer_start_switch_fiber(&fake, stack_.bottom(), kStackBytes);
        ::swapcontext(&outside_, &own_);
        __sanitizer_finish_switch_fiber(fake, nullptr, nullptr);
#else
        ::swapcontext(&outside_, &own_);
#endif
        exceptions_.swap_with_threads();
    }

    // From within.
    void switch_out() {
#if defined(__SANITIZE_ADDRESS__)
        __sanitizer_start_switch_fiber(ended ? nullptr : &fake_, outside_bottom_, outside_size_);
        ::swapcontext(&own_, &outside_);
        __sanitizer_finish_switch_fiber(fake_, &outside_bottom_, &outside_size_);
#else
        ::swapcontext(&own_, &outside_);
#endif
    }

    bool ended = false;
    bool abandoned = false;
    functions::Deadlines::Ticket ticket = 0;      // of its pause
    const std::function<bool()>* ready = nullptr; // what it waits for

private:
    static void enter(unsigned high, unsigned low) {
        const auto self = (static_cast<std::uintptr_t>(high) << 32) | low;
        reinterpret_cast<Fiber*>(self)->run();
    }

    void run() {
#if defined(__SANITIZE_ADDRESS__)
        __sanitizer_finish_switch_fiber(nullptr, &outside_bottom_, &outside_size_);
#endif
        body_();
        body_ = nullptr;
        ended = true;
        switch_out();
    }

    std::move_only_function<void()> body_;
    Stack stack_;
    Exceptions exceptions_;
    ucontext_t own_{};
    ucontext_t outside_{};
#if defined(__SANITIZE_ADDRESS__)
    void* fake_ = nullptr;
    const void* outside_bottom_ = nullptr;
    std::size_t outside_size_ = 0;
#endif
};

Fibers::Fibers(VirtualDeadlines& deadlines)
    : deadlines_(deadlines) {}

Fibers::~Fibers() {
    BT_ASSERT(alive_.empty());
}

Fibers::Handle Fibers::start(std::move_only_function<void()> body) {
    auto fiber = std::make_shared<Fiber>(std::move(body));
    alive_.push_back(fiber);
    fiber->ticket = deadlines_.after(microseconds::zero(), [this, fiber] { resume(fiber); });
    return fiber;
}

void Fibers::resume(const Handle& fiber) {
    BT_ASSERT(running_ == nullptr && !fiber->ended);
    fiber->ticket = 0;
    running_ = fiber.get();
    fiber->switch_in();
    running_ = nullptr;
    if (fiber->ended) {
        alive_.remove(fiber);
    }
}

void Fibers::yield() {
    running_->switch_out();
}

bool Fibers::abandoned() const {
    return running_ != nullptr && running_->abandoned;
}

void Fibers::abandon(const Handle& fiber) {
    if (fiber->ended || std::exchange(fiber->abandoned, true) || running_ == fiber.get()) {
        return;
    }
    if (fiber->ticket != 0) { // it pauses, or has not begun
        deadlines_.cancel(fiber->ticket);
        fiber->ticket = deadlines_.after(microseconds::zero(), [this, fiber] { resume(fiber); });
    }
}

void Fibers::pause(microseconds amount) {
    BT_ASSERT(running_ != nullptr);
    if (running_->abandoned) {
        return;
    }
    Handle self;
    for (const Handle& fiber : alive_) {
        if (fiber.get() == running_) {
            self = fiber;
        }
    }
    self->ticket = deadlines_.after(amount, [this, self] { resume(self); });
    yield();
}

void Fibers::wait_until(const std::function<bool()>& ready) {
    BT_ASSERT(running_ != nullptr);
    while (!ready()) {
        running_->ready = &ready;
        yield();
    }
}

bool Fibers::run_ready() {
    bool ran = false;
    for (auto it = alive_.begin(); it != alive_.end();) {
        const Handle fiber = *it++;
        if (fiber->ready != nullptr && (*fiber->ready)()) {
            fiber->ready = nullptr;
            resume(fiber);
            ran = true;
            it = alive_.begin();
        }
    }
    return ran;
}

void Fibers::finish() {
    BT_ASSERT(running_ == nullptr);
    // Those that wait for others end when the others have.
    for (bool ran = true; ran && !alive_.empty();) {
        ran = run_ready();
        for (const Handle& fiber : std::vector<Handle>(alive_.begin(), alive_.end())) {
            fiber->abandoned = true;
            if (fiber->ticket != 0) {
                deadlines_.cancel(fiber->ticket);
                resume(fiber);
                ran = true;
            }
        }
    }
}

namespace {

class FiberWorker final : public functions::Worker {
public:
    explicit FiberWorker(Fibers& fibers)
        : fibers_(fibers)
        , state_(std::make_shared<State>()) {}

    void run(functions::Task task) override {
        state_->tasks.push_back(std::move(task));
        if (!state_->busy) {
            state_->busy = true;
            state_->fiber = fibers_.start([state = state_] {
                while (!state->tasks.empty()) {
                    functions::Task next = std::move(state->tasks.front());
                    state->tasks.pop_front();
                    next();
                }
                state->busy = false;
            });
        }
    }

    void abandon() override {
        if (state_->busy) {
            fibers_.abandon(state_->fiber);
        }
    }

private:
    // Shared with the fiber, which may outlive the worker.
    struct State {
        std::deque<functions::Task> tasks;
        bool busy = false;
        Fibers::Handle fiber;
    };

    Fibers& fibers_;
    std::shared_ptr<State> state_;
};

class FiberExecutor final : public functions::Executor {
public:
    explicit FiberExecutor(Fibers& fibers)
        : fibers_(fibers) {}

    std::unique_ptr<functions::Worker> make_worker() override {
        return std::make_unique<FiberWorker>(fibers_);
    }

    bool blocks_caller() const override { return false; }

private:
    Fibers& fibers_;
};

} // namespace

std::unique_ptr<functions::Executor> make_fiber_executor(Fibers& fibers) {
    return std::make_unique<FiberExecutor>(fibers);
}

} // namespace benchtop::harness
