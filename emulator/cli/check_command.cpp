// `benchtop check`: schedules against a worker, in memory.
#include "emulator/cli/commands.hpp"
#include "emulator/cli/watched_child.hpp"
#include "emulator/protocol/xml_writer.hpp"
#include "handlers/hosts/plugins.hpp"
#include "harness/check/search.hpp"
#include "harness/gallery/gallery.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

namespace benchtop::cli {
namespace {

namespace check_ = harness::check;

constexpr int kUnusable = 2;
// What is broken when a handler does not come back.
constexpr std::string_view kEnds = "ends";

Result<std::shared_ptr<const functions::Plugin>> find_worker(const std::string& name) {
    if (name == "worker_move") {
        return functions::Plugin::adopt(benchtop_plugin_worker_move());
    }
    for (const auto& wrong : harness::gallery::wrong_workers()) {
        if (wrong.name == name) {
            return functions::Plugin::adopt(wrong.plugin);
        }
    }
    return functions::Plugin::load(name);
}

// Control characters of keys and messages reach neither a terminal nor a report,
// since XML 1.0 has none.
std::string shown(std::string_view text) {
    std::string out(text);
    std::replace_if(
        out.begin(),
        out.end(),
        [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7F; },
        '?'
    );
    return out;
}

std::string xml_escaped(std::string_view text) {
    return protocol::xml_escape(shown(text), protocol::Quotes::Escape);
}

bool write_file(const std::string& path, std::string_view text) {
    std::ofstream file(path, std::ios::binary);
    file << text;
    file.flush();
    if (!file) {
        std::cerr << "benchtop: " << path << " cannot be written.\n";
        return false;
    }
    return true;
}

// What became of a search or a replay.
struct Verdict {
    std::optional<check_::Violation> violation;
    std::string story;
    double seconds = 0;
};

// One case an invariant, and one for the handler's coming to an end at all. Invariants after the
// broken one were not looked at.
std::string junit_report(const check_::Scenario& scenario, const Verdict& verdict) {
    std::vector<std::string> names{std::string(kEnds)};
    for (const auto& invariant : scenario.invariants) {
        names.push_back(invariant.name);
    }
    std::string cases;
    std::size_t skipped = 0;
    bool broken = false;
    for (const std::string& name : names) {
        cases += fmt::format(
            "  <testcase classname=\"{}\" name=\"{}\"",
            xml_escaped(scenario.worker->name()),
            xml_escaped(name)
        );
        if (broken) {
            ++skipped;
            cases += "><skipped/></testcase>\n";
        } else if (verdict.violation && verdict.violation->invariant == name) {
            broken = true;
            cases += fmt::format(
                ">\n    <failure message=\"{}\">{}</failure>\n  </testcase>\n",
                xml_escaped(verdict.violation->what),
                xml_escaped(verdict.story)
            );
        } else {
            cases += "/>\n";
        }
    }
    return fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"benchtop check {}\" "
        "tests=\"{}\" failures=\"{}\" skipped=\"{}\" time=\"{:.3f}\">\n{}</testsuite>\n",
        xml_escaped(scenario.worker->name()),
        names.size(),
        broken ? 1 : 0,
        skipped,
        verdict.seconds,
        cases
    );
}

// The handler ended the process, or does not end itself.
check_::Violation violation_of(const ChildReport& report, int patience_s) {
    if (report.how == ChildReport::How::Stuck) {
        return {
            std::string(kEnds),
            fmt::format(
                "under seed {} the handler does not come to an end: no step for {} s of real time. "
                "A "
                "handler has to give up when its calls fail; once Lambda has ended its invocation "
                "every call fails",
                report.begun,
                patience_s
            )};
    }
    return {
        std::string(kEnds),
        report.signal == 0 ? fmt::format("under seed {} the handler called exit()", report.begun)
                           : fmt::format(
                                 "under seed {} the handler ended the process: signal {} ({})",
                                 report.begun,
                                 report.signal,
                                 sigdescr_np(report.signal)
                             )};
}

Fields fields_of(const check_::Run& run) {
    return {
        run.violation ? run.violation->invariant : "",
        run.violation ? run.violation->what : "",
        run.trace_hash,
        check_::render(run)};
}

// In a process of its own, which no other run has touched. The fields are fields_of()'s.
ChildReport
replay_apart(const check_::Scenario& scenario, const check_::Schedule& schedule, int patience_s) {
    return run_watched(
        [&](const Begin& begin) {
            begin(schedule.seed);
            return fields_of(check_::replay(scenario, schedule));
        },
        std::chrono::seconds(patience_s)
    );
}

// Says it, writes the report, gives the exit status.
int conclude(
    const CheckOptions& options, const check_::Scenario& scenario, const Verdict& verdict
) {
    if (!options.junit.empty() && !write_file(options.junit, junit_report(scenario, verdict))) {
        return kUnusable;
    }
    if (!verdict.violation) {
        return 0;
    }
    std::cout.flush();
    std::cerr << shown(fmt::format(
        "benchtop: {} breaks \"{}\": {}\n",
        scenario.worker->name(),
        verdict.violation->invariant,
        verdict.violation->what
    ));
    return 1;
}

double seconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

int play(const CheckOptions& options, const check_::Scenario& scenario) {
    std::error_code error;
    std::ifstream file;
    if (std::filesystem::is_regular_file(options.replay, error)) {
        file.open(options.replay, std::ios::binary);
    }
    const std::string text(
        (std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>()
    );
    if (!file.is_open()) {
        std::cerr << "benchtop: " << options.replay << " cannot be read.\n";
        return kUnusable;
    }
    const auto saved = check_::parse_schedule(text);
    if (!saved) {
        std::cerr << "benchtop: " << options.replay << ": " << shown(saved.error().message())
                  << '\n';
        return kUnusable;
    }
    const auto start = std::chrono::steady_clock::now();
    const ChildReport report = replay_apart(scenario, saved->schedule, options.patience_s);
    Verdict verdict{{}, {}, seconds_since(start)};
    if (report.how != ChildReport::How::Finished) {
        verdict.violation = violation_of(report, options.patience_s);
        return conclude(options, scenario, verdict);
    }
    verdict.story = report.result.at(3);
    if (!report.result.at(0).empty()) {
        verdict.violation = {report.result.at(0), report.result.at(1)};
    }
    std::cout << shown(verdict.story);
    if (saved->handler != scenario.worker->name()) {
        std::cout << shown(fmt::format("The file was saved for {}.\n", saved->handler));
    } else if (!saved->trace.empty()) {
        std::cout
            << (saved->trace == report.result.at(2)
                    ? "The run is the saved one to the byte.\n"
                    : "The run differs from the saved one: handler or Benchtop has changed, or "
                      "the handler asks the machine for time or random numbers.\n");
    }
    if (!verdict.violation) {
        std::cout << "No invariant is broken.\n";
    }
    return conclude(options, scenario, verdict);
}

// The search's result over the pipe: runs, lab time, then what there is of a finding.
Fields
search_fields(const check_::Scenario& scenario, const CheckOptions& options, const Begin& begin) {
    const auto result = check_::search(
        scenario,
        {.first_seed = options.first_seed,
         .seeds = options.seeds,
         .goes_on =
             [&begin](std::uint64_t seed) {
                 begin(seed);
                 return true;
             }}
    );
    Fields fields{std::to_string(result.runs), std::to_string(result.lab_time.count())};
    if (result.finding) {
        const check_::Run& smallest = result.finding->smallest;
        fields.push_back(smallest.violation->invariant);
        fields.push_back(smallest.violation->what);
        fields.push_back(check_::render(*result.finding));
        fields.push_back(check_::to_json(
            {smallest.schedule,
             scenario.worker->name(),
             smallest.violation->invariant,
             smallest.trace_hash}
        ));
    }
    return fields;
}

// A finding that depends on what earlier runs left behind cannot be played again.
bool stands_alone(
    const check_::Scenario& scenario, const check_::SavedSchedule& saved, int patience_s
) {
    const ChildReport again = replay_apart(scenario, saved.schedule, patience_s);
    return again.how == ChildReport::How::Finished && again.result.at(0) == saved.violated &&
           again.result.at(2) == saved.trace;
}

} // namespace

int check_list() {
    for (const auto& wrong : harness::gallery::wrong_workers()) {
        std::cout << fmt::format("{:<20} {}\n", wrong.name, wrong.mistake);
    }
    return 0;
}

int check(const CheckOptions& options) {
    check_::Scenario scenario;
    auto worker = find_worker(options.handler);
    if (!worker) {
        std::cerr << "benchtop: " << worker.error().message() << '\n';
        return kUnusable;
    }
    scenario.worker = *std::move(worker);
    if (!options.replay.empty()) {
        return play(options, scenario);
    }
    const auto start = std::chrono::steady_clock::now();
    const ChildReport report = run_watched(
        [&](const Begin& begin) { return search_fields(scenario, options, begin); },
        std::chrono::seconds(options.patience_s)
    );
    Verdict verdict{{}, {}, seconds_since(start)};
    if (report.how != ChildReport::How::Finished) {
        verdict.violation = violation_of(report, options.patience_s);
        std::cout << fmt::format(
            "`benchtop check {} --from {} --seeds 1` shows it again.\n",
            options.handler,
            report.begun
        );
        return conclude(options, scenario, verdict);
    }
    const Fields& found = report.result;
    std::cout << fmt::format(
        "{}: {} schedules in {:.1f} s, {:.0f} simulated hours\n",
        scenario.worker->name(),
        found.at(0),
        verdict.seconds,
        std::stod(found.at(1)) / 3.6e9
    );
    if (found.size() == 2) {
        std::cout << "No invariant was broken.\n";
        return conclude(options, scenario, verdict);
    }
    verdict.violation = {found.at(2), found.at(3)};
    verdict.story = found.at(4);
    std::cout << shown(verdict.story);
    const auto saved = check_::parse_schedule(found.at(5));
    if (!saved || !stands_alone(scenario, *saved, options.patience_s)) {
        std::cout << "Alone, in a new process, this schedule gives another run: the handler keeps "
                     "something from one run to the next, or asks the machine for time or random "
                     "numbers.\n";
    }
    if (!options.save.empty()) {
        if (!write_file(options.save, found.at(5))) {
            return kUnusable;
        }
        std::cout << "benchtop check " << options.handler << " --replay " << options.save
                  << " plays it again.\n";
    }
    return conclude(options, scenario, verdict);
}

} // namespace benchtop::cli
