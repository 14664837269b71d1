// Handlers take turns on one thread without noticing each other.
#include "harness/fibers.hpp"
#include "tests/catch.hpp"

#include <array>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

using namespace benchtop;
using namespace benchtop::harness;
using namespace std::chrono_literals;

namespace {

struct World {
    VirtualClock clock{from_epoch_seconds(1'790'000'000)};
    VirtualDeadlines deadlines{clock};
    Fibers fibers{deadlines};

    void live() {
        while (!fibers.none()) {
            while (deadlines.run_due()) {
            }
            if (const auto next = deadlines.next()) {
                clock.pass(*next);
            }
        }
    }
};

} // namespace

TEST_CASE("an exception being handled is the fiber's own", "[fibers]") {
    World world;
    std::vector<std::string> rethrown(3);
    for (std::size_t i = 0; i < rethrown.size(); ++i) {
        world.fibers.start([&world, &rethrown, i] {
            try {
                try {
                    throw std::runtime_error(std::to_string(i));
                } catch (const std::exception&) {
                    world.fibers.pause(milliseconds(10 * (3 - static_cast<int>(i))));
                    throw;
                }
            } catch (const std::exception& exception) {
                rethrown[i] = exception.what();
            }
        });
    }
    world.live();
    CHECK(rethrown == std::vector<std::string>{"0", "1", "2"});
    CHECK(std::uncaught_exceptions() == 0);
}

TEST_CASE("a fiber has a stack as large as a thread's", "[fibers]") {
    World world;
    int sum = 0;
    world.fibers.start([&sum] {
        std::array<volatile char, 3 << 20> large; // of 8 MiB
        large[0] = 1;
        large[large.size() - 1] = 2;
        sum = large[0] + large[large.size() - 1];
    });
    world.live();
    CHECK(sum == 3);
}
