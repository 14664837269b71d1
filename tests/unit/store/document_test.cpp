// Documents of services, function versions and aliases, log events.
#include "tests/unit/store/store_fixture.hpp"

using namespace benchtop;
using namespace benchtop::store;
using namespace benchtop::store::test;

namespace {

std::vector<std::string> keys_of(const ReadTx& tx, std::string_view space, std::string_view from) {
    std::vector<std::string> keys;
    tx.scan_documents(space, from, [&](std::string_view key, std::string_view) {
        keys.emplace_back(key);
        return true;
    });
    return keys;
}

UtcInstant after(int s) {
    return UtcInstant{seconds{s}};
}

Function named(std::string version, std::string code) {
    Function function;
    function.account = "111122223333";
    function.region = "us-east-2";
    function.name = "web";
    function.version = std::move(version);
    function.code_kind = "zip";
    function.code = std::move(code);
    return function;
}

} // namespace

TEST_CASE("documents are found by name and scanned in the order of their keys", "[store]") {
    const auto store = open_memory_store();
    change(*store, [](WriteTx& tx) {
        for (int i = 0; i < 200; ++i) {
            tx.put_document("iam/policy", std::to_string(1000 + i), "v");
        }
        tx.put_document("lambda/other", "1000", "w");
        tx.put_document("iam/policy", "1000", "replaced");
        tx.delete_document("iam/policy", "1001");
    });
    store->read([](const ReadTx& tx) {
        CHECK(tx.find_document("iam/policy", "1000") == "replaced");
        CHECK_FALSE(tx.find_document("iam/policy", "1001").has_value());
        CHECK(keys_of(tx, "iam/policy", "").size() == 199);
        CHECK(keys_of(tx, "iam/policy", "1150").front() == "1150");
        CHECK(keys_of(tx, "lambda/other", "") == std::vector<std::string>{"1000"});
        // A visitor may look at other spaces, and stop.
        int seen = 0;
        tx.scan_documents("iam/policy", "", [&](std::string_view, std::string_view) {
            CHECK(keys_of(tx, "lambda/other", "").size() == 1);
            return ++seen < 3;
        });
        CHECK(seen == 3);
    });
}

TEST_CASE("a document of IAM makes cached identities stale, others do not", "[store]") {
    const auto store = open_memory_store();
    const auto before = store->identity_epoch();
    change(*store, [](WriteTx& tx) { tx.put_document("logs/group", "a", ""); });
    CHECK(store->identity_epoch() == before);
    change(*store, [](WriteTx& tx) { tx.put_document("iam/group", "a", ""); });
    CHECK(store->identity_epoch() > before);
}

TEST_CASE("a function's versions and aliases go with it", "[store]") {
    const auto store = open_memory_store();
    change(*store, [](WriteTx& tx) {
        for (const char* version : {"10", "2", "1", "$LATEST"}) {
            tx.put_function(named(version, version == std::string("1") ? "old" : "new"));
        }
        tx.put_function_alias({"111122223333", "us-east-2", "web", "live", "2", "{}", "d"});
    });
    store->read([](const ReadTx& tx) {
        const auto versions = tx.list_function_versions("111122223333", "us-east-2", "web");
        REQUIRE(versions.size() == 4);
        CHECK(versions[0].version == "$LATEST");
        CHECK(versions[1].version == "1");
        CHECK(versions[3].version == "10");
        CHECK(tx.list_functions("111122223333").size() == 1);
        CHECK(tx.find_function("111122223333", "us-east-2", "web")->version == "$LATEST");
        CHECK(tx.is_function_code("old"));
        const auto alias = tx.find_function_alias("111122223333", "us-east-2", "web", "live");
        REQUIRE(alias.has_value());
        CHECK(alias->version == "2");
        CHECK(alias->details == "d");
    });
    change(*store, [](WriteTx& tx) {
        tx.delete_function("111122223333", "us-east-2", "web", "1");
    });
    store->read([](const ReadTx& tx) {
        CHECK_FALSE(tx.is_function_code("old"));
        CHECK(tx.is_function_code("new"));
    });
    change(*store, [](WriteTx& tx) { tx.delete_function("111122223333", "us-east-2", "web"); });
    store->read([](const ReadTx& tx) {
        CHECK(tx.list_function_versions("111122223333", "us-east-2", "web").empty());
        CHECK(tx.list_function_aliases("111122223333", "us-east-2", "web").empty());
    });
}

TEST_CASE("log events come by time, of a stream or a group, both ways", "[store]") {
    const auto store = open_memory_store();
    change(*store, [](WriteTx& tx) {
        for (int i = 0; i < 6; ++i) {
            LogEvent event;
            event.stream = i % 2 == 0 ? "even" : "odd";
            event.at = after(i);
            event.message = std::to_string(i);
            tx.add_log_event("group", event);
        }
    });
    const auto messages = [&](std::string_view stream, int from, int to, bool newest_first) {
        std::string out;
        store->read([&](const ReadTx& tx) {
            tx.scan_log_events(
                "group",
                stream,
                after(from),
                after(to),
                newest_first,
                [&](const LogEvent& event) {
                    out += event.message;
                    return true;
                }
            );
        });
        return out;
    };
    CHECK(messages("", 0, 6, false) == "012345");
    CHECK(messages("", 1, 4, true) == "321");
    CHECK(messages("even", 0, 6, false) == "024");
    CHECK(messages("odd", 0, 6, true) == "531");
    change(*store, [](WriteTx& tx) {
        tx.delete_log_events("group", "even", after(3));
        tx.delete_log_events("group", "", after(2));
    });
    CHECK(messages("", 0, 6, false) == "345");
}

TEST_CASE("a user is deleted with keys and policies", "[store]") {
    const auto store = open_memory_store();
    change(*store, [](WriteTx& tx) {
        tx.put_user({"111122223333", "ana", "/", "AIDA", after(1), ""});
        tx.put_inline_policy(PrincipalKind::User, "111122223333", "ana", {"p", "{}"});
        AccessKey key;
        key.access_key_id = "AKIAANA";
        key.account = "111122223333";
        key.principal_name = "ana";
        tx.put_access_key(key);
        key.access_key_id = "AKIABEN";
        key.principal_name = "ben";
        tx.put_access_key(key);
    });
    store->read([](const ReadTx& tx) {
        CHECK(tx.list_users("111122223333").size() == 1);
        CHECK(tx.list_access_keys("111122223333", "ana").size() == 1);
    });
    change(*store, [](WriteTx& tx) { tx.delete_user("111122223333", "ana"); });
    store->read([](const ReadTx& tx) {
        CHECK(tx.list_users("111122223333").empty());
        CHECK_FALSE(tx.find_access_key("AKIAANA").has_value());
        CHECK(tx.find_access_key("AKIABEN").has_value());
        CHECK(tx.inline_policies(PrincipalKind::User, "111122223333", "ana").empty());
    });
}
