// A session that can be repeated: what clients asked, at which moment, and what they were answered.
//
// While it records or replays, requests from outside take turns, each after the deliveries that are
// due have been done, and the clock stands at the moment its turn began. So a session depends on
// its seed, its requests and their moments alone, as long as functions run in the process (those in
// processes have clocks of their own). What handlers ask of AWS is not recorded: it follows.
#pragma once

#include "emulator/core/http.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace benchtop::pipeline {

struct RecordedStep {
    UtcInstant at{};
    RequestHead head;
    std::string body;
    // The answer; status 0: none came.
    int status = 0;
    std::vector<Headers::Entry> headers;
    std::string answer;
    std::uint64_t answer_size = 0;

    // Those of stored files are not kept.
    bool has_answer_bytes() const { return !answer.empty() || answer_size == 0; }
};

enum class RecorderMode { Off, Recording, Replaying };

// Thread-safe.
class Recorder {
public:
    static constexpr std::size_t kStepsMax = 10'000;
    static constexpr std::uint64_t kBytesMax = 32U << 20U;

    RecorderMode mode() const;
    std::uint64_t seed() const;
    UtcInstant started_at() const;
    // Forgets what was recorded.
    void begin(RecorderMode mode, std::uint64_t seed, UtcInstant at);
    // In a replay: the moment of the next turn.
    void next_at(UtcInstant at);
    UtcInstant next_at() const;
    // What was recorded; nullopt: it became too long.
    std::optional<std::vector<RecordedStep>> end();

    // Calls `granted` when it is the caller's turn, which leave() ends; before it returns when
    // nobody else's it is.
    void enter(std::move_only_function<void()> granted);
    void leave();
    // Kept only while it records.
    void add(RecordedStep step);

private:
    mutable std::mutex mutex_;
    RecorderMode mode_ = RecorderMode::Off;
    std::uint64_t seed_ = 0;
    UtcInstant started_at_{};
    UtcInstant next_at_{};
    std::vector<RecordedStep> steps_;
    std::uint64_t bytes_ = 0;
    bool busy_ = false;
    std::deque<std::move_only_function<void()>> waiting_;
};

} // namespace benchtop::pipeline
