#include "harness/check/search.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace benchtop::harness::check {
namespace {

// "KEY #event: WHAT ordinal".
struct Point {
    std::string key;
    int event = 0;
    std::string what;
    int ordinal = 0;

    std::string text() const { return fmt::format("{} #{}: {} {}", key, event, what, ordinal); }
};

// Of a point that a Decider named.
Point read_point(const std::string& text) {
    const auto colon = text.rfind(": ");
    const auto hash = text.rfind(" #", colon);
    const auto space = text.rfind(' ');
    return {
        text.substr(0, hash),
        std::stoi(text.substr(hash + 2, colon - hash - 2)),
        text.substr(colon + 2, space - colon - 2),
        std::stoi(text.substr(space + 1))};
}

// Changes every fault's point.
template <class Change>
Schedule with_points(Schedule schedule, Change change) {
    for (PlannedFault& planned : schedule.faults) {
        Point point = read_point(planned.point);
        change(point);
        planned.point = point.text();
    }
    return schedule;
}

class Shrinker {
public:
    Shrinker(
        const Scenario& scenario,
        Run run,
        const std::string& violated,
        const std::function<void()>& before_replay
    )
        : scenario_(scenario)
        , best_(std::move(run))
        , violated_(violated)
        , before_replay_(before_replay) {}

    Run run() {
        for (bool smaller = true; smaller;) {
            smaller = drop<PlannedFault>(&Schedule::faults);
            smaller = drop<Upload>(&Schedule::uploads) || smaller;
            smaller = drop_and_renumber() || smaller;
            smaller = simplify() || smaller;
        }
        return std::move(best_);
    }

    std::size_t replays() const { return replays_; }

private:
    // Takes `candidate` over when it still breaks the invariant, without the faults it never met.
    bool try_out(const Schedule& candidate) {
        ++replays_;
        if (before_replay_) {
            before_replay_();
        }
        Run run = replay(scenario_, candidate);
        if (!run.violation || run.violation->invariant != violated_) {
            return false;
        }
        best_ = std::move(run);
        return true;
    }

    // Larger pieces first, then one by one.
    template <class Entry>
    bool drop(std::vector<Entry> Schedule::*list) {
        bool dropped = false;
        for (std::size_t piece = (best_.schedule.*list).size(); piece > 0; piece /= 2) {
            for (std::size_t from = 0; from < (best_.schedule.*list).size();) {
                Schedule candidate = best_.schedule;
                auto& entries = candidate.*list;
                const auto first = entries.begin() + static_cast<std::ptrdiff_t>(from);
                const std::size_t count = std::min(piece, entries.size() - from);
                entries.erase(first, first + static_cast<std::ptrdiff_t>(count));
                if (try_out(candidate)) {
                    dropped = true;
                } else {
                    from += piece;
                }
            }
        }
        return dropped;
    }

    // One upload, or one fault, with the points after it moved up by one.
    bool drop_and_renumber() {
        for (std::size_t i = 0; i < best_.schedule.uploads.size(); ++i) {
            Schedule candidate = best_.schedule;
            const std::string key = candidate.uploads[i].key;
            const auto end = candidate.uploads.begin() + static_cast<std::ptrdiff_t>(i);
            const auto event =
                std::count_if(candidate.uploads.begin(), end, [&](const Upload& one) {
                    return one.key == key;
                });
            candidate.uploads.erase(end);
            candidate = with_points(std::move(candidate), [&](Point& point) {
                point.event -= point.key == key && point.event > event + 1 ? 1 : 0;
            });
            if (try_out(candidate)) {
                return true;
            }
        }
        for (std::size_t i = 0; i < best_.schedule.faults.size(); ++i) {
            Schedule candidate = best_.schedule;
            const Point gone = read_point(candidate.faults[i].point);
            candidate.faults.erase(candidate.faults.begin() + static_cast<std::ptrdiff_t>(i));
            // An attempt the fewer: every call and delivery of that event comes one earlier.
            const auto earlier = [&](bool same_only) {
                return with_points(candidate, [&](Point& point) {
                    const bool of_event = point.key == gone.key && point.event == gone.event;
                    if (of_event && point.ordinal > 1 && (!same_only || point.what == gone.what)) {
                        --point.ordinal;
                    }
                });
            };
            if (try_out(earlier(true)) || try_out(earlier(false))) {
                return true;
            }
        }
        return false;
    }

    // All uploads of a key under a plainer name, their faults with them.
    bool rename(std::size_t index) {
        constexpr std::array<std::string_view, 2> plain{"uploads/a.txt", "uploads/b.txt"};
        const std::string key = best_.schedule.uploads[index].key;
        for (const std::string_view name : plain) {
            if (key == name) {
                return false;
            }
            Schedule candidate = with_points(best_.schedule, [&](Point& point) {
                point.key = point.key == key ? std::string(name) : point.key;
            });
            bool taken = false;
            for (Upload& upload : candidate.uploads) {
                taken = taken || upload.key == name;
                upload.key = upload.key == key ? std::string(name) : upload.key;
            }
            if (!taken && try_out(candidate)) {
                return true;
            }
        }
        return false;
    }

    bool simplify() {
        bool simpler = false;
        for (std::size_t i = 0; i < best_.schedule.uploads.size(); ++i) {
            simpler = try_upload(i, [](Upload& upload) { upload.at = {}; }) || simpler;
            simpler = rename(i) || simpler;
        }
        for (std::size_t i = 0; i < best_.schedule.faults.size(); ++i) {
            for (const microseconds delay :
                 {microseconds(milliseconds(1)), microseconds(seconds(1))}) {
                if (i >= best_.schedule.faults.size() ||
                    best_.schedule.faults[i].fault.delay <= delay) {
                    continue;
                }
                Schedule candidate = best_.schedule;
                candidate.faults[i].fault.delay = delay;
                if (try_out(candidate)) {
                    simpler = true;
                    break;
                }
            }
        }
        return simpler;
    }

    template <class Change>
    bool try_upload(std::size_t index, Change change) {
        Schedule candidate = best_.schedule;
        change(candidate.uploads[index]);
        return candidate != best_.schedule && try_out(candidate);
    }

    const Scenario& scenario_;
    Run best_;
    const std::string violated_;
    const std::function<void()>& before_replay_;
    std::size_t replays_ = 0;
};

} // namespace

Run shrink(
    const Scenario& scenario,
    const Run& run,
    const std::string& violated,
    std::size_t* replays,
    const std::function<void()>& before_replay
) {
    Shrinker shrinker(scenario, run, violated, before_replay);
    Run smallest = shrinker.run();
    if (replays != nullptr) {
        *replays = shrinker.replays();
    }
    return smallest;
}

SearchResult search(const Scenario& scenario, const SearchOptions& options) {
    SearchResult result;
    for (std::uint64_t i = 0; i < options.seeds; ++i) {
        const std::uint64_t seed = options.first_seed + i;
        if (options.goes_on && !options.goes_on(seed)) {
            break;
        }
        Run run = run_seed(scenario, seed);
        ++result.runs;
        result.lab_time += run.lab_time;
        if (run.violation) {
            Finding finding;
            finding.seed = seed;
            finding.smallest = run;
            if (options.shrinks) {
                const std::function<void()> before_replay = [&options, seed] {
                    if (options.goes_on) {
                        options.goes_on(seed);
                    }
                };
                finding.smallest = shrink(
                    scenario, run, run.violation->invariant, &finding.replays, before_replay
                );
            }
            finding.found = std::move(run);
            result.finding = std::move(finding);
            break;
        }
    }
    return result;
}

std::string render(const Run& run) {
    std::string text;
    for (const std::string& line : run.story) {
        text += line;
        text += '\n';
    }
    for (const PlannedFault& planned : run.unmet) {
        text += fmt::format(
            "did not come to pass: {} at {}\n", faults::name_of(planned.fault.kind), planned.point
        );
    }
    text += "trace " + run.trace_hash + '\n';
    return text;
}

std::string render(const Finding& finding) {
    const Run& run = finding.smallest;
    std::string text = fmt::format(
        "seed {} breaks \"{}\": {}\n", finding.seed, run.violation->invariant, run.violation->what
    );
    text += fmt::format(
        "The smallest schedule that does ({} uploads, {} faults; {} and {} as drawn; {} "
        "replays):\n",
        run.schedule.uploads.size(),
        run.schedule.faults.size(),
        finding.found.schedule.uploads.size(),
        finding.found.schedule.faults.size(),
        finding.replays
    );
    return text + render(run);
}

} // namespace benchtop::harness::check
