// Goal: what only the store in a directory promises: persistence, its lock, its files, recovery,
// many threads.
#include "emulator/store/batch_writer.hpp"
#include "emulator/store/blob_directory.hpp"
#include "emulator/store/schema.hpp"
#include "tests/unit/store/store_fixture.hpp"

#include <sqlite3.h>

#include <latch>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

using namespace benchtop;
using namespace benchtop::store;
using namespace benchtop::store::test;

namespace {

std::string open_error(const std::filesystem::path& path) {
    SeededRandom random;
    const auto store = open_file_store({path, Durability::KillSafe}, random);
    return store ? std::string() : store.error().message();
}

} // namespace

TEST_CASE("everything is there after a restart", "[store][file]") {
    const TemporaryDirectory directory;
    const Durability durability = GENERATE(Durability::KillSafe, Durability::Fsync);
    const std::string large(kSmallBodyMax + 7, 'l');
    BucketId bucket = 0;
    {
        auto store = open_files(directory.path(), durability);
        bucket = make_bucket(*store, "lab");
        put(*store, bucket, "small", "s");
        put(*store, bucket, "large", large);
        change(*store, [](WriteTx& tx) {
            tx.add_advance({from_epoch_seconds(1), seconds(301)});
            tx.add_delivery(delivery_for("k", DeliveryState::Pending));
        });
    }
    auto store = open_files(directory.path(), durability);
    CHECK(!store->recovery_report().unclean);
    CHECK(get(*store, bucket, "small") == "s");
    CHECK(get(*store, bucket, "large") == large);
    std::int64_t pending = 0;
    store->read([&](const ReadTx& tx) {
        CHECK(tx.time_axis().total() == seconds(301));
        REQUIRE(tx.pending_deliveries().size() == 1);
        pending = tx.pending_deliveries()[0].id;
    });
    // Ids continue.
    change(*store, [&](WriteTx& tx) {
        CHECK(tx.add_delivery(delivery_for("k", DeliveryState::Done)) > pending);
    });
    put(*store, bucket, "large2", large + "x");
    CHECK(get(*store, bucket, "large") == large);
}

TEST_CASE("sequencers ascend over a restart, in the same second and back in time", "[store]") {
    const TemporaryDirectory directory;
    std::vector<std::string> all;
    for (const std::int64_t second : {1'700'000'000, 1'700'000'000, 1'600'000'000}) {
        auto store = open_files(directory.path());
        for (int i = 0; i < 3; ++i) {
            change(*store, [&](WriteTx& tx) {
                all.push_back(tx.next_sequencer(from_epoch_seconds(second)));
            });
        }
    }
    CHECK(std::is_sorted(all.begin(), all.end()));
    CHECK(std::adjacent_find(all.begin(), all.end()) == all.end());
    // In good order nothing is skipped.
    CHECK(all.back() == "006553F10000000008");
}

TEST_CASE("a directory in use by another store is refused in a sentence", "[store][file]") {
    const TemporaryDirectory directory;
    auto store = open_files(directory.path());
    CHECK(open_error(directory.path()).find("in use by another Benchtop") != std::string::npos);
    store.reset();
    CHECK(open_error(directory.path()).empty());
}

TEST_CASE("a directory that cannot be written is refused in a sentence", "[store][file]") {
    const TemporaryDirectory directory;
    if (::geteuid() != 0) { // root may write anywhere
        ::chmod(directory.path().c_str(), 0500);
        CHECK(open_error(directory.path()).find("cannot write") != std::string::npos);
        ::chmod(directory.path().c_str(), 0700);
    }
    std::ofstream(directory.path() / "file") << "x";
    CHECK(!open_error(directory.path() / "file").empty());
    CHECK(!open_error(directory.path() / "file" / "below").empty());
}

TEST_CASE("a data directory from a newer version is refused", "[store][file]") {
    const TemporaryDirectory directory;
    open_files(directory.path())->stop();
    sqlite3* db = nullptr;
    const std::string path = (directory.path() / "benchtop.db").string();
    REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
    sqlite3_exec(db, "PRAGMA user_version = 99", nullptr, nullptr, nullptr);
    sqlite3_close(db);
    CHECK(open_error(directory.path()).find("schema version 99") != std::string::npos);
}

TEST_CASE("a large body's file goes with its last reference, not before", "[store][file]") {
    const TemporaryDirectory directory;
    auto store = open_files(directory.path());
    const auto blobs = directory.path() / "blobs";
    const BucketId bucket = make_bucket(*store, "lab");
    put(*store, bucket, "original", std::string(kSmallBodyMax + 1, 'x'));
    CHECK(count_files(blobs) == 1);
    change(*store, [&](WriteTx& tx) {
        Object copy = *tx.find_object(bucket, "original");
        copy.key = "copy";
        tx.put_object(bucket, copy);
        tx.delete_object(bucket, "original");
    });
    CHECK(count_files(blobs) == 1);
    change(*store, [&](WriteTx& tx) { tx.delete_object(bucket, "copy"); });
    store->stop();
    CHECK(count_files(blobs) == 0);
}

TEST_CASE("a reader that holds a body open can read it after its deletion", "[store][file]") {
    const TemporaryDirectory directory;
    auto store = open_files(directory.path());
    const BucketId bucket = make_bucket(*store, "lab");
    put(*store, bucket, "k", std::string(kSmallBodyMax + 1, 'x'));
    std::optional<BodyContent> content;
    store->read([&](const ReadTx& tx) {
        content = tx.open_body(tx.find_object(bucket, "k")->body);
        // Committed elsewhere while this snapshot lives: it still sees the object, the file is
        // gone.
        std::thread([&] {
            change(*store, [&](WriteTx& writer) { writer.delete_object(bucket, "k"); });
            store->stop();
        }).join();
        const auto object = tx.find_object(bucket, "k");
        REQUIRE(object.has_value());
        CHECK(!tx.open_body(object->body));
    });
    const auto& file = std::get<FileSlice>(*content).file;
    char last = 0;
    CHECK(::pread(file->fd(), &last, 1, kSmallBodyMax) == 1);
    CHECK(last == 'x');
    CHECK(!get(*store, bucket, "k"));
}

TEST_CASE("a file adopted by a job that is undone does not stay", "[store][file]") {
    const TemporaryDirectory directory;
    auto store = open_files(directory.path());
    const BucketId bucket = make_bucket(*store, "lab");
    const bool throws = GENERATE(false, true);
    StagedBody body = staged(*store, std::string(kSmallBodyMax + 1, 'x'));
    commit(*store, [&](WriteTx& tx) {
        Object object;
        object.key = "k";
        object.body = tx.add_body(body);
        tx.put_object(bucket, object);
        CHECK(count_files(directory.path() / "blobs") == 1);
        if (throws) {
            throw StoreFailure("broken");
        }
        return false;
    });
    CHECK(count_files(directory.path() / "blobs") == 0);
    CHECK(count_files(directory.path() / "staging") == 0);
}

TEST_CASE("one undone job of a batch leaves the others", "[store][batch]") {
    const TemporaryDirectory directory;
    auto store = open_files(directory.path());
    // The first job holds the writer until the rest is queued, so that they share a commit.
    std::latch queued(1);
    std::vector<CommitStatus> statuses(7, CommitStatus::Failed);
    std::vector<int> order;
    for (int i = 0; i < 7; ++i) {
        store->write(
            {[i, &queued](WriteTx& tx) -> bool {
                 if (i == 0) {
                     queued.wait();
                 }
                 tx.set_setting("n" + std::to_string(i), "x");
                 if (i == 3) {
                     throw StoreFailure("broken");
                 }
                 return i != 4;
             },
             [i, &statuses, &order](CommitStatus status) {
                 statuses[static_cast<std::size_t>(i)] = status;
                 order.push_back(i);
             }}
        );
    }
    queued.count_down();
    store->stop();
    CHECK(order == std::vector<int>{0, 1, 2, 3, 4, 5, 6});
    store->read([&](const ReadTx& tx) {
        for (int i = 0; i < 7; ++i) {
            INFO(i);
            CHECK(tx.setting("n" + std::to_string(i)).has_value() == (i != 3 && i != 4));
            CHECK(
                statuses[static_cast<std::size_t>(i)] ==
                (i == 3 ? CommitStatus::Failed : CommitStatus::Committed)
            );
        }
    });
}

TEST_CASE("a full disk fails the jobs it meets, and only them", "[store][batch]") {
    const TemporaryDirectory directory;
    Commons commons({}, false);
    Connection connection((directory.path() / "t.db").string(), Access::ReadWrite, commons);
    migrate(connection.handle(), migrations());
    BatchWriter writer(connection, commons);
    std::vector<std::string> failures;
    writer.on_failure([&](std::string_view why) { failures.emplace_back(why); });
    std::vector<CommitStatus> statuses(5, CommitStatus::Committed);
    std::vector<WriteJob> jobs;
    for (std::size_t i = 0; i < statuses.size(); ++i) {
        jobs.push_back(
            {[i](WriteTx& tx) {
                 tx.set_setting("n" + std::to_string(i), std::string(i == 2 ? 400'000 : 10, 'x'));
                 return true;
             },
             [&statuses, i](CommitStatus status) { statuses[i] = status; }}
        );
    }
    connection.execute("PRAGMA max_page_count = 60");
    writer.commit(jobs);
    CHECK(statuses[2] == CommitStatus::Failed);
    CHECK(statuses[4] == CommitStatus::Committed);
    REQUIRE(failures.size() == 1);
    CHECK(failures[0].find("full") != std::string::npos);
    // Whatever SQLite took down with the failing job, no status may be wrong.
    const ReadTx tx(connection);
    for (std::size_t i = 0; i < statuses.size(); ++i) {
        INFO(i);
        const bool there = tx.setting("n" + std::to_string(i)).has_value();
        CHECK(there == (statuses[i] == CommitStatus::Committed));
    }
}

TEST_CASE("a commit that fails fails every job of the batch", "[store][batch]") {
    const TemporaryDirectory directory;
    std::filesystem::create_directories(directory.path() / "blobs");
    Commons commons(directory.path() / "blobs", false);
    Connection connection((directory.path() / "t.db").string(), Access::ReadWrite, commons);
    migrate(connection.handle(), migrations());
    BatchWriter writer(connection, commons);
    bool refuse = true;
    sqlite3_commit_hook(
        connection.handle(), [](void* flag) { return *static_cast<bool*>(flag) ? 1 : 0; }, &refuse
    );
    int heard = 0;
    writer.on_deliveries([&](const std::vector<Delivery>&) { ++heard; });
    const std::string path = (directory.path() / "staged").string();
    auto stager = make_file_stager(system_files(), path, kSmallBodyMax * 2, false);
    REQUIRE(stager->append(as_bytes(std::string(kSmallBodyMax * 2, 'x'))));
    const auto body = stager->finish();
    std::vector<CommitStatus> statuses;
    const auto done = [&](CommitStatus status) { statuses.push_back(status); };
    std::vector<WriteJob> jobs(2);
    jobs[0] = {
        [&](WriteTx& tx) {
            Object object;
            object.key = "k";
            object.body = tx.add_body(*body);
            tx.put_object(1, object);
            tx.put_user({});
            tx.add_delivery(delivery_for("k", DeliveryState::Pending));
            return true;
        },
        done};
    jobs[1] = {
        [](WriteTx& tx) {
            tx.next_sequencer(from_epoch_seconds(1));
            return true;
        },
        done};
    writer.commit(jobs);
    CHECK(statuses == std::vector<CommitStatus>(2, CommitStatus::Failed));
    CHECK(heard == 0);
    CHECK(writer.identity_epoch() == 0);
    CHECK(count_files(directory.path() / "blobs") == 0);
    CHECK(!ReadTx(connection).find_object(1, "k"));
    refuse = false;
    std::vector<WriteJob> again(1);
    again[0] = {std::move(jobs[1].run), done};
    writer.commit(again);
    CHECK(statuses.back() == CommitStatus::Committed);
    // The reservation of the failed batch was undone and has been made again.
    CHECK(ReadTx(connection).setting(kSequencerSetting).has_value());
}

TEST_CASE("after an unclean end staging is emptied and orphans are removed", "[store][recovery]") {
    const TemporaryDirectory directory;
    BucketId bucket = 0;
    const std::string large(kSmallBodyMax + 1, 'x');
    {
        auto store = open_files(directory.path());
        bucket = make_bucket(*store, "lab");
        put(*store, bucket, "kept", large);
        put(*store, bucket, "missing", large);
        store->stop();
        store->read([&](const ReadTx& tx) {
            const auto content = tx.open_body(tx.find_object(bucket, "missing")->body);
            const int fd = std::get<FileSlice>(*content).file->fd();
            const auto path = std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(fd));
            std::filesystem::remove(path);
        });
    }
    std::filesystem::remove(directory.path() / "clean");
    std::ofstream(directory.path() / "staging" / "abandoned") << "x";
    std::filesystem::create_directories(directory.path() / "blobs" / "ff");
    std::ofstream(directory.path() / "blobs" / "ff" / "00000000000000ff") << "x";

    auto store = open_files(directory.path());
    const RecoveryReport report = store->recovery_report();
    CHECK(report.unclean);
    CHECK(report.staged_removed == 1);
    CHECK(report.files_removed == 1);
    CHECK(report.files_missing == 1);
    CHECK(report.bodies_removed == 0);
    CHECK(count_files(directory.path() / "staging") == 0);
    CHECK(count_files(directory.path() / "blobs") == 1);
    CHECK(get(*store, bucket, "kept") == large);
    store.reset();
    CHECK(!open_files(directory.path())->recovery_report().unclean);
}

TEST_CASE("readers see whole commits only, however many threads write", "[store][threads]") {
    const TemporaryDirectory directory;
    auto store = open_files(directory.path());
    const BucketId bucket = make_bucket(*store, "lab");
    constexpr int kWriters = 4;
    constexpr int kRounds = 100;
    std::atomic<bool> writing{true};
    std::atomic<int> torn{0};
    std::atomic<int> reads{0};
    std::vector<std::thread> readers;
    for (int r = 0; r < 3; ++r) {
        readers.emplace_back([&] {
            do {
                store->read([&](const ReadTx& tx) {
                    // Each commit puts left and right with the same tag, and counts once.
                    const auto left = tx.find_object(bucket, "left");
                    const auto right = tx.find_object(bucket, "right");
                    const auto count = tx.setting("count");
                    const auto deliveries = tx.list_deliveries("", "", 1);
                    const bool whole = left.has_value() == right.has_value() &&
                                       (!left || (left->etag == right->etag &&
                                                  *count == std::to_string(deliveries.at(0).id)));
                    torn += whole ? 0 : 1;
                    ++reads;
                });
            } while (writing);
        });
    }
    std::atomic<int> committed{0};
    std::vector<std::thread> writers;
    for (int w = 0; w < kWriters; ++w) {
        writers.emplace_back([&, w] {
            for (int i = 0; i < kRounds; ++i) {
                StagedBody body = staged(*store, "x");
                const auto status = commit(*store, [&](WriteTx& tx) {
                    Object object;
                    object.etag = std::to_string(w) + "-" + std::to_string(i);
                    object.body = tx.add_body(body);
                    object.key = "left";
                    tx.put_object(bucket, object);
                    object.key = "right";
                    tx.put_object(bucket, object);
                    const auto id = tx.add_delivery(delivery_for("k", DeliveryState::Done));
                    tx.set_setting("count", std::to_string(id));
                    return true;
                });
                committed += status == CommitStatus::Committed ? 1 : 0;
            }
        });
    }
    for (auto& thread : writers) {
        thread.join();
    }
    writing = false;
    for (auto& thread : readers) {
        thread.join();
    }
    CHECK(committed == kWriters * kRounds);
    CHECK(torn == 0);
    CHECK(reads >= 3);
    store->read([&](const ReadTx& tx) {
        CHECK(tx.setting("count") == std::to_string(kWriters * kRounds));
    });
}
