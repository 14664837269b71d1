// Goal: of all versions of a key exactly the newest live one is an object; what is deleted,
// replaced or brought back keeps bodies and order right. Held against a plain model.
#include "tests/unit/store/store_fixture.hpp"

#include <algorithm>
#include <map>

using namespace benchtop;
using namespace benchtop::store;
using namespace benchtop::store::test;

namespace {

// "v3", "null", "v2(marker)": newest first, "*" before the current one.
std::string versions_of(Store& store, BucketId bucket, std::string_view from = "") {
    std::string text;
    store.read([&](const ReadTx& tx) {
        tx.scan_versions(bucket, from, "", [&](const Object& version, bool current) {
            text += text.empty() ? "" : " ";
            text += current ? "*" : "";
            text += version.key + ":" + (version.version_id.empty() ? "null" : version.version_id);
            text += version.delete_marker ? "(marker)" : "";
            return ScanStep::next();
        });
    });
    return text;
}

void put_version(
    Store& store, BucketId bucket, std::string key, std::string id, std::string_view bytes
) {
    StagedBody body = staged(store, bytes);
    change(store, [&](WriteTx& tx) {
        Object object;
        object.key = std::move(key);
        object.version_id = std::move(id);
        object.size = body.size;
        object.sequencer = tx.next_sequencer({});
        object.body = tx.add_body(body);
        tx.put_object(bucket, object, Displaced::Kept);
    });
}

void put_marker(Store& store, BucketId bucket, std::string key, std::string id) {
    change(store, [&](WriteTx& tx) {
        Object marker;
        marker.key = std::move(key);
        marker.version_id = std::move(id);
        marker.delete_marker = true;
        marker.sequencer = tx.next_sequencer({});
        tx.put_delete_marker(bucket, marker, Displaced::Kept);
    });
}

bool delete_version(Store& store, BucketId bucket, std::string_view key, std::string_view id) {
    bool found = false;
    change(store, [&](WriteTx& tx) { found = tx.delete_version(bucket, key, id).has_value(); });
    return found;
}

std::string bytes_of(Store& store, BucketId bucket, std::string_view key, std::string_view id) {
    std::string bytes = "none";
    store.read([&](const ReadTx& tx) {
        if (const auto version = tx.find_version(bucket, key, id)) {
            bytes = whole_content(*tx.open_body(version->body)).value();
        }
    });
    return bytes;
}

} // namespace

TEST_CASE(
    "versions stay, newest first, and only the current one is an object", "[store][version]"
) {
    const auto store = open_memory_store();
    const BucketId bucket = make_bucket(*store, "lab");
    put_version(*store, bucket, "k", "", "before versioning");
    put_version(*store, bucket, "k", "v1", "one");
    put_version(*store, bucket, "k", "v2", "two");
    put_version(*store, bucket, "a", "v0", "other");
    CHECK(versions_of(*store, bucket) == "*a:v0 *k:v2 k:v1 k:null");
    CHECK(versions_of(*store, bucket, "b") == "*k:v2 k:v1 k:null");
    CHECK(get(*store, bucket, "k") == "two");
    CHECK(bytes_of(*store, bucket, "k", "v1") == "one");
    CHECK(bytes_of(*store, bucket, "k", "") == "before versioning");
    CHECK(bytes_of(*store, bucket, "k", "v9") == "none");
}

TEST_CASE("a delete marker hides an object until it is deleted itself", "[store][version]") {
    const auto store = open_memory_store();
    const BucketId bucket = make_bucket(*store, "lab");
    put_version(*store, bucket, "k", "v1", "one");
    put_marker(*store, bucket, "k", "m1");
    put_marker(*store, bucket, "k", "m2");
    CHECK(versions_of(*store, bucket) == "*k:m2(marker) k:m1(marker) k:v1");
    CHECK(!get(*store, bucket, "k"));
    CHECK(delete_version(*store, bucket, "k", "m1"));
    CHECK(!get(*store, bucket, "k"));
    CHECK(delete_version(*store, bucket, "k", "m2"));
    CHECK(get(*store, bucket, "k") == "one");
    CHECK(versions_of(*store, bucket) == "*k:v1");
    CHECK(!delete_version(*store, bucket, "k", "m2"));
}

TEST_CASE("the null version is replaced wherever it is", "[store][version]") {
    const auto store = open_memory_store();
    const BucketId bucket = make_bucket(*store, "lab");
    put_version(*store, bucket, "k", "", "first null");
    put_version(*store, bucket, "k", "v1", "one");
    put_version(*store, bucket, "k", "", "second null");
    CHECK(versions_of(*store, bucket) == "*k:null k:v1");
    CHECK(get(*store, bucket, "k") == "second null");
    put_marker(*store, bucket, "k", "");
    CHECK(versions_of(*store, bucket) == "*k:null(marker) k:v1");
    put_version(*store, bucket, "k", "", "third null");
    CHECK(versions_of(*store, bucket) == "*k:null k:v1");
    CHECK(delete_version(*store, bucket, "k", ""));
    CHECK(get(*store, bucket, "k") == "one");
}

TEST_CASE("a version written onto itself keeps its body", "[store][version]") {
    const auto store = open_memory_store();
    const BucketId bucket = make_bucket(*store, "lab");
    put_version(*store, bucket, "k", "", "kept");
    put_version(*store, bucket, "k", "v1", "one");
    change(*store, [&](WriteTx& tx) {
        Object copy = *tx.find_version(bucket, "k", "");
        copy.sequencer = tx.next_sequencer({});
        tx.put_object(bucket, copy, Displaced::Kept);
    });
    CHECK(get(*store, bucket, "k") == "kept");
    CHECK(versions_of(*store, bucket) == "*k:null k:v1");
}

TEST_CASE("a scan goes on in the middle of a key and skips", "[store][version]") {
    const auto store = open_memory_store();
    const BucketId bucket = make_bucket(*store, "lab");
    for (const char* key : {"a/1", "a/2", "b"}) {
        put_version(*store, bucket, key, "v1", "one");
        put_version(*store, bucket, key, "v2", "two");
    }
    std::string seen;
    store->read([&](const ReadTx& tx) {
        const std::string newest = tx.current_version(bucket, "a/2")->sequencer;
        tx.scan_versions(bucket, "a/2", newest, [&](const Object& version, bool current) {
            seen += version.key + version.version_id + (current ? "*" : "") + " ";
            return ScanStep::next();
        });
        CHECK(seen == "a/2v1 bv2* bv1 ");
        seen.clear();
        tx.scan_versions(bucket, "", "", [&](const Object& version, bool) {
            seen += version.key + " ";
            return version.key.starts_with("a/") ? ScanStep::to("a0") : ScanStep::stop();
        });
        CHECK(seen == "a/1 b ");
    });
    // What the scan began after is gone, and so is what was newer: the rest is still seen.
    std::string before;
    store->read([&](const ReadTx& tx) { before = tx.current_version(bucket, "b")->sequencer; });
    CHECK(delete_version(*store, bucket, "b", "v2"));
    const auto rest = [&] {
        seen.clear();
        store->read([&](const ReadTx& tx) {
            tx.scan_versions(bucket, "b", before, [&](const Object& version, bool current) {
                seen += version.version_id + (current ? "*" : "") + " ";
                return ScanStep::next();
            });
        });
        return seen;
    };
    CHECK(rest() == "v1* ");
    put_marker(*store, bucket, "b", "m1");
    CHECK(rest() == "v1 ");
}

TEST_CASE("details of a version change in place", "[store][version]") {
    const auto store = open_memory_store();
    const BucketId bucket = make_bucket(*store, "lab");
    put_version(*store, bucket, "k", "v1", "one");
    put_version(*store, bucket, "k", "v2", "two");
    change(*store, [&](WriteTx& tx) {
        for (const char* id : {"v1", "v2"}) {
            Object version = *tx.find_version(bucket, "k", id);
            version.attributes.tags = {{"id", id}};
            tx.update_version(bucket, version);
        }
    });
    store->read([&](const ReadTx& tx) {
        CHECK(tx.find_version(bucket, "k", "v1")->attributes.tags.front().second == "v1");
        CHECK(tx.find_object(bucket, "k")->attributes.tags.front().second == "v2");
    });
}

TEST_CASE("any series of writes and deletes gives what a list would", "[store][version]") {
    const auto store = open_memory_store();
    const BucketId bucket = make_bucket(*store, "lab");

    struct Version {
        std::string id;
        bool marker;
    };

    std::map<std::string, std::vector<Version>> model; // newest first
    std::mt19937 dice(11);
    for (int step = 0; step < 600; ++step) {
        const std::string key(1, static_cast<char>('a' + dice() % 3));
        auto& versions = model[key];
        const bool null_version = dice() % 3 == 0;
        const std::string id = null_version ? "" : "v" + std::to_string(step);
        switch (dice() % 3) {
        case 0:
            put_version(*store, bucket, key, id, "x");
            break;
        case 1:
            put_marker(*store, bucket, key, id);
            break;
        default: {
            if (versions.empty()) {
                continue;
            }
            const auto chosen = versions.begin() + static_cast<long>(dice() % versions.size());
            CHECK(delete_version(*store, bucket, key, chosen->id));
            versions.erase(chosen);
            continue;
        }
        }
        std::erase_if(versions, [&](const Version& version) { return version.id == id; });
        bool marker = false;
        store->read([&](const ReadTx& tx) {
            marker = tx.current_version(bucket, key)->delete_marker;
        });
        versions.insert(versions.begin(), {id, marker});
    }
    std::string expected;
    for (const auto& [key, versions] : model) {
        for (const Version& version : versions) {
            expected += expected.empty() ? "" : " ";
            expected += &version == &versions.front() ? "*" : "";
            expected += key + ":" + (version.id.empty() ? "null" : version.id);
            expected += version.marker ? "(marker)" : "";
        }
        CHECK(
            get(*store, bucket, key).has_value() == (!versions.empty() && !versions.front().marker)
        );
    }
    CHECK(versions_of(*store, bucket) == expected);
}
