// Goal: an acknowledged write is never lost, a half write is never seen, an event is never lost,
// whenever the process is killed.
// Method: a child process (forked before any thread exists in this one) opens the store in a
// directory and puts, copies, overwrites and deletes objects, each change with its event, and says
// on a pipe what was acknowledged. After the N-th word, N from a seeded generator, it is killed
// with SIGKILL. The parent then opens the directory and compares it with what was acknowledged.
// Rounds go on in the same directory.
#include "emulator/core/encoding.hpp"
#include "emulator/store/store.hpp"
#include "tests/catch.hpp"

#include <sqlite3.h>

#include <array>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <set>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace benchtop;
using namespace benchtop::store;

namespace {

constexpr int kRounds = 20;
constexpr std::size_t kKeys = 40;
constexpr std::size_t kInFlight = 24;

// splitmix64: the same numbers everywhere for one seed.
class Dice {
public:
    explicit Dice(std::uint64_t seed)
        : state_(seed) {}

    std::size_t below(std::size_t limit) {
        state_ += 0x9e3779b97f4a7c15u;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        return static_cast<std::size_t>((z ^ (z >> 31)) % limit);
    }

private:
    std::uint64_t state_;
};

class DiceRandom final : public Random {
public:
    explicit DiceRandom(std::uint64_t seed)
        : dice_(seed) {}

    void fill(RandomStream, std::span<char> bytes) override {
        for (char& c : bytes) {
            c = static_cast<char>(dice_.below(256));
        }
    }

private:
    Dice dice_;
};

// The bytes of an object say which change wrote them; every third one is large enough for a file.
std::string body_of(std::uint64_t change) {
    const std::size_t size = change % 3 == 0
                                 ? static_cast<std::size_t>(kSmallBodyMax) + 1 + change % 1000
                                 : 100 + change % 3000;
    std::string body = std::to_string(change) + ":";
    body.resize(size, static_cast<char>('a' + change % 26));
    return body;
}

std::string key_of(std::size_t index) {
    return "k/" + std::to_string(index);
}

// What a change did, as told on the pipe after its commit.
struct Acknowledged {
    std::uint64_t change;
    std::uint32_t key;
    std::uint32_t deleted;
};

// One change: put, copy over, or delete, with an event that carries its number.
WriteJob
change_job(Store& store, std::uint64_t change, Dice& dice, std::function<void(Acknowledged)> done) {
    const std::size_t kind = dice.below(10);
    const auto key = static_cast<std::uint32_t>(dice.below(kKeys));
    std::shared_ptr<StagedBody> body;
    if (kind >= 2) {
        auto stager = store.stage(std::nullopt);
        if (!stager->append(as_bytes(body_of(change)))) {
            ::_exit(3);
        }
        body = stager->finish();
    }
    const bool copies = kind >= 8;
    return {
        [=](WriteTx& tx) {
            const auto bucket = tx.find_bucket("lab");
            if (kind < 2) {
                tx.delete_object(bucket->id, key_of(key));
            } else {
                Object object;
                object.key = key_of(key);
                object.size = body->size;
                object.etag = std::to_string(change);
                object.body = tx.add_body(*body);
                object.sequencer = tx.next_sequencer(from_epoch_seconds(1'700'000'000));
                tx.put_object(bucket->id, object);
                if (copies) { // the same body under a second name
                    object.key = "copy/" + key_of(key);
                    tx.put_object(bucket->id, object);
                }
            }
            Delivery delivery;
            delivery.bucket = "lab";
            delivery.key = key_of(key);
            delivery.payload = std::to_string(change);
            tx.add_delivery(delivery);
            // Some answer an error after all: nothing of those may ever be seen.
            return change % 11 != 10;
        },
        [=](CommitStatus status) {
            if (status == CommitStatus::Committed && change % 11 != 10) {
                done({change, key, kind < 2 ? 1u : 0u});
            } else {
                done({change, UINT32_MAX, 0});
            }
        }};
}

[[noreturn]] void
run_child(const std::filesystem::path& path, int pipe, std::uint64_t first, int round) {
    DiceRandom random(static_cast<std::uint64_t>(round));
    auto store = open_file_store({path, Durability::KillSafe}, random);
    if (!store) {
        ::_exit(2);
    }
    (*store)->write(
        {[](WriteTx& tx) {
             if (!tx.find_bucket("lab")) {
                 Bucket bucket;
                 bucket.name = "lab";
                 tx.create_bucket(bucket);
             }
             return true;
         },
         [](CommitStatus) {}}
    );
    std::mutex mutex;
    std::condition_variable room;
    std::size_t in_flight = 0;
    Dice dice(first * 31 + static_cast<std::uint64_t>(round));
    for (std::uint64_t change = first;; ++change) {
        {
            std::unique_lock lock(mutex);
            room.wait(lock, [&] { return in_flight < kInFlight; });
            ++in_flight;
        }
        (*store)->write(change_job(**store, change, dice, [&](Acknowledged word) {
            if (word.key != UINT32_MAX && ::write(pipe, &word, sizeof word) != sizeof word) {
                ::_exit(4);
            }
            const std::lock_guard lock(mutex);
            --in_flight;
            room.notify_one();
        }));
    }
}

std::string content_of(const BodyContent& content) {
    const auto bytes = whole_content(content);
    REQUIRE(bytes.has_value());
    return *bytes;
}

std::int64_t number(const std::filesystem::path& database, const char* sql) {
    sqlite3* db = nullptr;
    sqlite3_stmt* statement = nullptr;
    REQUIRE(sqlite3_open(database.c_str(), &db) == SQLITE_OK);
    REQUIRE(sqlite3_prepare_v2(db, sql, -1, &statement, nullptr) == SQLITE_OK);
    REQUIRE(sqlite3_step(statement) == SQLITE_ROW);
    const std::int64_t value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return value;
}

std::set<std::string> files_under(const std::filesystem::path& path) {
    std::set<std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
        if (entry.is_regular_file()) {
            files.insert(entry.path().string());
        }
    }
    return files;
}

// What the parent knows over all rounds.
struct Knowledge {
    std::map<std::uint32_t, Acknowledged> latest; // per key, the last acknowledged change
    std::set<std::uint64_t> acknowledged;         // every change told of
    std::uint64_t next = 1;
};

// Forks the child, kills it after `words` acknowledgements, takes in everything it had said.
void run_and_kill(
    const std::filesystem::path& path, std::size_t words, int round, Knowledge& known
) {
    std::array<int, 2> ends{};
    REQUIRE(::pipe(ends.data()) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        ::close(ends[0]);
        run_child(path, ends[1], known.next, round);
    }
    ::close(ends[1]);
    Acknowledged word{};
    std::size_t heard = 0;
    // Words are shorter than PIPE_BUF: each arrives whole or not at all.
    while (::read(ends[0], &word, sizeof word) == sizeof word) {
        known.acknowledged.insert(word.change);
        known.latest[word.key] = word;
        if (++heard == words) {
            ::kill(child, SIGKILL);
        }
    }
    ::close(ends[0]);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
    REQUIRE(heard >= words);
}

// Compares the directory with what was acknowledged.
void check(const std::filesystem::path& path, Knowledge& known) {
    DiceRandom random(1);
    auto opened = open_file_store({path, Durability::KillSafe}, random);
    REQUIRE(opened.has_value());
    Store& store = **opened;
    CHECK(store.recovery_report().unclean);
    CHECK(store.recovery_report().files_missing == 0);
    CHECK(store.recovery_report().bodies_removed == 0);
    store.read([&](const ReadTx& tx) {
        const auto bucket = tx.find_bucket("lab");
        REQUIRE(bucket.has_value());
        // Events: none lost, none of a change that was undone, none twice.
        std::set<std::uint64_t> events;
        std::map<std::string, std::uint64_t> last_event;
        for (const Delivery& delivery : tx.pending_deliveries()) {
            const std::uint64_t change = parse_u64(delivery.payload).value_or(0);
            CHECK(change % 11 != 10);
            CHECK(events.insert(change).second);
            last_event[delivery.key] = change;
        }
        std::size_t lost = 0;
        for (const std::uint64_t change : known.acknowledged) {
            lost += events.contains(change) ? 0 : 1;
        }
        CHECK(lost == 0);
        // Objects: each is as its last event says, so state and event went together; and that event
        // is the last acknowledged change or one committed after it.
        for (std::size_t index = 0; index < kKeys; ++index) {
            const std::string key = key_of(index);
            const auto object = tx.find_object(bucket->id, key);
            const auto known_of_key = known.latest.find(static_cast<std::uint32_t>(index));
            if (known_of_key != known.latest.end()) {
                CHECK(last_event[key] >= known_of_key->second.change);
                if (last_event[key] == known_of_key->second.change) {
                    CHECK(object.has_value() == (known_of_key->second.deleted == 0));
                }
            }
            if (object) {
                CHECK(object->etag == std::to_string(last_event[key]));
            }
        }
        // Bodies: every object's bytes are whole.
        std::size_t damaged = 0;
        tx.scan_objects(bucket->id, "", [&](const Object& object) {
            const auto content = tx.open_body(object.body);
            const std::string expected = body_of(parse_u64(object.etag).value_or(0));
            damaged += content && content_of(*content) == expected ? 0 : 1;
            return ScanStep::next();
        });
        CHECK(damaged == 0);
        if (!events.empty()) {
            known.next = *events.rbegin() + 1;
        }
    });
    // A round's changes must not reuse numbers that were staged but never committed.
    known.next += kInFlight;
    store.stop();
}

void check_counts(const std::filesystem::path& path) {
    const auto database = path / "benchtop.db";
    CHECK(
        number(
            database,
            "SELECT count(*) FROM body WHERE refs <> (SELECT count(*) FROM object WHERE body_id = "
            "body.id)"
        ) == 0
    );
    CHECK(
        number(
            database,
            "SELECT count(*) FROM body_bytes WHERE id NOT IN (SELECT id FROM body WHERE file IS "
            "NULL)"
        ) == 0
    );
    CHECK(
        number(
            database,
            "SELECT count(*) FROM body WHERE file IS NULL AND id NOT IN (SELECT id FROM body_bytes)"
        ) == 0
    );
    const auto files = files_under(path / "blobs");
    CHECK(
        static_cast<std::int64_t>(files.size()) ==
        number(database, "SELECT count(*) FROM body WHERE file IS NOT NULL")
    );
    CHECK(files_under(path / "staging").empty());
}

} // namespace

TEST_CASE("kill -9 at any moment loses nothing acknowledged and leaves nothing half", "[store]") {
    std::string name = (std::filesystem::temp_directory_path() / "benchtop-kill9-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    const std::filesystem::path path = name;
    constexpr std::uint64_t kSeed = 20'251;
    Dice dice(kSeed);
    Knowledge known;
    for (int round = 0; round < kRounds; ++round) {
        const std::size_t words = 1 + dice.below(round % 4 == 0 ? 5 : 150);
        INFO("seed " << kSeed << ", round " << round << ", killed after " << words);
        run_and_kill(path, words, round, known);
        check(path, known);
        check_counts(path);
    }
    CHECK(known.acknowledged.size() >= kRounds);
    std::filesystem::remove_all(path);
}
