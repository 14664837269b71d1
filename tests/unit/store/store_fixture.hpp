// What the store's tests share: a seeded Random, a directory of their own, short ways to write.
#pragma once

#include "emulator/store/store.hpp"
#include "tests/catch.hpp"

#include <filesystem>
#include <fstream>
#include <future>
#include <random>
#include <stdlib.h>
#include <string>
#include <utility>

namespace benchtop::store::test {

class SeededRandom final : public Random {
public:
    void fill(RandomStream, std::span<char> bytes) override {
        for (char& c : bytes) {
            c = static_cast<char>(engine_());
        }
    }

private:
    std::mt19937_64 engine_{7};
};

class TemporaryDirectory {
public:
    TemporaryDirectory() {
        std::string name = (std::filesystem::temp_directory_path() / "benchtop-XXXXXX").string();
        REQUIRE(mkdtemp(name.data()) != nullptr);
        path_ = name;
    }

    ~TemporaryDirectory() {
        std::error_code error;
        std::filesystem::remove_all(path_, error);
    }

    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

inline std::unique_ptr<Store>
open_files(const std::filesystem::path& path, Durability durability = Durability::KillSafe) {
    SeededRandom random;
    auto store = open_file_store({path, durability}, random);
    INFO((store ? std::string() : store.error().message()));
    REQUIRE(store.has_value());
    return std::move(*store);
}

// Submits and waits for the commit.
inline CommitStatus commit(Store& store, std::move_only_function<bool(WriteTx&)> run) {
    std::promise<CommitStatus> promise;
    auto status = promise.get_future();
    store.write({std::move(run), [&promise](CommitStatus s) { promise.set_value(s); }});
    return status.get();
}

// Likewise for a change that must succeed.
template <class F>
void change(Store& store, F run) {
    REQUIRE(commit(store, [&run](WriteTx& tx) {
                run(tx);
                return true;
            }) == CommitStatus::Committed);
}

inline StagedBody staged(Store& store, std::string_view bytes) {
    auto stager = store.stage(bytes.size());
    REQUIRE(stager->append(as_bytes(bytes)));
    auto body = stager->finish();
    REQUIRE(body != nullptr);
    return std::move(*body);
}

inline BucketId make_bucket(Store& store, std::string name) {
    BucketId id = 0;
    change(store, [&](WriteTx& tx) {
        Bucket bucket;
        bucket.name = std::move(name);
        bucket.account = "111122223333";
        bucket.region = "us-east-2";
        id = tx.create_bucket(bucket);
    });
    return id;
}

inline void put(Store& store, BucketId bucket, std::string key, std::string_view bytes) {
    StagedBody body = staged(store, bytes);
    change(store, [&](WriteTx& tx) {
        Object object;
        object.key = key;
        object.size = body.size;
        object.body = tx.add_body(body);
        tx.put_object(bucket, object);
    });
}

// The object's bytes as a reader sees them; nullopt when there is no such object.
inline std::optional<std::string> get(Store& store, BucketId bucket, std::string_view key) {
    std::optional<std::string> bytes;
    store.read([&](const ReadTx& tx) {
        const auto object = tx.find_object(bucket, key);
        if (!object) {
            return;
        }
        const auto content = tx.open_body(object->body);
        REQUIRE(content.has_value());
        bytes = whole_content(*content);
        REQUIRE(bytes.has_value());
    });
    return bytes;
}

inline std::size_t count_files(const std::filesystem::path& path) {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
        count += entry.is_regular_file() ? 1 : 0;
    }
    return count;
}

inline Delivery delivery_for(std::string key, DeliveryState state) {
    Delivery delivery;
    delivery.state = state;
    delivery.bucket = "lab";
    delivery.key = std::move(key);
    delivery.event_name = "ObjectCreated:Put";
    delivery.payload = "{}";
    return delivery;
}

} // namespace benchtop::store::test
