// What the store costs: `bench_store [seconds-per-figure]` prints one line per figure.
#include "emulator/store/store.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <random>
#include <stdlib.h>
#include <string>
#include <thread>
#include <vector>

using namespace benchtop;
using namespace benchtop::store;

namespace {

using Timer = std::chrono::steady_clock;

double g_seconds = 1.0;

double since(Timer::time_point start) {
    return std::chrono::duration<double>(Timer::now() - start).count();
}

class BenchRandom final : public Random {
public:
    void fill(RandomStream, std::span<char> bytes) override {
        for (char& c : bytes) {
            c = static_cast<char>(engine_());
        }
    }

private:
    std::mt19937_64 engine_{std::random_device{}()};
};

struct Directory {
    std::string path = (std::filesystem::temp_directory_path() / "benchtop-bench-XXXXXX").string();

    Directory() {
        if (mkdtemp(path.data()) == nullptr) {
            std::perror("mkdtemp");
            std::exit(1);
        }
    }

    ~Directory() { std::filesystem::remove_all(path); }
};

std::unique_ptr<Store> open(const std::string& path, Durability durability) {
    BenchRandom random;
    auto store = open_file_store({path, durability}, random);
    if (!store) {
        std::fprintf(stderr, "%s\n", store.error().message().c_str());
        std::exit(1);
    }
    return std::move(*store);
}

void make_bucket(Store& store) {
    const auto create = [](WriteTx& tx) {
        Bucket bucket;
        bucket.name = "bench";
        tx.create_bucket(bucket);
        return true;
    };
    store.write({create, [](CommitStatus) {}});
}

Object object_named(std::string key) {
    Object object;
    object.key = std::move(key);
    object.size = 1024;
    object.etag = "9e107d9d372bb6826bd81d3542a419d6";
    object.checksum_algorithm = ChecksumAlgorithm::Crc64Nvme;
    object.checksum = "AAAAAAAAAAA=";
    object.checksum_type = "FULL_OBJECT";
    object.attributes.content_type = "text/plain";
    return object;
}

// A PUT of 1 KiB as S3 does it: bucket looked up, body and object stored, a sequencer drawn, and
// an event when asked for.
WriteJob put_job(Store& store, std::string key, bool event, std::function<void()> done) {
    auto stager = store.stage(1024);
    stager->append(as_bytes(std::string(1024, 'x')));
    return {
        [body = stager->finish(), key = std::move(key), event](WriteTx& tx) {
            const auto bucket = tx.find_bucket("bench");
            Object object = object_named(key);
            object.sequencer = tx.next_sequencer(from_epoch_seconds(1'700'000'000));
            object.body = tx.add_body(*body);
            tx.put_object(bucket->id, object);
            if (event) {
                Delivery delivery;
                delivery.bucket = "bench";
                delivery.key = key;
                delivery.payload = std::string(900, 'p');
                tx.add_delivery(delivery);
            }
            return true;
        },
        [done = std::move(done)](CommitStatus status) {
            if (status != CommitStatus::Committed) {
                std::fprintf(stderr, "a commit failed\n");
                std::exit(1);
            }
            done();
        }};
}

std::string random_key(std::uint64_t& state) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    char key[64];
    std::snprintf(
        key, sizeof key, "uploads/upload-%016llx.txt", static_cast<unsigned long long>(state)
    );
    return key;
}

// `submitters` threads, each with one request under way.
void bench_put(const char* label, Durability durability, int submitters, bool event) {
    const Directory directory;
    auto store = open(directory.path, durability);
    make_bucket(*store);
    std::atomic<std::uint64_t> total{0};
    std::vector<std::thread> threads;
    std::mutex latency_mutex;
    double worst = 0;
    const auto start = Timer::now();
    for (int t = 0; t < submitters; ++t) {
        threads.emplace_back([&, t] {
            std::uint64_t state = static_cast<std::uint64_t>(t) + 1;
            std::mutex mutex;
            std::condition_variable ready;
            double slowest = 0;
            while (since(start) < g_seconds) {
                bool done = false;
                const auto sent = Timer::now();
                store->write(put_job(*store, random_key(state), event, [&] {
                    const std::lock_guard lock(mutex);
                    done = true;
                    ready.notify_one();
                }));
                std::unique_lock lock(mutex);
                ready.wait(lock, [&] { return done; });
                slowest = std::max(slowest, since(sent));
                ++total;
            }
            const std::lock_guard lock(latency_mutex);
            worst = std::max(worst, slowest);
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    std::printf(
        "%-44s %9.0f /s   slowest %.1f ms\n",
        label,
        static_cast<double>(total.load()) / since(start),
        worst * 1000
    );
    std::fflush(stdout);
}

// The writer alone, never out of work: completions submit the next job.
void bench_saturated(const char* label, Durability durability, bool event) {
    const Directory directory;
    auto store = open(directory.path, durability);
    make_bucket(*store);
    std::uint64_t state = 1;
    std::uint64_t total = 0;
    const auto start = Timer::now();
    std::function<void()> next = [&] {
        ++total;
        if (since(start) < g_seconds) {
            store->write(put_job(*store, random_key(state), event, next));
        }
    };
    std::vector<WriteJob> first;
    for (int i = 0; i < 128; ++i) {
        first.push_back(put_job(*store, random_key(state), event, next));
    }
    store->write(
        {[](WriteTx&) { return true; },
         [&](CommitStatus) {
             for (auto& job : first) {
                 store->write(std::move(job));
             }
         }}
    );
    while (since(start) < g_seconds) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    store->stop();
    std::printf("%-44s %9.0f /s\n", label, static_cast<double>(total) / since(start));
    std::fflush(stdout);
}

void bench_reads() {
    const Directory directory;
    auto store = open(directory.path, Durability::KillSafe);
    constexpr int kObjects = 10'000;
    std::vector<std::string> keys;
    std::uint64_t state = 1;
    make_bucket(*store);
    for (int i = 0; i < kObjects; ++i) {
        keys.push_back(random_key(state));
        store->write(put_job(*store, keys.back(), false, [] {}));
    }
    store->stop();
    for (const int threads : {1, 2, 4}) {
        std::atomic<std::uint64_t> total{0};
        std::vector<std::thread> running;
        const auto start = Timer::now();
        for (int t = 0; t < threads; ++t) {
            running.emplace_back([&, t] {
                std::size_t at = static_cast<std::size_t>(t) * 77;
                while (since(start) < g_seconds) {
                    at = (at + 7919) % keys.size();
                    store->read([&](const ReadTx& tx) {
                        const auto object = tx.find_object(1, keys[at]);
                        const auto body = tx.open_body(object->body);
                        total += std::get<std::string>(*body).size() == 1024 ? 1 : 0;
                    });
                }
            });
        }
        for (auto& thread : running) {
            thread.join();
        }
        const double rate = static_cast<double>(total.load()) / since(start);
        std::printf(
            "%-30s %2d thread(s)   %9.0f /s   %.2f us\n",
            "find_object + open_body 1 KiB",
            threads,
            rate,
            1e6 * threads / rate
        );
    }
    std::uint64_t pages = 0;
    const auto start = Timer::now();
    while (since(start) < g_seconds) {
        store->read([&](const ReadTx& tx) {
            std::size_t rows = 0;
            tx.scan_objects(1, "uploads/", [&](const Object&) {
                return ++rows < 1000 ? ScanStep::next() : ScanStep::stop();
            });
        });
        ++pages;
    }
    std::printf(
        "%-44s %9.3f ms\n", "page of 1,000 keys", 1000 * since(start) / static_cast<double>(pages)
    );
}

void bench_opening() {
    std::uint64_t count = 0;
    auto start = Timer::now();
    while (since(start) < g_seconds) {
        open_memory_store();
        ++count;
    }
    std::printf(
        "%-44s %9.3f ms\n",
        "memory store, opened and closed",
        1000 * since(start) / static_cast<double>(count)
    );
    const Directory directory;
    start = Timer::now();
    auto store = open(directory.path + "/data", Durability::KillSafe);
    std::printf("%-44s %9.3f ms\n", "file store, created", 1000 * since(start));
    start = Timer::now();
    store.reset();
    std::printf("%-44s %9.3f ms\n", "file store, closed", 1000 * since(start));
    start = Timer::now();
    store = open(directory.path + "/data", Durability::KillSafe);
    std::printf("%-44s %9.3f ms\n", "file store, opened again", 1000 * since(start));
}

} // namespace

int main(int argc, char** argv) {
    if (argc > 1) {
        g_seconds = std::max(0.05, std::atof(argv[1]));
    }
    bench_opening();
    bench_reads();
    bench_put("PUT 1 KiB, 1 submitter", Durability::KillSafe, 1, false);
    bench_put("PUT 1 KiB, 16 submitters", Durability::KillSafe, 16, false);
    bench_put("PUT 1 KiB, 64 submitters", Durability::KillSafe, 64, false);
    bench_put("PUT 1 KiB + event, 64 submitters", Durability::KillSafe, 64, true);
    bench_saturated("PUT 1 KiB, writer saturated", Durability::KillSafe, false);
    bench_saturated("PUT 1 KiB + event, writer saturated", Durability::KillSafe, true);
    bench_put("PUT 1 KiB, 1 submitter, fsync", Durability::Fsync, 1, false);
    bench_put("PUT 1 KiB, 16 submitters, fsync", Durability::Fsync, 16, false);
    bench_put("PUT 1 KiB, 64 submitters, fsync", Durability::Fsync, 64, false);
    bench_saturated("PUT 1 KiB, writer saturated, fsync", Durability::Fsync, false);
    std::ifstream status("/proc/self/statm");
    long size = 0;
    long resident = 0;
    status >> size >> resident;
    std::printf("%-44s %9ld KiB\n", "resident memory at the end", resident * 4);
    return 0;
}
