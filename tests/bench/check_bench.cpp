// What the harness costs and finds, in tables. `bench_check [schedules]`:
//   labs      isolated labs a second on one core, and what a flow or a second thread adds
//   search    schedules a second, simulated hours a second, whether worker_move survives them all
//   gallery   each wrong worker: the seed that shows it, steps as drawn, steps when shrunk, replays
#include "handlers/hosts/plugins.hpp"
#include "harness/check/search.hpp"
#include "harness/gallery/gallery.hpp"
#include "harness/lab.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>
#include <vector>

using namespace benchtop;
using namespace benchtop::harness;

namespace {

double seconds_of(const std::function<void()>& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

check::Scenario scenario(const benchtop_plugin* table) {
    check::Scenario made;
    made.worker = *functions::Plugin::adopt(table);
    return made;
}

// Deploys the lab's template: bucket, roles, functions, API, trigger.
void empty_labs(int count) {
    for (int i = 0; i < count; ++i) {
        const Lab lab;
    }
}

// The lab's whole flow, from the first request to the moved object.
void moving_labs(int count) {
    for (int i = 0; i < count; ++i) {
        Lab lab;
        const Presigned url = lab.presign();
        if (lab.put(url, "x").status != 200) {
            std::exit(1);
        }
    }
}

void show_labs() {
    constexpr int kLabs = 1000;
    empty_labs(10);
    const double deployed = seconds_of([] { empty_labs(kLabs); });
    const double moved = seconds_of([] { moving_labs(kLabs); });
    const double side_by_side = seconds_of([] {
        std::thread other([] { empty_labs(kLabs); });
        empty_labs(kLabs);
        other.join();
    });
    std::printf("labs (%d each)                    per second   against a deployed lab\n", kLabs);
    std::printf("  deployed, thrown away             %8.0f   1.00\n", kLabs / deployed);
    std::printf(
        "  and one upload moved              %8.0f   %.2f\n", kLabs / moved, moved / deployed
    );
    std::printf(
        "  two threads, each its labs        %8.0f   %.2f\n",
        2 * kLabs / side_by_side,
        side_by_side / 2 / deployed
    );
}

void show_search(std::uint64_t schedules) {
    check::SearchResult result;
    const double took = seconds_of([&] {
        result = check::search(scenario(benchtop_plugin_worker_move()), {.seeds = schedules});
    });
    const double hours = static_cast<double>(result.lab_time.count()) / 3.6e9;
    std::printf("search                              schedules   a second   hours a second\n");
    std::printf(
        "  worker_move %-22s %9llu   %8.0f   %.1f\n",
        result.finding ? "BROKEN" : "survives",
        static_cast<unsigned long long>(result.runs),
        static_cast<double>(result.runs) / took,
        hours / took
    );
}

void show_gallery() {
    std::printf("gallery              invariant       seed   drawn   shrunk   replays\n");
    for (const auto& wrong : gallery::wrong_workers()) {
        const auto result = check::search(scenario(wrong.plugin), {.seeds = 2000});
        if (!result.finding) {
            std::printf("  %-18s NOT CAUGHT\n", std::string(wrong.name).c_str());
            continue;
        }
        const auto& finding = *result.finding;
        std::printf(
            "  %-18s %-13s %6llu   %5zu   %6zu   %7zu\n",
            std::string(wrong.name).c_str(),
            finding.smallest.violation->invariant.c_str(),
            static_cast<unsigned long long>(finding.seed),
            finding.found.schedule.size(),
            finding.smallest.schedule.size(),
            finding.replays
        );
    }
}

} // namespace

int main(int argc, char** argv) {
    show_labs();
    show_search(argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 5'000);
    show_gallery();
    return 0;
}
