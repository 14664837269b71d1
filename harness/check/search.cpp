#include "harness/check/search.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace benchtop::harness::check {
namespace {

class Shrinker {
public:
    Shrinker(const Scenario& scenario, Run run, const std::string& violated)
        : scenario_(scenario)
        , best_(std::move(run))
        , violated_(violated) {}

    Run run() {
        for (bool smaller = true; smaller;) {
            smaller = drop<PlannedFault>(&Schedule::faults);
            smaller = drop<Upload>(&Schedule::uploads) || smaller;
            smaller = simplify() || smaller;
        }
        return std::move(best_);
    }

    std::size_t replays() const { return replays_; }

private:
    // Takes `candidate` over when it still breaks the invariant, without the faults it never met.
    bool try_out(const Schedule& candidate) {
        ++replays_;
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

    bool simplify() {
        bool simpler = false;
        for (std::size_t i = 0; i < best_.schedule.uploads.size(); ++i) {
            simpler = try_upload(i, [](Upload& upload) { upload.at = {}; }) || simpler;
            simpler =
                try_upload(i, [](Upload& upload) { upload.key = "uploads/a.txt"; }) || simpler;
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
    std::size_t replays_ = 0;
};

} // namespace

Run shrink(
    const Scenario& scenario, const Run& run, const std::string& violated, std::size_t* replays
) {
    Shrinker shrinker(scenario, run, violated);
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
        Run run = run_seed(scenario, seed);
        ++result.runs;
        result.lab_time += run.lab_time;
        if (run.violation) {
            Finding finding;
            finding.seed = seed;
            finding.smallest = run;
            if (options.shrinks) {
                finding.smallest =
                    shrink(scenario, run, run.violation->invariant, &finding.replays);
            }
            finding.found = std::move(run);
            result.finding = std::move(finding);
            break;
        }
        if (options.goes_on && !options.goes_on(seed)) {
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
