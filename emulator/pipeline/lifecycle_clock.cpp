#include "emulator/pipeline/lifecycle_clock.hpp"

#include "emulator/core/gate.hpp"
#include "emulator/logs/model.hpp"

#include <algorithm>
#include <mutex>

namespace benchtop::pipeline {
namespace {

// An advance brings the midnight nearer, and machines sleep: look again now and then.
constexpr std::chrono::minutes kLookAgain{10};
constexpr microseconds kInstant{1};

} // namespace

ClockAdvance::ClockAdvance(Services& services, microseconds amount)
    : services_(services)
    , remaining_(amount) {}

bool ClockAdvance::step(store::WriteTx& tx) {
    if (!run_) {
        last_stamp_ = services_.clock.now();
        run_.emplace(services_.random, last_stamp_);
    }
    if (run_->step(tx)) {
        return true;
    }
    if (remaining_ <= microseconds::zero()) {
        logs::remove_expired(tx, last_stamp_);
        return false;
    }
    advance(tx, run_->next_due());
    return true;
}

// Whatever a run made before is aged by the advance (its stamp is not later), and what the next run
// makes is not.
void ClockAdvance::advance(store::WriteTx& tx, std::optional<UtcInstant> next_due) {
    const UtcInstant at = std::max(services_.clock.now(), last_stamp_);
    microseconds amount = remaining_;
    if (next_due) {
        const microseconds until = *next_due - tx.time_axis().to_virtual(at);
        amount = std::clamp(until, kInstant, remaining_);
    }
    tx.add_advance({at, amount});
    remaining_ -= amount;
    last_stamp_ = at + kInstant;
    run_.emplace(services_.random, last_stamp_);
}

struct LifecycleClock::Impl : std::enable_shared_from_this<Impl> {
    Impl(Services& services_in, functions::Deadlines& deadlines_in)
        : services(services_in)
        , deadlines(deadlines_in) {}

    void look();
    void begin_run();
    void work(std::shared_ptr<s3::LifecycleRun> run);
    void after(microseconds delay, std::move_only_function<void(Impl&)> then);
    void stop();

    Services& services;
    functions::Deadlines& deadlines;
    Gate gate;
    std::mutex mutex;
    functions::Deadlines::Ticket ticket = 0;
    UtcInstant next_midnight{}; // lab time; one thread at a time: one look or run is under way
};

void LifecycleClock::Impl::after(microseconds delay, std::move_only_function<void(Impl&)> then) {
    auto callback = [weak = weak_from_this(), then = std::move(then)]() mutable {
        const auto self = weak.lock();
        if (!self) {
            return;
        }
        if (const auto pass = self->gate.enter()) {
            then(*self);
        }
    };
    const std::lock_guard lock(mutex);
    ticket = deadlines.after(delay, std::move(callback));
}

void LifecycleClock::Impl::look() {
    TimeAxis axis;
    if (!services.store.try_read([&](const store::ReadTx& tx) { axis = tx.time_axis(); })) {
        after(kLookAgain, [](Impl& self) { self.look(); });
        return;
    }
    const UtcInstant lab_now = axis.to_virtual(services.clock.now());
    if (lab_now >= next_midnight) {
        begin_run();
        return;
    }
    after(std::min<microseconds>(next_midnight - lab_now, kLookAgain), [](Impl& self) {
        self.look();
    });
}

void LifecycleClock::Impl::begin_run() {
    const UtcInstant now = services.clock.now();
    TimeAxis axis;
    if (!services.store.try_read([&](const store::ReadTx& tx) { axis = tx.time_axis(); })) {
        after(kLookAgain, [](Impl& self) { self.begin_run(); });
        return;
    }
    next_midnight = s3::lifecycle_midnight(axis.to_virtual(now) + kInstant, 0);
    work(std::make_shared<s3::LifecycleRun>(services.random, now));
}

void LifecycleClock::Impl::work(std::shared_ptr<s3::LifecycleRun> run) {
    auto more = std::make_shared<bool>(false);
    store::WriteJob job;
    job.run = [run, more, now = services.clock.now()](store::WriteTx& tx) {
        *more = run->step(tx);
        if (!*more) {
            logs::remove_expired(tx, now);
        }
        return true;
    };
    job.done = [weak = weak_from_this(), run, more](store::CommitStatus status) {
        const auto self = weak.lock();
        if (!self) {
            return;
        }
        const auto pass = self->gate.enter();
        if (!pass) {
            return;
        }
        if (status == store::CommitStatus::Failed) { // nothing of the step was done
            self->after(kLookAgain, [](Impl& impl) { impl.begin_run(); });
        } else if (*more) {
            self->after(microseconds::zero(), [run](Impl& impl) { impl.work(run); });
        } else {
            self->after(microseconds::zero(), [](Impl& impl) { impl.look(); });
        }
    };
    services.store.write(std::move(job));
}

void LifecycleClock::Impl::stop() {
    gate.close();
    const std::lock_guard lock(mutex);
    deadlines.cancel(ticket);
}

LifecycleClock::LifecycleClock(Services& services, functions::Deadlines& deadlines)
    : impl_(std::make_shared<Impl>(services, deadlines)) {}

LifecycleClock::~LifecycleClock() {
    stop();
}

void LifecycleClock::start() {
    impl_->look();
}

void LifecycleClock::stop() {
    impl_->stop();
}

} // namespace benchtop::pipeline
