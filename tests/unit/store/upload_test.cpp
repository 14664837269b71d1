// Goal: parts become an object without being copied; whatever drops the last reference to a part
// drops its bytes, and not before the last reader has read them.
#include "tests/unit/store/store_fixture.hpp"

using namespace benchtop;
using namespace benchtop::store;
using namespace benchtop::store::test;

namespace {

std::string part_bytes(int number) {
    return std::string(kSmallBodyMax + 10, static_cast<char>('0' + number));
}

void begin_upload(Store& store, BucketId bucket, std::string id, std::string key) {
    change(store, [&](WriteTx& tx) {
        Upload upload;
        upload.id = std::move(id);
        upload.bucket = bucket;
        upload.object.key = std::move(key);
        upload.object.sequencer = tx.next_sequencer({});
        upload.object.attributes.content_type = "text/plain";
        upload.initiator = "arn:aws:iam::111122223333:root";
        tx.put_upload(upload);
    });
}

void put_part(Store& store, std::string_view upload, int number, std::string_view bytes) {
    StagedBody body = staged(store, bytes);
    change(store, [&](WriteTx& tx) {
        UploadPart part;
        part.number = number;
        part.size = body.size;
        part.etag = "e" + std::to_string(number);
        part.body = tx.add_body(body);
        tx.put_upload_part(upload, part);
    });
}

void complete(Store& store, BucketId bucket, std::string_view id) {
    change(store, [&](WriteTx& tx) {
        Upload upload = *tx.find_upload(id);
        std::vector<BodySlice> slices;
        std::vector<BodyPart> parts;
        std::uint64_t size = 0;
        for (const UploadPart& part : tx.upload_parts(id, 0, 10'000)) {
            slices.push_back({part.body, 0, part.size});
            parts.push_back({size, part.size, ""});
            size += part.size;
        }
        Object object = upload.object;
        object.size = size;
        object.parts = static_cast<int>(parts.size());
        object.body = tx.compose_body(slices, parts);
        tx.put_object(bucket, object);
        tx.delete_upload_parts(id);
        upload.completion = "done";
        tx.put_upload(upload);
    });
}

} // namespace

TEST_CASE("parts become an object and go with it", "[store][upload]") {
    const TemporaryDirectory directory;
    const auto store = open_files(directory.path());
    const BucketId bucket = make_bucket(*store, "lab");
    begin_upload(*store, bucket, "u1", "big");
    put_part(*store, "u1", 1, "replaced");
    put_part(*store, "u1", 1, part_bytes(1));
    put_part(*store, "u1", 2, part_bytes(2));
    put_part(*store, "u1", 9, "small tail");
    complete(*store, bucket, "u1");
    CHECK(get(*store, bucket, "big") == part_bytes(1) + part_bytes(2) + "small tail");
    CHECK(count_files(directory.path() / "blobs") == 2);
    store->read([&](const ReadTx& tx) {
        const auto object = tx.find_object(bucket, "big");
        CHECK(object->attributes.content_type == "text/plain");
        const std::uint64_t size = kSmallBodyMax + 10;
        const auto parts = tx.body_parts(object->body, 1, 5);
        REQUIRE(parts.size() == 2);
        CHECK(parts[0].offset == size);
        CHECK(parts[1].size == 10);
        // A range over the border of two parts, and one inside the tail.
        CHECK(*whole_content(*tx.open_body({object->body, size - 1, 2})) == "12");
        CHECK(*whole_content(*tx.open_body({object->body, 2 * size + 6, 99})) == "tail");
        CHECK(tx.upload_parts("u1", 0, 10).empty());
        CHECK(tx.find_upload("u1")->completion == "done");
    });
    change(*store, [&](WriteTx& tx) { tx.delete_object(bucket, "big"); });
    store->stop();
    CHECK(count_files(directory.path() / "blobs") == 0);
}

TEST_CASE("what is deleted while it is read stays readable to its end", "[store][upload]") {
    const TemporaryDirectory directory;
    const auto store = open_files(directory.path());
    const BucketId bucket = make_bucket(*store, "lab");
    begin_upload(*store, bucket, "u1", "big");
    put_part(*store, "u1", 1, part_bytes(1));
    put_part(*store, "u1", 2, part_bytes(2));
    complete(*store, bucket, "u1");
    std::optional<BodyContent> content;
    store->read([&](const ReadTx& tx) {
        content = tx.open_body(tx.find_object(bucket, "big")->body);
    });
    change(*store, [&](WriteTx& tx) { tx.delete_object(bucket, "big"); });
    store->stop();
    CHECK(*whole_content(*content) == part_bytes(1) + part_bytes(2));
    content.reset();
    CHECK(count_files(directory.path() / "blobs") == 0);
}

TEST_CASE("a composition of compositions holds the plain bodies", "[store][upload]") {
    const auto store = open_memory_store();
    const BucketId bucket = make_bucket(*store, "lab");
    begin_upload(*store, bucket, "u1", "first");
    put_part(*store, "u1", 1, "abcde");
    put_part(*store, "u1", 2, "fghij");
    complete(*store, bucket, "u1");
    change(*store, [&](WriteTx& tx) {
        const Object first = *tx.find_object(bucket, "first");
        Object second;
        second.key = "second";
        second.size = 6;
        second.body = tx.compose_body({{first.body, 3, 4}, {first.body, 0, 2}}, {});
        tx.put_object(bucket, second);
        tx.delete_object(bucket, "first");
    });
    CHECK(get(*store, bucket, "second") == "defgab");
}

TEST_CASE("an aborted upload and a deleted bucket leave no part behind", "[store][upload]") {
    const TemporaryDirectory directory;
    const auto store = open_files(directory.path());
    const BucketId bucket = make_bucket(*store, "lab");
    begin_upload(*store, bucket, "u1", "k");
    begin_upload(*store, bucket, "u2", "k");
    begin_upload(*store, bucket, "u3", "a");
    put_part(*store, "u1", 1, part_bytes(1));
    put_part(*store, "u2", 1, part_bytes(2));
    std::string seen;
    store->read([&](const ReadTx& tx) {
        tx.scan_uploads(bucket, "", [&](const Upload& upload) {
            seen += upload.id + " ";
            return ScanStep::next();
        });
    });
    CHECK(seen == "u3 u1 u2 ");
    change(*store, [&](WriteTx& tx) { tx.delete_upload("u1"); });
    store->read([&](const ReadTx& tx) { CHECK(!tx.find_upload("u1")); });
    change(*store, [&](WriteTx& tx) { tx.delete_bucket(bucket); });
    store->stop();
    CHECK(count_files(directory.path() / "blobs") == 0);
}

TEST_CASE("an upload under way learns that its key was deleted", "[store][upload]") {
    const auto store = open_memory_store();
    const BucketId bucket = make_bucket(*store, "lab");
    put(*store, bucket, "k", "object");
    begin_upload(*store, bucket, "u1", "k");
    begin_upload(*store, bucket, "u2", "other");
    const auto deleted = [&](std::string_view id) {
        bool found = false;
        store->read([&](const ReadTx& tx) { found = tx.find_upload(id)->key_deleted; });
        return found;
    };
    put(*store, bucket, "k", "another");
    CHECK_FALSE(deleted("u1"));
    change(*store, [&](WriteTx& tx) { CHECK(tx.delete_object(bucket, "k")); });
    CHECK(deleted("u1"));
    CHECK_FALSE(deleted("u2"));
    change(*store, [&](WriteTx& tx) { CHECK_FALSE(tx.delete_object(bucket, "other")); });
    CHECK(deleted("u2"));
    begin_upload(*store, bucket, "u3", "k");
    CHECK_FALSE(deleted("u3"));
}

TEST_CASE("only the uploads that ended last are remembered", "[store][upload]") {
    const auto store = open_memory_store();
    const BucketId bucket = make_bucket(*store, "lab");
    begin_upload(*store, bucket, "open", "k");
    const auto end = [&](const std::string& id) {
        begin_upload(*store, bucket, id, "k");
        put_part(*store, id, 1, "bytes");
        change(*store, [&](WriteTx& tx) {
            Upload upload = *tx.find_upload(id);
            upload.completion = tx.next_sequencer({}) + " done";
            tx.put_upload(upload);
        });
    };
    const auto is_known = [&](std::string_view id) {
        bool known = false;
        store->read([&](const ReadTx& tx) { known = tx.find_upload(id).has_value(); });
        return known;
    };
    for (std::size_t i = 0; i < kEndedUploadsMax; ++i) {
        end("u" + std::to_string(i));
    }
    CHECK(is_known("u0"));
    end("last");
    CHECK_FALSE(is_known("u0"));
    CHECK(is_known("u1"));
    CHECK(is_known("last"));
    CHECK(is_known("open"));
    store->read([&](const ReadTx& tx) { CHECK(tx.upload_parts("u0", 0, 10).empty()); });
}

TEST_CASE("a version can be older than the current one from the start", "[store][upload]") {
    const auto store = open_memory_store();
    const BucketId bucket = make_bucket(*store, "lab");
    begin_upload(*store, bucket, "u1", "k");
    put_part(*store, "u1", 1, "upload");
    put(*store, bucket, "k", "object");
    change(*store, [&](WriteTx& tx) {
        Object object = tx.find_upload("u1")->object;
        object.version_id = "v";
        object.size = 6;
        object.body = tx.find_upload_part("u1", 1)->body;
        tx.put_noncurrent_version(bucket, object);
        tx.delete_upload("u1");
    });
    CHECK(get(*store, bucket, "k") == "object");
    store->read([&](const ReadTx& tx) {
        const auto older = tx.find_version(bucket, "k", "v");
        REQUIRE(older);
        CHECK(*whole_content(*tx.open_body(older->body)) == "upload");
    });
    change(*store, [&](WriteTx& tx) { tx.delete_version(bucket, "k", ""); });
    CHECK(get(*store, bucket, "k") == "upload");
}
