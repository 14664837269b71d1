// What the person at the emulator's terminal reads about an object event that went wrong: which
// documented mistake it shows (tutor/), and the fix, in one line.
#pragma once

#include "emulator/pipeline/refusals.hpp"
#include "emulator/ports/invoker.hpp"
#include "emulator/ports/log.hpp"
#include "emulator/store/store.hpp"
#include "emulator/tutor/hints.hpp"

#include <optional>
#include <string_view>

namespace benchtop::pipeline {

// "cause Fix: fix [mistake]"; the name in brackets is what `benchtop mistakes run` takes.
void write_hint(Log& log, const tutor::Hint& hint);

// For an object that was just made: why no rule of the bucket's notification configuration hears of
// it, when that is a known mistake. `event_name` is "ObjectCreated:Put".
std::optional<tutor::Hint> hint_for_unmatched(
    std::string_view notification, std::string_view event_name, std::string_view key
);

// The dispatcher's observer. Thread-safe; everything it is given outlives it.
class DeliveryReport {
public:
    DeliveryReport(store::Store& store, Log& log, Refusals& refusals)
        : store_(store)
        , log_(log)
        , refusals_(refusals) {}

    // Speaks once for each delivery, of its first failure or of what it did needlessly.
    void attempt_ended(const store::Delivery& delivery, InvokeStatus status);

private:
    void keep_refusal(const store::Delivery& delivery);

    store::Store& store_;
    Log& log_;
    Refusals& refusals_;
};

} // namespace benchtop::pipeline
