// The ports of a lab in memory: time that moves when told, randomness from a seed. One thread.
#pragma once

#include "emulator/core/seeded_random.hpp"
#include "emulator/delivery/dispatcher.hpp"
#include "emulator/functions/deadlines.hpp"
#include "emulator/ports/clock.hpp"
#include "emulator/ports/log.hpp"
#include "emulator/ports/random.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace benchtop::harness {

class VirtualClock final : public Clock {
public:
    explicit VirtualClock(UtcInstant start)
        : start_(start) {}

    UtcInstant now() const override { return start_ + passed_; }

    MonotonicInstant monotonic() const override { return {passed_}; }

    void pass(microseconds amount) { passed_ += amount; }

private:
    UtcInstant start_;
    microseconds passed_{};
};

using benchtop::SeededRandom;

// Callbacks by deadline, ties in the order given; run_until() is the only thing that runs them.
class VirtualDeadlines final : public functions::Deadlines {
public:
    explicit VirtualDeadlines(const VirtualClock& clock)
        : clock_(clock) {}

    Ticket after(microseconds delay, std::move_only_function<void()> callback) override;
    void cancel(Ticket ticket) override;
    // Runs what is due now; true when anything ran.
    bool run_due();
    // Runs the first of what is due now; true when there was one.
    bool run_one_due();

    // Forgets all.
    void clear() { entries_.clear(); }

    // Time until the next one; nullopt when none waits.
    std::optional<microseconds> next() const;

private:
    struct Entry {
        Ticket ticket;
        std::move_only_function<void()> callback;
    };

    const VirtualClock& clock_;
    std::multimap<MonotonicInstant, Entry> entries_;
    Ticket last_ticket_ = 0;
};

// The dispatcher's timer on the same virtual axis.
class VirtualWakeUp final : public delivery::WakeUp {
public:
    explicit VirtualWakeUp(VirtualDeadlines& deadlines)
        : deadlines_(deadlines) {}

    void after(microseconds delay) override;

    void wakes(delivery::Dispatcher* dispatcher) { dispatcher_ = dispatcher; }

private:
    VirtualDeadlines& deadlines_;
    functions::Deadlines::Ticket ticket_ = 0;
    delivery::Dispatcher* dispatcher_ = nullptr;
};

// Keeps every line for assertions.
class RecordingLog final : public Log {
public:
    bool enabled(LogLevel) const override { return true; }

    void write(LogLevel level, std::string_view line) override {
        lines_.emplace_back(level, std::string(line));
    }

    const std::vector<std::pair<LogLevel, std::string>>& lines() const { return lines_; }

    // The newest hint, or "".
    std::string last_hint() const;

private:
    std::vector<std::pair<LogLevel, std::string>> lines_;
};

} // namespace benchtop::harness
