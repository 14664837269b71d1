// `benchtop check`: schedules against a worker, in memory.
#include "emulator/cli/commands.hpp"
#include "handlers/hosts/plugins.hpp"
#include "harness/check/search.hpp"
#include "harness/gallery/gallery.hpp"

#include <fmt/format.h>

#include <chrono>
#include <fstream>
#include <iostream>
#include <iterator>

namespace benchtop::cli {
namespace {

namespace check_ = harness::check;

constexpr int kUnusable = 2;

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

std::string xml_escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '&':
            out += "&amp;";
            break;
        case '"':
            out += "&quot;";
            break;
        default: // XML 1.0 has no control characters, not even escaped
            out += static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' ? '?' : c;
        }
    }
    return out;
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

// One case an invariant.
std::string junit_report(
    const check_::Scenario& scenario,
    const std::optional<check_::Violation>& violation,
    std::string_view story,
    double seconds
) {
    std::string text = fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<testsuite name=\"benchtop check {}\" tests=\"{}\" failures=\"{}\" time=\"{:.3f}\">\n",
        xml_escaped(scenario.worker->name()),
        scenario.invariants.size(),
        violation ? 1 : 0,
        seconds
    );
    for (const auto& invariant : scenario.invariants) {
        text += fmt::format(
            "  <testcase classname=\"{}\" name=\"{}\"",
            xml_escaped(scenario.worker->name()),
            xml_escaped(invariant.name)
        );
        if (violation && violation->invariant == invariant.name) {
            text += fmt::format(
                ">\n    <failure message=\"{}\">{}</failure>\n  </testcase>\n",
                xml_escaped(violation->what),
                xml_escaped(story)
            );
        } else {
            text += "/>\n";
        }
    }
    return text + "</testsuite>\n";
}

int play(const CheckOptions& options, const check_::Scenario& scenario) {
    std::ifstream file(options.replay, std::ios::binary);
    const std::string text(
        (std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>()
    );
    if (!file) {
        std::cerr << "benchtop: " << options.replay << " cannot be read.\n";
        return kUnusable;
    }
    const auto saved = check_::parse_schedule(text);
    if (!saved) {
        std::cerr << "benchtop: " << options.replay << ": " << saved.error().message() << '\n';
        return kUnusable;
    }
    const check_::Run run = check_::replay(scenario, saved->schedule);
    const std::string story = check_::render(run);
    std::cout << story;
    if (!saved->trace.empty() && saved->handler == scenario.worker->name()) {
        std::cout
            << (saved->trace == run.trace_hash
                    ? "The run is the saved one to the byte.\n"
                    : "The run differs from the saved one: handler or Benchtop has changed.\n");
    }
    if (!run.violation) {
        std::cout << "No invariant is broken.\n";
    }
    if (!options.junit.empty() &&
        !write_file(options.junit, junit_report(scenario, run.violation, story, 0))) {
        return kUnusable;
    }
    return run.violation ? 1 : 0;
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
    const auto result =
        check_::search(scenario, {.first_seed = options.first_seed, .seeds = options.seeds});
    const double took =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    std::cout << fmt::format(
        "{}: {} schedules in {:.1f} s, {:.0f} simulated hours\n",
        scenario.worker->name(),
        result.runs,
        took,
        std::chrono::duration<double, std::ratio<3600>>(result.lab_time).count()
    );
    std::optional<check_::Violation> violation;
    std::string story;
    if (result.finding) {
        violation = result.finding->smallest.violation;
        story = check_::render(*result.finding);
        std::cout << story;
        const check_::Run& smallest = result.finding->smallest;
        if (!options.save.empty()) {
            const check_::SavedSchedule saved{
                smallest.schedule,
                scenario.worker->name(),
                violation->invariant,
                smallest.trace_hash};
            if (!write_file(options.save, check_::to_json(saved))) {
                return kUnusable;
            }
            std::cout << "benchtop check " << options.handler << " --replay " << options.save
                      << " plays it again.\n";
        }
    } else {
        std::cout << "No invariant was broken.\n";
    }
    if (!options.junit.empty() &&
        !write_file(options.junit, junit_report(scenario, violation, story, took))) {
        return kUnusable;
    }
    return violation ? 1 : 0;
}

} // namespace benchtop::cli
