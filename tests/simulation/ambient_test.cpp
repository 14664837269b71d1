// Nothing inside a lab asks the machine: this binary stands in for the C library's clocks, random
// numbers and environment, and counts who asks while a lab runs. (That nothing iterates unordered
// containers, whose order may follow addresses, is a rule of tests/tidy; that ten processes replay
// one run is replay_test.py.)
#include "handlers/hosts/plugins.hpp"
#include "harness/check/search.hpp"
#include "harness/expect.hpp"
#include "harness/lab.hpp"
#include "tests/catch.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <dlfcn.h>
#include <functional>
#include <random>
#include <string>
#include <string_view>
#include <sys/random.h>
#include <sys/time.h>
#include <time.h>

namespace {

std::atomic<bool> g_watching{false};
std::atomic<int> g_asked{0};
// Literals only: nothing is allocated where the question is asked.
std::atomic<const char*> g_last{""};

void note(const char* what) {
    if (g_watching) {
        ++g_asked;
        g_last = what;
    }
}

template <class Function>
Function real(const char* name) {
    return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

// Counts what is asked of the machine in its lifetime.
class Watch {
public:
    Watch() {
        g_asked = 0;
        g_watching = true;
    }

    ~Watch() { g_watching = false; }

    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    int asked() const { return g_asked; }
};

benchtop::harness::check::Scenario scenario() {
    benchtop::harness::check::Scenario made;
    made.worker = *benchtop::functions::Plugin::adopt(benchtop_plugin_worker_move());
    return made;
}

} // namespace

// The C library's own, interposed: the dynamic linker finds the program's first.
extern "C" {
int clock_gettime(clockid_t clock, timespec* time) noexcept {
    note("clock_gettime");
    static const auto next = real<int (*)(clockid_t, timespec*)>("clock_gettime");
    return next(clock, time);
}

int gettimeofday(timeval* __restrict time, void* __restrict zone) noexcept {
    note("gettimeofday");
    static const auto next = real<int (*)(timeval*, void*)>("gettimeofday");
    return next(time, zone);
}

time_t time(time_t* result) noexcept {
    Dl_info caller{};
    // An archive in memory gets a date of change, which only writing one would use.
    const bool by_libzip = dladdr(__builtin_return_address(0), &caller) != 0 &&
                           std::string_view(caller.dli_fname).contains("libzip");
    if (!by_libzip) {
        note("time");
    }
    static const auto next = real<time_t (*)(time_t*)>("time");
    return next(result);
}

ssize_t getrandom(void* buffer, size_t size, unsigned flags) {
    note("getrandom");
    static const auto next = real<ssize_t (*)(void*, size_t, unsigned)>("getrandom");
    return next(buffer, size, flags);
}

int getentropy(void* buffer, size_t size) {
    note("getentropy");
    static const auto next = real<int (*)(void*, size_t)>("getentropy");
    return next(buffer, size);
}

char* getenv(const char* name) noexcept {
    note("getenv");
    static const auto next = real<char* (*)(const char*)>("getenv");
    return next(name);
}

char* secure_getenv(const char* name) noexcept {
    note("secure_getenv");
    static const auto next = real<char* (*)(const char*)>("secure_getenv");
    return next(name);
}

int rand() noexcept {
    note("rand");
    static const auto next = real<int (*)()>("rand");
    return next();
}

long random() noexcept {
    note("random");
    static const auto next = real<long (*)()>("random");
    return next();
}

int RAND_bytes(unsigned char* buffer, int size) {
    note("RAND_bytes");
    static const auto next = real<int (*)(unsigned char*, int)>("RAND_bytes");
    return next(buffer, size);
}

// std::random_device's number: libstdc++ takes it from an instruction of the processor where it
// can.
unsigned _ZNSt13random_device9_M_getvalEv(void* self) {
    note("random_device");
    static const auto next = real<unsigned (*)(void*)>("_ZNSt13random_device9_M_getvalEv");
    return next(self);
}
}

TEST_CASE("the watch sees who asks") {
    const auto seen = [](const std::function<void()>& ask) {
        const Watch watch;
        ask();
        return watch.asked() > 0;
    };
    CHECK(seen([] {
        timespec now{};
        clock_gettime(CLOCK_REALTIME, &now);
    }));
    CHECK(seen([] { static_cast<void>(std::chrono::steady_clock::now()); }));
    CHECK(seen([] { static_cast<void>(std::chrono::system_clock::now()); }));
    CHECK(seen([] { static_cast<void>(::time(nullptr)); }));
    CHECK(seen([] { static_cast<void>(getenv("HOME")); }));
    CHECK(seen([] { static_cast<void>(random()); }));
    CHECK(seen([] {
        std::array<unsigned char, 4> bytes{};
        RAND_bytes(bytes.data(), 4);
    }));
    std::random_device device;
    CHECK(seen([&device] { static_cast<void>(device()); }));
}

TEST_CASE("a lab asks neither for time, nor random numbers, nor the environment") {
    using namespace benchtop::harness;
    const auto live = [] {
        Lab lab{11};
        lab.deploy(lab_stack());
        const Presigned url = lab.client("student").presign();
        lab.put(url, "x");
        lab.clock().advance(std::chrono::seconds(301));
        const bool refused_now = lab.put(url, "x") == refused("Request has expired");
        const auto searched = check::search(scenario(), {.seeds = 20});
        return refused_now && !searched.finding;
    };
    REQUIRE(live()); // whatever libraries ask once, when first used, is asked here
    bool good = false;
    int asked = 0;
    {
        const Watch watch;
        good = live();
        asked = watch.asked();
    }
    CHECK(good);
    INFO("the last question: " << g_last.load());
    CHECK(asked == 0);
}
