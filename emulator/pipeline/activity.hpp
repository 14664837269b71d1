// What went on lately, newest kept, in memory only: requests and invocations, for
// /_benchtop/requests and /_benchtop/invocations.
#pragma once

#include "emulator/core/time.hpp"
#include "emulator/ports/clock.hpp"
#include "emulator/ports/invoker.hpp"

#include <algorithm>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace benchtop::pipeline {

// Thread-safe. The newest kKept entries.
template <class Entry>
class Recent {
public:
    static constexpr std::size_t kKept = 1000;

    void add(Entry entry) {
        const std::lock_guard lock(mutex_);
        if (entries_.size() == kKept) {
            entries_.pop_front();
        }
        entries_.push_back(std::move(entry));
    }

    // Newest first, at most `limit` of those that `wanted` accepts.
    template <class Predicate>
    std::vector<Entry> newest(std::size_t limit, Predicate wanted) const {
        std::vector<Entry> found;
        const std::lock_guard lock(mutex_);
        for (auto it = entries_.rbegin(); it != entries_.rend() && found.size() < limit; ++it) {
            if (wanted(*it)) {
                found.push_back(*it);
            }
        }
        return found;
    }

    void clear() {
        const std::lock_guard lock(mutex_);
        entries_.clear();
    }

private:
    mutable std::mutex mutex_;
    std::deque<Entry> entries_; // oldest first
};

// Texts of clients and functions are cut to this.
inline constexpr std::size_t kActivityTextMax = 4096;
// "..." stands for the rest.
std::string cut_activity(std::string_view text);

struct RequestRecord {
    std::string id; // x-amz-request-id, x-amzn-RequestId or Apigw-Requestid
    UtcInstant at{};
    std::string method;
    std::string host;
    std::string path;      // without the query, which may hold a signature
    std::string service;   // "s3", "lambda", "execute-api"...
    std::string operation; // "PutObject"; "" when none was found
    std::string caller;    // ARN; "" before authentication and for the anonymous
    int status = 0;        // 0: no answer was given
    std::string code;      // of an error's document
    std::string fault;     // what rules let happen: "delay, lost-answer"
    microseconds duration{};
};

struct InvocationRecord {
    std::string function_arn;
    std::string request_id;
    std::string version;
    std::string source; // "s3.amazonaws.com"; "" for a signed Invoke
    UtcInstant at{};
    InvokeStatus status = InvokeStatus::Ok;
    microseconds duration{};
    std::string payload;
    std::string answer;
    std::string log_tail;
};

std::string_view name_of(InvokeStatus status);

// An Invoker that keeps a record of what passes through it. Thread-safe. `next` and the clock
// outlive every completion.
class RecordingInvoker final : public Invoker {
public:
    RecordingInvoker(Invoker& next, const Clock& clock)
        : next_(next)
        , clock_(clock)
        , records_(std::make_shared<Recent<InvocationRecord>>()) {}

    void invoke(InvokeRequest request, Completion done) override;

    // Completed ones.
    Recent<InvocationRecord>& records() { return *records_; }

private:
    Invoker& next_;
    const Clock& clock_;
    std::shared_ptr<Recent<InvocationRecord>> records_;
};

} // namespace benchtop::pipeline
