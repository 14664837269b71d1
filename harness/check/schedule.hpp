// One run of the lab under adversity, as data: what clients do and when, and what goes wrong where.
// A schedule is drawn from a seed, shrunk to what matters, kept as a file, and played again to the
// byte.
#pragma once

#include "emulator/core/result.hpp"
#include "emulator/faults/faults.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace benchtop::harness::check {

// A client puts an object into the lab's bucket.
struct Upload {
    microseconds at{}; // after the start
    std::string key;
    std::string body;

    bool operator==(const Upload&) const = default;
};

// `point` names a moment by what happens there, so that it means the same when other faults are
// taken away:
//   "uploads/a.txt #1: delivery 2"    the second time Lambda is given the first event of that key
//   "uploads/a.txt #1: CopyObject 1"  the first CopyObject made for that event
struct PlannedFault {
    std::string point;
    faults::Fault fault;

    bool operator==(const PlannedFault&) const = default;
};

struct Schedule {
    std::uint64_t seed = 1;      // of ids, secrets and jitter
    std::vector<Upload> uploads; // by time
    std::vector<PlannedFault> faults;

    bool operator==(const Schedule&) const = default;

    // The steps a person has to follow: uploads and faults.
    std::size_t size() const { return uploads.size() + faults.size(); }
};

struct SavedSchedule {
    Schedule schedule;
    std::string handler;  // whose run it was
    std::string violated; // the invariant it broke, "" for none
    std::string trace;    // the run's trace_hash
};

// A JSON document, one upload or fault a line.
std::string to_json(const SavedSchedule& saved);

// The error says in one sentence what is wrong with the text: also a fault where it cannot happen.
Result<SavedSchedule> parse_schedule(std::string_view text);

// Which faults exist in a run and how often they come, in per mille of the points. Swarm style:
// each seed leaves most kinds out and makes the others frequent (Groce et al., "Swarm Testing",
// 2012).
struct Mix {
    std::map<faults::FaultKind, int> at_call;
    std::map<faults::FaultKind, int> at_event;
    // Bounds for each event. Lambda gives an event three attempts; two failures leave it one that
    // can succeed.
    int failures_max = 2;
    int duplicates_max = 2;
    int crashes_max = 2; // of a run
    // All delays of an event's calls together: being slow alone must not end an attempt, which has
    // three seconds in the lab.
    microseconds delays_max = std::chrono::milliseconds(1500);
};

// Draws a fault mix and uploads: one to three objects, some of one key, some with a name that has
// to be decoded.
Mix draw_mix(std::uint64_t seed);
std::vector<Upload> draw_uploads(std::uint64_t seed);

// Decides at fault points, by drawing or by playing a list, and remembers what came of it.
class Decider final : public faults::FaultSource {
public:
    // Each point's fault depends on the seed and the point's name only.
    static Decider drawing(std::uint64_t seed, Mix mix);
    static Decider playing(const std::vector<PlannedFault>& faults);

    std::vector<faults::Fault> at_call(const faults::CallPoint& point) override;
    std::vector<faults::Fault> at_event(const faults::EventPoint& point) override;

    // What was decided, in the order it happened.
    const std::vector<PlannedFault>& happened() const { return happened_; }

    // Of those to be played: those whose point was never met.
    std::vector<PlannedFault> unmet() const;

    // The point's name at the last question.
    const std::string& last_point() const { return last_point_; }

private:
    struct Event {
        std::string name; // "uploads/a.txt #1"
        std::map<std::string, int, std::less<>> calls;
        int deliveries = 0;
        int failures = 0;
        microseconds delays{}; // of its calls
    };

    Event& event_of(const std::string& request_id, std::string_view key);
    std::vector<faults::Fault>
    decide(Event& event, std::string point, const std::map<faults::FaultKind, int>& chances);
    bool may(const Event& event, const faults::Fault& fault, bool of_event) const;

    std::uint64_t seed_ = 0;
    Mix mix_;
    bool playing_ = false;
    std::multimap<std::string, faults::Fault, std::less<>> planned_;
    std::map<std::string, Event, std::less<>> events_; // by request id
    std::map<std::string, int, std::less<>> seen_keys_;
    int duplicates_ = 0;
    int crashes_ = 0;
    std::vector<PlannedFault> happened_;
    std::string last_point_;
};

} // namespace benchtop::harness::check
