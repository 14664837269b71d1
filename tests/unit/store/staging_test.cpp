// Goal: bodies on their way in cost constant memory, leave nothing behind, and say when the disk
// refuses.
#include "tests/unit/store/store_fixture.hpp"

#include <signal.h>
#include <sys/resource.h>

using namespace benchtop;
using namespace benchtop::store;
using namespace benchtop::store::test;

TEST_CASE("small bodies stay in memory, larger ones go to a file", "[store][staging]") {
    const TemporaryDirectory directory;
    auto store = open_files(directory.path());
    const auto staging = directory.path() / "staging";
    const std::string small(kSmallBodyMax, 's');
    const StagedBody in_memory = staged(*store, small);
    CHECK(in_memory.small == small);
    CHECK(!in_memory.file);
    CHECK(count_files(staging) == 0);
    {
        const StagedBody in_file = staged(*store, small + "1");
        CHECK(in_file.file != nullptr);
        CHECK(in_file.small.empty());
        CHECK(in_file.size == kSmallBodyMax + 1);
        CHECK(count_files(staging) == 1);
        CHECK(std::filesystem::file_size(in_file.file->path()) == kSmallBodyMax + 1);
    }
    CHECK(count_files(staging) == 0);
}

TEST_CASE("a body of unknown size moves to a file when it outgrows memory", "[store][staging]") {
    const TemporaryDirectory directory;
    auto store = open_files(directory.path());
    const BucketId bucket = make_bucket(*store, "lab");
    auto stager = store->stage(std::nullopt);
    std::string expected;
    for (int i = 0; i < 10; ++i) {
        const std::string piece(60'000, static_cast<char>('a' + i));
        expected += piece;
        REQUIRE(stager->append(as_bytes(piece)));
    }
    auto body = stager->finish();
    REQUIRE(body != nullptr);
    CHECK(body->file != nullptr);
    change(*store, [&](WriteTx& tx) {
        Object object;
        object.key = "k";
        object.body = tx.add_body(*body);
        tx.put_object(bucket, object);
    });
    CHECK(get(*store, bucket, "k") == expected);
    CHECK(count_files(directory.path() / "staging") == 0);
    body.reset();
    CHECK(get(*store, bucket, "k") == expected);
}

TEST_CASE("a body announced large that comes small becomes a row", "[store][staging]") {
    const TemporaryDirectory directory;
    auto store = open_files(directory.path());
    auto stager = store->stage(10'000'000);
    REQUIRE(stager->append(as_bytes("little")));
    const auto body = stager->finish();
    REQUIRE(body != nullptr);
    CHECK(body->small == "little");
    CHECK(!body->file);
    CHECK(count_files(directory.path() / "staging") == 0);
}

TEST_CASE("a stager given up leaves no file", "[store][staging]") {
    const TemporaryDirectory directory;
    auto store = open_files(directory.path());
    auto stager = store->stage(10'000'000);
    REQUIRE(stager->append(as_bytes("little")));
    CHECK(count_files(directory.path() / "staging") == 1);
    stager.reset();
    CHECK(count_files(directory.path() / "staging") == 0);
}

TEST_CASE("a stager says so when the disk refuses, and leaves no file", "[store][staging]") {
    const TemporaryDirectory directory;
    auto store = open_files(directory.path());
    // A limit on the size of files is a disk that is full.
    const auto handler = signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    REQUIRE(getrlimit(RLIMIT_FSIZE, &before) == 0);
    rlimit limit = before;
    limit.rlim_cur = 1 << 20;
    REQUIRE(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    auto stager = store->stage(4 << 20);
    const std::string piece(1 << 19, 'x');
    std::vector<bool> taken;
    for (int i = 0; i < 4; ++i) {
        taken.push_back(stager->append(as_bytes(piece)));
    }
    const auto body = stager->finish();
    setrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, handler);
    CHECK(taken == std::vector<bool>{true, true, false, false});
    CHECK(body == nullptr);
    CHECK(count_files(directory.path() / "staging") == 0);
}

TEST_CASE("the store in memory touches no disk, however large the body", "[store][staging]") {
    auto store = open_memory_store();
    const StagedBody body = staged(*store, std::string(kSmallBodyMax * 4, 'm'));
    CHECK(!body.file);
    CHECK(body.small.size() == kSmallBodyMax * 4);
}
