// Goal: both stores keep the promises of tx.hpp. Method: the same cases against the store in memory
// and the store in a directory.
#include "tests/unit/store/store_fixture.hpp"

#include <algorithm>

using namespace benchtop;
using namespace benchtop::store;
using namespace benchtop::store::test;

namespace {

struct AnyStore {
    TemporaryDirectory directory;
    std::unique_ptr<Store> store;

    explicit AnyStore(bool files)
        : store(files ? open_files(directory.path() / "data") : open_memory_store()) {}

    Store& operator*() { return *store; }
};

UtcInstant at(std::int64_t seconds) {
    return from_epoch_seconds(seconds);
}

} // namespace

TEST_CASE("an account's ids depend on its number only and have AWS's shape", "[store][account]") {
    auto one = open_memory_store();
    auto two = open_memory_store();
    Account a, b, other;
    one->read([&](const ReadTx& tx) {
        a = tx.account("111122223333");
        other = tx.account("444455556666");
    });
    two->read([&](const ReadTx& tx) { b = tx.account("111122223333"); });
    CHECK(a.canonical_id == b.canonical_id);
    CHECK(a.owner_principal_id == b.owner_principal_id);
    CHECK(a.canonical_id != other.canonical_id);
    CHECK(a.owner_principal_id != other.owner_principal_id);
    CHECK(a.canonical_id.size() == 64);
    CHECK(a.canonical_id.find_first_not_of("0123456789abcdef") == std::string::npos);
    CHECK(a.owner_principal_id.size() == 14);
    CHECK(a.owner_principal_id[0] == 'A');
    CHECK(
        a.owner_principal_id.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") ==
        std::string::npos
    );
}

TEST_CASE("identities come back as they were put, replaced by name, deleted", "[store][identity]") {
    AnyStore store(GENERATE(false, true));
    change(*store, [](WriteTx& tx) {
        tx.put_user({"111122223333", "ana", "/class/", "AIDAX", at(5), ""});
        tx.put_user({"111122223333", "ana", "/", "AIDAY", at(6), ""});
        tx.put_role({"111122223333", "web", "/", "AROAX", "{trust}", at(7), ""});
        tx.put_inline_policy(PrincipalKind::Role, "111122223333", "web", {"b", "{2}"});
        tx.put_inline_policy(PrincipalKind::Role, "111122223333", "web", {"a", "{1}"});
        tx.put_inline_policy(PrincipalKind::User, "111122223333", "web", {"c", "{3}"});
        AccessKey temporary;
        temporary.access_key_id = "ASIA1";
        temporary.secret = "s";
        temporary.account = "111122223333";
        temporary.kind = PrincipalKind::Role;
        temporary.principal_name = "web";
        temporary.session_name = "session";
        temporary.session_token = "token";
        temporary.session_policy = "{p}";
        temporary.issued_at = at(8);
        temporary.lifetime = seconds(900);
        tx.put_access_key(temporary);
        AccessKey permanent;
        permanent.access_key_id = "AKIA1";
        tx.put_access_key(permanent);
    });
    (*store).read([](const ReadTx& tx) {
        const auto user = tx.find_user("111122223333", "ana");
        REQUIRE(user.has_value());
        CHECK(user->user_id == "AIDAY");
        CHECK(user->path == "/");
        CHECK(user->created_at == at(6));
        CHECK(!tx.find_user("444455556666", "ana"));
        const auto role = tx.find_role("111122223333", "web");
        REQUIRE(role.has_value());
        CHECK(role->trust_policy == "{trust}");
        const auto policies = tx.inline_policies(PrincipalKind::Role, "111122223333", "web");
        REQUIRE(policies.size() == 2);
        CHECK(policies[0].name == "a");
        CHECK(policies[1].document == "{2}");
        const auto temporary = tx.find_access_key("ASIA1");
        REQUIRE(temporary.has_value());
        CHECK(temporary->kind == PrincipalKind::Role);
        CHECK(temporary->session_token == "token");
        CHECK(temporary->session_policy == "{p}");
        CHECK(temporary->lifetime == microseconds(900'000'000));
        const auto permanent = tx.find_access_key("AKIA1");
        REQUIRE(permanent.has_value());
        CHECK(!permanent->lifetime);
    });
    change(*store, [](WriteTx& tx) {
        tx.delete_access_key("ASIA1");
        tx.delete_inline_policy(PrincipalKind::Role, "111122223333", "web", "a");
    });
    (*store).read([](const ReadTx& tx) {
        CHECK(!tx.find_access_key("ASIA1"));
        CHECK(tx.inline_policies(PrincipalKind::Role, "111122223333", "web").size() == 1);
    });
}

TEST_CASE(
    "a bucket's version grows with its configuration, its id is never used again", "[store]"
) {
    AnyStore store(GENERATE(false, true));
    const BucketId first = make_bucket(*store, "lab");
    const BucketId other = make_bucket(*store, "alpha");
    change(*store, [&](WriteTx& tx) {
        tx.set_bucket_notification(first, "<n/>");
        tx.set_bucket_policy(first, "{}");
    });
    (*store).read([&](const ReadTx& tx) {
        const auto bucket = tx.find_bucket("lab");
        REQUIRE(bucket.has_value());
        CHECK(bucket->version == 3);
        CHECK(bucket->notification == "<n/>");
        CHECK(bucket->policy == "{}");
        CHECK(bucket->region == "us-east-2");
        const auto all = tx.list_buckets("111122223333");
        REQUIRE(all.size() == 2);
        CHECK(all[0].name == "alpha");
        CHECK(tx.list_buckets("444455556666").empty());
    });
    change(*store, [&](WriteTx& tx) {
        tx.delete_bucket(first);
        tx.delete_bucket(other);
    });
    CHECK(make_bucket(*store, "lab") > other);
}

TEST_CASE("a bucket that is not empty is not deleted", "[store]") {
    AnyStore store(GENERATE(false, true));
    const BucketId bucket = make_bucket(*store, "lab");
    put(*store, bucket, "k", "v");
    std::string reason;
    (*store).on_failure([&](std::string_view why) { reason = why; });
    CHECK(commit(*store, [&](WriteTx& tx) {
              tx.delete_bucket(bucket);
              return true;
          }) == CommitStatus::Failed);
    (*store).stop();
    CHECK(!reason.empty());
    (*store).read([&](const ReadTx& tx) {
        CHECK(tx.has_objects(bucket));
        CHECK(tx.find_bucket("lab").has_value());
    });
}

TEST_CASE("objects come back whole, whatever bytes their keys are made of", "[store][object]") {
    AnyStore store(GENERATE(false, true));
    const BucketId bucket = make_bucket(*store, "lab");
    const std::vector<std::string> keys{
        std::string("nul\0inside", 10),
        std::string("\xff\xfe", 2),
        std::string(1024, 'k'),
        std::string("\0", 1),
        "plain",
        "\xe2\x82\xac/euro",
    };
    for (const std::string& key : keys) {
        put(*store, bucket, key, "bytes of " + key);
    }
    for (const std::string& key : keys) {
        CHECK(get(*store, bucket, key) == "bytes of " + key);
    }
    CHECK(!get(*store, bucket, "absent"));
    CHECK(!get(*store, bucket + 1, "plain"));
    std::vector<std::string> seen;
    (*store).read([&](const ReadTx& tx) {
        tx.scan_objects(bucket, "", [&](const Object& object) {
            seen.push_back(object.key);
            return ScanStep::next();
        });
    });
    std::vector<std::string> in_order = keys;
    std::sort(in_order.begin(), in_order.end()); // std::string compares as unsigned bytes
    CHECK(seen == in_order);
}

TEST_CASE("every attribute of an object survives", "[store][object]") {
    AnyStore store(GENERATE(false, true));
    const BucketId bucket = make_bucket(*store, "lab");
    Object object;
    object.key = "k";
    object.etag = "etag";
    object.last_modified = UtcInstant{microseconds{1'700'000'000'123'456}};
    object.checksum_algorithm = ChecksumAlgorithm::Sha256;
    object.checksum = "c=";
    object.checksum_type = "FULL_OBJECT";
    object.sequencer = "00AB";
    object.attributes.content_type = "text/plain";
    object.attributes.cache_control = "no-cache";
    object.attributes.content_disposition = "inline";
    object.attributes.content_encoding = "gzip";
    object.attributes.content_language = "de";
    object.attributes.expires = "0";
    object.attributes.website_redirect_location = "/x";
    object.attributes.storage_class = "GLACIER";
    object.attributes.metadata = {{"b", std::string(300, 'x')}, {"a", ""}};
    object.attributes.tags = {{"t", "v"}};
    change(*store, [&](WriteTx& tx) { tx.put_object(bucket, object); });
    (*store).read([&](const ReadTx& tx) {
        const auto found = tx.find_object(bucket, "k");
        REQUIRE(found.has_value());
        CHECK(found->attributes == object.attributes);
        CHECK(found->etag == "etag");
        CHECK(found->last_modified == object.last_modified);
        CHECK(found->checksum_algorithm == ChecksumAlgorithm::Sha256);
        CHECK(found->checksum == "c=");
        CHECK(found->checksum_type == "FULL_OBJECT");
        CHECK(found->sequencer == "00AB");
        CHECK(found->body == 0);
    });
    CHECK(get(*store, bucket, "k") == "");
}

TEST_CASE("a scan that skips looks at no skipped key", "[store][scan]") {
    AnyStore store(GENERATE(false, true));
    const BucketId bucket = make_bucket(*store, "lab");
    change(*store, [&](WriteTx& tx) {
        Object object;
        for (int i = 0; i < 10'000; ++i) {
            object.key = "logs/" + std::to_string(i);
            tx.put_object(bucket, object);
        }
        for (const char* key : {"a", "z", "zz"}) {
            object.key = key;
            tx.put_object(bucket, object);
        }
    });
    std::vector<std::string> visited;
    (*store).read([&](const ReadTx& tx) {
        tx.scan_objects(bucket, "", [&](const Object& object) {
            visited.push_back(object.key);
            if (object.key.starts_with("logs/")) {
                return ScanStep::to("logs0"); // '0' follows '/'
            }
            return object.key == "z" ? ScanStep::stop() : ScanStep::next();
        });
    });
    CHECK(visited == std::vector<std::string>{"a", "logs/0", "z"});
    // A target at or before the current key must not loop.
    visited.clear();
    (*store).read([&](const ReadTx& tx) {
        tx.scan_objects(bucket, "z", [&](const Object& object) {
            visited.push_back(object.key);
            return ScanStep::to("a");
        });
    });
    CHECK(visited == std::vector<std::string>{"z", "zz"});
}

TEST_CASE("a body lives as long as an object references it", "[store][body]") {
    const bool files = GENERATE(false, true);
    const std::size_t size = GENERATE(std::size_t{1000}, std::size_t{kSmallBodyMax} + 1);
    AnyStore store(files);
    const BucketId bucket = make_bucket(*store, "lab");
    const std::string bytes(size, 'b');
    put(*store, bucket, "original", bytes);
    BodyId body = 0;
    change(*store, [&](WriteTx& tx) {
        Object copy = *tx.find_object(bucket, "original");
        body = copy.body;
        copy.key = "copy";
        tx.put_object(bucket, copy);
    });
    const auto readable = [&] {
        bool there = false;
        (*store).read([&](const ReadTx& tx) { there = tx.open_body(body).has_value(); });
        return there;
    };
    const bool copy_first = GENERATE(false, true);
    const char* first = copy_first ? "copy" : "original";
    const char* second = copy_first ? "original" : "copy";
    bool existed = false;
    change(*store, [&](WriteTx& tx) { existed = tx.delete_object(bucket, first); });
    CHECK(existed);
    CHECK(get(*store, bucket, second) == bytes);
    // Writing the object onto itself (new metadata) keeps the body.
    change(*store, [&](WriteTx& tx) { tx.put_object(bucket, *tx.find_object(bucket, second)); });
    CHECK(get(*store, bucket, second) == bytes);
    // Overwriting releases it.
    put(*store, bucket, second, "new");
    CHECK(get(*store, bucket, second) == "new");
    CHECK(!readable());
    change(*store, [&](WriteTx& tx) { existed = tx.delete_object(bucket, first); });
    CHECK(!existed);
    change(*store, [&](WriteTx& tx) { tx.delete_object(bucket, second); });
    (*store).read([&](const ReadTx& tx) { CHECK(!tx.has_objects(bucket)); });
}

TEST_CASE("a body that no object came to reference is not kept", "[store][body]") {
    AnyStore store(GENERATE(false, true));
    BodyId body = 0;
    StagedBody bytes = staged(*store, "forgotten");
    change(*store, [&](WriteTx& tx) {
        body = tx.add_body(bytes);
        CHECK(tx.open_body(body).has_value());
    });
    CHECK(body != 0);
    (*store).read([&](const ReadTx& tx) { CHECK(!tx.open_body(body)); });
}

TEST_CASE("an object cannot reference a body that is not there", "[store][body]") {
    AnyStore store(GENERATE(false, true));
    const BucketId bucket = make_bucket(*store, "lab");
    CHECK(commit(*store, [&](WriteTx& tx) {
              Object object;
              object.key = "k";
              object.body = 99;
              tx.put_object(bucket, object);
              return true;
          }) == CommitStatus::Failed);
    CHECK(!get(*store, bucket, "k"));
}

TEST_CASE("a job that answers an error changes nothing and is done", "[store][job]") {
    AnyStore store(GENERATE(false, true));
    const BucketId bucket = make_bucket(*store, "lab");
    const auto epoch = (*store).identity_epoch();
    std::vector<Delivery> heard;
    (*store).on_deliveries([&](const std::vector<Delivery>& d) { heard = d; });
    StagedBody body = staged(*store, "bytes");
    CHECK(commit(*store, [&](WriteTx& tx) {
              Object object;
              object.key = "k";
              object.body = tx.add_body(body);
              tx.put_object(bucket, object);
              tx.put_user({"111122223333", "ana", "/", "AIDA", at(1), ""});
              tx.add_delivery(delivery_for("k", DeliveryState::Pending));
              tx.add_advance({at(1), seconds(1)});
              CHECK(tx.time_axis().total() == seconds(1));
              return false;
          }) == CommitStatus::Committed);
    CHECK(!get(*store, bucket, "k"));
    CHECK((*store).identity_epoch() == epoch);
    (*store).read([&](const ReadTx& tx) {
        CHECK(!tx.find_user("111122223333", "ana"));
        CHECK(tx.pending_deliveries().empty());
        CHECK(tx.time_axis().advances().empty());
    });
    (*store).stop();
    CHECK(heard.empty());
}

TEST_CASE("a job that throws fails, the next one works", "[store][job]") {
    AnyStore store(GENERATE(false, true));
    CHECK(commit(*store, [](WriteTx& tx) -> bool {
              tx.set_setting("a", "1");
              throw StoreFailure("broken disk");
          }) == CommitStatus::Failed);
    CHECK(commit(*store, [](WriteTx& tx) {
              tx.set_setting("b", "2");
              return true;
          }) == CommitStatus::Committed);
    (*store).read([](const ReadTx& tx) {
        CHECK(!tx.setting("a"));
        CHECK(tx.setting("b") == "2");
    });
}

TEST_CASE("epochs count the commits that changed what they stand for", "[store][epoch]") {
    AnyStore store(GENERATE(false, true));
    const auto identity = (*store).identity_epoch();
    const auto configuration = (*store).configuration_epoch();
    change(*store, [](WriteTx& tx) { tx.set_setting("x", "y"); });
    CHECK((*store).identity_epoch() == identity);
    CHECK((*store).configuration_epoch() == configuration);
    change(*store, [](WriteTx& tx) {
        tx.put_user({"111122223333", "ana", "/", "AIDA", at(1), ""});
    });
    CHECK((*store).identity_epoch() == identity + 1);
    change(*store, [](WriteTx& tx) { tx.put_function({}); });
    CHECK((*store).identity_epoch() == identity + 2);
    CHECK((*store).configuration_epoch() == configuration);
    make_bucket(*store, "lab");
    CHECK((*store).configuration_epoch() == configuration + 1);
    change(*store, [](WriteTx& tx) { tx.put_api({}); });
    CHECK((*store).configuration_epoch() == configuration + 2);
    CHECK((*store).identity_epoch() == identity + 2);
}

TEST_CASE("functions and APIs come back as they were put", "[store]") {
    AnyStore store(GENERATE(false, true));
    Function function;
    function.account = "111122223333";
    function.region = "us-east-2";
    function.name = "web";
    function.role_arn = "arn:role";
    function.runtime = "provided.al2023";
    function.handler = "bootstrap";
    function.code_kind = "plugin";
    function.code = "web_presign";
    function.environment = {{"BUCKET", "lab"}, {"EMPTY", ""}};
    function.timeout_s = 30;
    function.memory_mb = 512;
    function.policy = "{}";
    function.last_modified = at(9);
    HttpApi api{"abc", "111122223333", "us-east-2", "lab", "{1}", 0, at(3)};
    HttpApi later{"aaa", "111122223333", "us-east-2", "lab2", "{}", 0, at(4)};
    change(*store, [&](WriteTx& tx) {
        tx.put_function(function);
        tx.put_api(later);
        tx.put_api(api);
        api.document = "{2}";
        tx.put_api(api);
    });
    (*store).read([&](const ReadTx& tx) {
        const auto found = tx.find_function("111122223333", "us-east-2", "web");
        REQUIRE(found.has_value());
        CHECK(found->environment == function.environment);
        CHECK(found->timeout_s == 30);
        CHECK(found->memory_mb == 512);
        CHECK(found->code == "web_presign");
        CHECK(found->last_modified == at(9));
        CHECK(!tx.find_function("111122223333", "eu-west-1", "web"));
        CHECK(tx.list_functions("111122223333").size() == 1);
        const auto apis = tx.list_apis();
        REQUIRE(apis.size() == 2);
        CHECK(apis[0].api_id == "abc");
        CHECK(apis[0].document == "{2}");
        CHECK(apis[0].version == 2);
        CHECK(tx.find_api("aaa")->version == 1);
    });
}

TEST_CASE("advances are seen at once, in order, by readers and writers", "[store][time]") {
    AnyStore store(GENERATE(false, true));
    change(*store, [](WriteTx& tx) {
        tx.add_advance({at(20), seconds(2)});
        tx.add_advance({at(10), seconds(1)});
        CHECK(tx.time_axis().total() == seconds(3));
    });
    (*store).read([](const ReadTx& tx) {
        const TimeAxis axis = tx.time_axis();
        REQUIRE(axis.advances().size() == 2);
        CHECK(axis.advances()[0].at == at(10));
        CHECK(axis.to_virtual(at(15)) == at(16));
    });
}

TEST_CASE("sequencers ascend whatever the clock does", "[store][sequencer]") {
    AnyStore store(GENERATE(false, true));
    std::vector<std::string> all;
    const auto draw = [&](UtcInstant now, bool keep) {
        commit(*store, [&](WriteTx& tx) {
            all.push_back(tx.next_sequencer(now));
            return keep;
        });
    };
    draw(at(1'700'000'000), true);
    draw(at(1'700'000'000), true);
    draw(at(1'700'000'000), false);
    draw(at(1'700'000'100), true);
    draw(at(1'600'000'000), true);
    draw(at(-5), true);
    CHECK(all[0] == "006553F10000000000");
    for (std::size_t i = 0; i < all.size(); ++i) {
        CHECK(all[i].size() == 18);
        CHECK(all[i].find_first_not_of("0123456789ABCDEF") == std::string::npos);
        CHECK((i == 0 || all[i] > all[i - 1]));
    }
}

TEST_CASE("deliveries are listed newest first, by bucket and key", "[store][delivery]") {
    AnyStore store(GENERATE(false, true));
    std::int64_t first = 0;
    change(*store, [&](WriteTx& tx) {
        Delivery delivery = delivery_for("a", DeliveryState::Pending);
        delivery.delay = seconds(60);
        delivery.created_at = at(4);
        first = tx.add_delivery(delivery);
        tx.add_delivery(delivery_for("b", DeliveryState::Unmatched));
        tx.add_delivery(delivery_for("a", DeliveryState::Pending));
        delivery = delivery_for("a", DeliveryState::Pending);
        delivery.bucket = "other";
        tx.add_delivery(delivery);
    });
    (*store).read([&](const ReadTx& tx) {
        CHECK(tx.list_deliveries("", "", 10).size() == 4);
        CHECK(tx.list_deliveries("", "", 2).size() == 2);
        CHECK(tx.list_deliveries("", "", 2)[0].bucket == "other");
        CHECK(tx.list_deliveries("", "a", 10).size() == 3);
        CHECK(tx.list_deliveries("lab", "", 10).size() == 3);
        const auto of_object = tx.list_deliveries("lab", "a", 10);
        REQUIRE(of_object.size() == 2);
        CHECK(of_object[0].id > of_object[1].id);
        const auto pending = tx.pending_deliveries();
        REQUIRE(pending.size() == 3);
        CHECK(pending[0].id == first);
        CHECK(pending[0].delay == seconds(60));
        CHECK(pending[0].created_at == at(4));
    });
    change(*store, [&](WriteTx& tx) {
        Delivery delivery = *tx.find_delivery(first);
        delivery.state = DeliveryState::Dead;
        delivery.attempts = 3;
        delivery.last_attempt_at = at(99);
        delivery.last_result = "boom";
        tx.update_delivery(delivery);
    });
    (*store).read([&](const ReadTx& tx) {
        const auto delivery = tx.find_delivery(first);
        REQUIRE(delivery.has_value());
        CHECK(delivery->state == DeliveryState::Dead);
        CHECK(delivery->attempts == 3);
        CHECK(delivery->last_attempt_at == at(99));
        CHECK(delivery->last_result == "boom");
        CHECK(delivery->payload == "{}");
        CHECK(tx.pending_deliveries().size() == 2);
        CHECK(!tx.find_delivery(999));
    });
}

TEST_CASE("the listener hears of pending deliveries after their commit", "[store][delivery]") {
    AnyStore store(GENERATE(false, true));
    std::vector<std::pair<std::int64_t, bool>> heard;
    (*store).on_deliveries([&](const std::vector<Delivery>& deliveries) {
        for (const Delivery& delivery : deliveries) {
            (*store).read([&](const ReadTx& tx) {
                heard.emplace_back(delivery.id, tx.find_delivery(delivery.id).has_value());
            });
        }
    });
    std::int64_t id = 0;
    change(*store, [&](WriteTx& tx) {
        tx.add_delivery(delivery_for("x", DeliveryState::Unmatched));
        id = tx.add_delivery(delivery_for("y", DeliveryState::Pending));
    });
    (*store).stop();
    REQUIRE(heard.size() == 1);
    CHECK(heard[0].first == id);
    CHECK(heard[0].second);
}

TEST_CASE("old finished deliveries go, pending ones stay", "[store][delivery]") {
    auto store = open_memory_store();
    std::int64_t pending = 0;
    change(*store, [&](WriteTx& tx) {
        pending = tx.add_delivery(delivery_for("p", DeliveryState::Pending));
        for (int i = 0; i < 11'000; ++i) {
            tx.add_delivery(delivery_for("u", DeliveryState::Unmatched));
        }
    });
    store->read([&](const ReadTx& tx) {
        const auto kept = tx.list_deliveries("", "", 20'000);
        CHECK(kept.size() >= 10'000);
        CHECK(kept.size() <= 10'000 + 257);
        CHECK(kept.front().id == 11'001);
        CHECK(tx.find_delivery(pending).has_value());
        CHECK(tx.list_deliveries("lab", "p", 5).size() == 1);
    });
}

TEST_CASE("a stopped store fails what is submitted later", "[store]") {
    AnyStore store(GENERATE(false, true));
    (*store).stop();
    (*store).stop();
    CHECK(commit(*store, [](WriteTx&) { return true; }) == CommitStatus::Failed);
}
