// Sessions that can be repeated: turns, limits, and the clock that stands for them.
#include "emulator/pipeline/controlled_clock.hpp"
#include "emulator/pipeline/recorder.hpp"
#include "tests/catch.hpp"

using namespace benchtop;
using namespace benchtop::pipeline;

namespace {

class FakeClock final : public Clock {
public:
    UtcInstant now() const override { return UtcInstant{at}; }

    MonotonicInstant monotonic() const override { return MonotonicInstant{at}; }

    microseconds at{1'000'000};
};

RecordedStep step_with(std::size_t bytes) {
    RecordedStep step;
    step.body.assign(bytes, 'x');
    return step;
}

} // namespace

TEST_CASE("One has the turn, the others follow in their order", "[pipeline]") {
    Recorder recorder;
    std::string order;
    recorder.enter([&] { order += 'a'; });
    recorder.enter([&] { order += 'b'; });
    recorder.enter([&] { order += 'c'; });
    CHECK(order == "a");
    recorder.leave();
    CHECK(order == "ab");
    recorder.leave();
    recorder.leave();
    CHECK(order == "abc");
    recorder.enter([&] { order += 'd'; });
    CHECK(order == "abcd");
}

TEST_CASE("Only a recording keeps steps, and a new one begins empty", "[pipeline]") {
    Recorder recorder;
    recorder.add(step_with(1));
    recorder.begin(RecorderMode::Replaying, 1, {});
    recorder.add(step_with(1));
    recorder.begin(RecorderMode::Recording, 2, {});
    CHECK(recorder.seed() == 2);
    recorder.add(step_with(1));
    const auto steps = recorder.end();
    REQUIRE(steps.has_value());
    CHECK(steps->size() == 1);
    CHECK(recorder.mode() == RecorderMode::Off);
    recorder.begin(RecorderMode::Recording, 3, {});
    CHECK(recorder.end()->empty());
}

TEST_CASE("A session that became too long is not handed out", "[pipeline]") {
    Recorder recorder;
    recorder.begin(RecorderMode::Recording, 1, {});
    recorder.add(step_with(Recorder::kBytesMax + 1));
    CHECK_FALSE(recorder.end().has_value());
    recorder.begin(RecorderMode::Recording, 1, {});
    for (std::size_t i = 0; i < Recorder::kStepsMax; ++i) {
        recorder.add(step_with(1));
    }
    recorder.add(step_with(1));
    CHECK_FALSE(recorder.end().has_value());
}

TEST_CASE("A pinned clock stands, a frozen one before it, and both go on", "[pipeline]") {
    FakeClock real;
    ControlledClock clock(real);
    CHECK(clock.pin_to_now() == UtcInstant{seconds{1}});
    real.at = seconds{5};
    CHECK(clock.now() == UtcInstant{seconds{1}});
    CHECK(clock.monotonic() == MonotonicInstant{seconds{5}});
    CHECK_FALSE(clock.is_frozen());
    clock.step(seconds{9});
    CHECK(clock.now() == UtcInstant{seconds{1}});
    clock.leave_advance_behind();
    CHECK(clock.now() == UtcInstant{microseconds{1'000'001}});
    clock.pin(UtcInstant{seconds{1}});
    clock.freeze();
    clock.pin(UtcInstant{seconds{3}});
    CHECK(clock.now() == UtcInstant{seconds{1}});
    clock.step(microseconds{5});
    CHECK(clock.now() == UtcInstant{microseconds{1'000'005}});
    clock.step(seconds{9}); // the rest of an advance is on the axis
    CHECK(clock.now() == UtcInstant{microseconds{2'000'005}});
    clock.resume();
    CHECK(clock.now() == UtcInstant{seconds{3}});
    clock.unpin();
    CHECK(clock.now() == UtcInstant{seconds{5}});
}
