// What a page of a listing costs in buckets of 10,000, 100,000 and 1,000,000 keys: it must not
// depend on their number. `bench_listing [seconds-per-figure]` prints a table of medians of CPU
// time and of ratios against the smallest bucket.
#include "emulator/s3/operation.hpp"
#include "emulator/store/store.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <string>
#include <time.h>
#include <vector>

using namespace benchtop;
using namespace benchtop::s3;

namespace {

using Timer = std::chrono::steady_clock;

constexpr std::array kSizes = {10'000, 100'000, 1'000'000};
constexpr int kFolders = 1'000;
constexpr int kKeysPerJob = 5'000;

double g_seconds = 1.0;

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

class NoRandom final : public Random {
public:
    void fill(RandomStream, std::span<char> bytes) override { std::ranges::fill(bytes, 'r'); }
};

class Allow final : public service::Authorizer {
public:
    Result<void> check(const service::AccessRequest&) override { return {}; }
};

void write(store::Store& store, std::move_only_function<bool(store::WriteTx&)> run) {
    std::promise<store::CommitStatus> committed;
    store.write({std::move(run), [&](store::CommitStatus status) { committed.set_value(status); }});
    if (committed.get_future().get() != store::CommitStatus::Committed) {
        std::fprintf(stderr, "a commit failed\n");
        std::exit(1);
    }
}

// "folder-0123/00004567": as many keys in each folder.
std::string key_of(int number, int keys) {
    char key[32];
    const int per_folder = keys / kFolders;
    std::snprintf(key, sizeof key, "folder-%04d/%08d", number / per_folder, number);
    return key;
}

store::Object object_of(store::WriteTx& tx, std::string key, std::string version_id) {
    store::Object object;
    object.key = std::move(key);
    object.version_id = std::move(version_id);
    object.size = 1024;
    object.etag = "9e107d9d372bb6826bd81d3542a419d6";
    object.checksum_algorithm = ChecksumAlgorithm::Crc64Nvme;
    object.checksum = "AAAAAAAAAAA=";
    object.checksum_type = "FULL_OBJECT";
    object.attributes.content_type = "text/plain";
    object.last_modified = from_epoch_seconds(1'700'000'000);
    object.sequencer = tx.next_sequencer(object.last_modified);
    return object;
}

std::string bucket_of(int keys, bool versioned) {
    return (versioned ? "versioned-" : "plain-") + std::to_string(keys);
}

void fill(store::Store& store, int keys, bool versioned) {
    const std::string name = bucket_of(keys, versioned);
    write(store, [&](store::WriteTx& tx) {
        store::Bucket bucket;
        bucket.name = name;
        bucket.account = "111122223333";
        bucket.region = "us-east-2";
        const auto id = tx.create_bucket(bucket);
        if (versioned) {
            tx.set_bucket_setting(id, "versioning", "Enabled");
        }
        return true;
    });
    for (int first = 0; first < keys; first += kKeysPerJob) {
        write(store, [&](store::WriteTx& tx) {
            const auto id = tx.find_bucket(name)->id;
            for (int i = first; i < std::min(keys, first + kKeysPerJob); ++i) {
                if (!versioned) {
                    tx.put_object(id, object_of(tx, key_of(i, keys), ""));
                    continue;
                }
                // Every key twice: half of the versions are noncurrent.
                const std::string key = key_of(i / 2, keys / 2);
                tx.put_object(id, object_of(tx, key, std::to_string(i)), store::Displaced::Kept);
            }
            return true;
        });
    }
}

const Operation* find_operation(std::string_view name) {
    for (const Operation& operation : operations()) {
        if (operation.name == name) {
            return &operation;
        }
    }
    return nullptr;
}

// One page through the operation's row, as bytes of XML.
std::size_t page(
    store::Store& store,
    const Operation& operation,
    int keys,
    bool versioned,
    std::string_view query
) {
    RequestHead head;
    head.method = "GET";
    head.target = "/" + bucket_of(keys, versioned) + "?" + std::string(query);
    head.headers.add("Host", "localhost:4566");
    const auto target = resolve_target(head);
    const Query parsed = Query::parse(head.query());
    const auth::Authenticated authenticated;
    const S3Request request{head, *target, parsed, authenticated};
    auto input = operation.decode(request);
    if (!input) {
        std::fprintf(stderr, "%s\n", std::string(input.error().message()).c_str());
        std::exit(1);
    }
    const TimeAxis axis;
    const RequestIds ids;
    const policy::Principal caller;
    Allow allow;
    NoRandom random;
    const service::OpContext context{
        from_epoch_seconds(1'700'000'100),
        axis,
        ids,
        caller,
        "127.0.0.1",
        "us-east-2",
        allow,
        random};
    std::size_t size = 0;
    store.read([&](const store::ReadTx& tx) {
        const auto answer = operation.read(tx, context, request, **input);
        size = answer ? std::get<std::string>(answer->body).size() : 0;
    });
    return size;
}

// Processor time of this thread: a busy machine does not blur it.
double cpu_us() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

double median_us(const std::function<std::size_t()>& work) {
    std::vector<double> times;
    const auto end = Timer::now() + std::chrono::duration<double>(g_seconds);
    while (times.size() < 5 || (Timer::now() < end && times.size() < 100'000)) {
        const double start = cpu_us();
        if (work() == 0) {
            std::fprintf(stderr, "a listing failed\n");
            std::exit(1);
        }
        times.push_back(cpu_us() - start);
    }
    std::ranges::nth_element(times, times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2));
    return times[times.size() / 2];
}

struct Row {
    const char* what;
    std::string_view operation;
    bool versioned;
    std::string_view query;
};

void measure(store::Store& store, const Row& row) {
    const Operation* operation = find_operation(row.operation);
    if (operation == nullptr) {
        std::printf("%-44s not built\n", row.what);
        return;
    }
    std::printf("%-44s", row.what);
    double smallest = 0;
    for (const int keys : kSizes) {
        const double us =
            median_us([&] { return page(store, *operation, keys, row.versioned, row.query); });
        if (smallest == 0) {
            smallest = us;
        }
        std::printf("  %8.0f us %5.2f", us, us / smallest);
        std::fflush(stdout);
    }
    std::printf("\n");
}

} // namespace

int main(int argc, char** argv) {
    if (argc > 1) {
        g_seconds = std::atof(argv[1]);
    }
    const Directory directory;
    NoRandom random;
    auto store = store::open_file_store({directory.path, store::Durability::KillSafe}, random);
    if (!store) {
        std::fprintf(stderr, "%s\n", store.error().message().c_str());
        return 1;
    }
    for (const int keys : kSizes) {
        fill(**store, keys, false);
        fill(**store, keys, true);
    }
    std::printf(
        "%-44s  %11s %5s  %11s %5s  %11s %5s\n",
        "a page of 1,000, median CPU time",
        "10k keys",
        "",
        "100k keys",
        "",
        "1M keys",
        ""
    );
    constexpr std::string_view v2 = "ListObjectsV2";
    constexpr std::string_view versions = "ListObjectVersions";
    for (const Row& row : std::initializer_list<Row>{
             {"first page", v2, false, "list-type=2"},
             {"page in the middle", v2, false, "list-type=2&start-after=folder-0500"},
             {"one folder's page of 10", v2, false, "list-type=2&max-keys=10&prefix=folder-0500/"},
             {"1,000 folders by delimiter", v2, false, "list-type=2&delimiter=/"},
             {"10 folders by delimiter", v2, false, "list-type=2&delimiter=/&max-keys=10"},
             {"the same, half of the versions noncurrent", v2, true, "list-type=2&delimiter=/"},
             {"versions: first page", versions, true, "versions"},
             {"versions: page in the middle", versions, true, "versions&key-marker=folder-0500"},
             {"versions: 1,000 folders by delimiter", versions, true, "versions&delimiter=/"}}) {
        measure(**store, row);
    }
    (*store)->stop();
    return 0;
}
