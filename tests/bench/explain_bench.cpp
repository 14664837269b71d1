// How often explain names the mistake that was made, for five real clients' requests, and what the
// search for it costs; then what the most expensive requests cost that a client can send.
//   bench_explain
#include "emulator/explain/url_reading.hpp"
#include "tests/catch.hpp"
#include "tests/unit/explain/slips_of_clients.hpp"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <functional>

using namespace recorded;

namespace {

// Processor time, so that a busy machine does not count.
double ms_of(const std::function<void()>& work) {
    const std::clock_t start = std::clock();
    work();
    return 1e3 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

struct Row {
    std::size_t named = 0;
    std::size_t made = 0;
    std::size_t tried = 0;
    double ms = 0;
    double most_ms = 0;
};

void print(const std::string& client, const Row& row, const std::string& version) {
    std::printf(
        "%-10s %4zu of %3zu %6.1f %% %9zu %9.2f %9.2f   %s\n",
        client.c_str(),
        row.named,
        row.made,
        100.0 * static_cast<double>(row.named) / static_cast<double>(row.made),
        row.tried / row.made,
        row.ms / static_cast<double>(row.made),
        row.most_ms,
        version.c_str()
    );
}

Row measure(const Request& request) {
    Row row;
    for (const Mutation& mutation : request.is_presigned() ? url_mutations() : header_mutations()) {
        Case one = good(request);
        mutation.apply(one);
        benchtop::explain::SignatureExplanation why;
        const double ms = ms_of([&] { why = explained(one); });
        row.named += why.mistake == mutation.mistake ? 1 : 0;
        row.made += 1;
        row.tried += why.tried;
        row.ms += ms;
        row.most_ms = std::max(row.most_ms, ms);
    }
    return row;
}

// Nothing fits, and everything that can be tried is large.
Case worst_request() {
    Case one = good(requests().back());
    one.request.head.method = "POST";
    for (int i = 0; one.request.head.target.size() < 15 * 1024; ++i) {
        one.request.head.target += "&%25" + std::to_string(i) + "=+%2F";
    }
    return one;
}

} // namespace

TEST_CASE("explain", "[bench]") {
    std::printf("client      mistakes named    tried/each  ms each   ms most\n");
    Row all;
    for (const Request& request : requests()) {
        const Row row = measure(request);
        print(request.client, row, request.version);
        all.named += row.named;
        all.made += row.made;
        all.tried += row.tried;
        all.ms += row.ms;
        all.most_ms = std::max(all.most_ms, row.most_ms);
    }
    print("all", all, "");
    const Case worst = worst_request();
    std::printf("15 KiB of parameters, nothing fits: %.0f ms\n", ms_of([&] { explained(worst); }));
    const std::string url = "http://127.0.0.1:4566" + worst.request.head.target;
    std::printf("the same pasted as a URL: %.0f ms\n", ms_of([&] {
                    benchtop::explain::read_url({url, worst.now, worst.axis}, known(worst));
                }));
    CHECK(all.made >= 100);
}
