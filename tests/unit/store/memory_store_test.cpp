// Goal: what only the store in memory promises: a fresh one each time though databases are used
// again, and one thread on which everything happens in order.
#include "emulator/store/connection.hpp"
#include "emulator/store/schema.hpp"
#include "tests/unit/store/store_fixture.hpp"

using namespace benchtop;
using namespace benchtop::store;
using namespace benchtop::store::test;

TEST_CASE("a new store in memory is empty and begins anew", "[store][memory]") {
    std::vector<BucketId> buckets;
    std::vector<std::string> sequencers;
    for (int i = 0; i < 3; ++i) {
        auto store = open_memory_store();
        store->read([](const ReadTx& tx) {
            CHECK(tx.time_axis().advances().empty());
            CHECK(tx.list_deliveries("", "", 9).empty());
            CHECK(!tx.setting("x"));
        });
        CHECK(store->identity_epoch() == 0);
        buckets.push_back(make_bucket(*store, "lab"));
        put(*store, buckets.back(), "k", "v");
        change(*store, [&](WriteTx& tx) {
            tx.set_setting("x", "y");
            tx.add_advance({from_epoch_seconds(1), seconds(1)});
            sequencers.push_back(tx.next_sequencer(from_epoch_seconds(5)));
            CHECK(tx.add_delivery(delivery_for("k", DeliveryState::Pending)) == 1);
        });
    }
    CHECK(buckets == std::vector<BucketId>(3, buckets[0]));
    CHECK(sequencers == std::vector<std::string>(3, sequencers[0]));
}

TEST_CASE("emptying a database forgets no table", "[store][memory]") {
    Commons commons({}, false);
    Connection connection(":memory:", Access::ReadWrite, commons);
    migrate(connection.handle(), migrations());
    // A row of blanks in every table there is.
    std::vector<std::string> tables;
    const auto collect = [](void* out, int, char** columns, char**) {
        static_cast<std::vector<std::string>*>(out)->emplace_back(columns[0]);
        return 0;
    };
    sqlite3_exec(
        connection.handle(),
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'sqlite_sequence'",
        collect,
        &tables,
        nullptr
    );
    REQUIRE(tables.size() > 5);
    for (const std::string& table : tables) {
        std::vector<std::string> columns;
        const std::string list = "SELECT name FROM pragma_table_info('" + table + "')";
        sqlite3_exec(connection.handle(), list.c_str(), collect, &columns, nullptr);
        std::string values;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            values += i == 0 ? "1" : ", 1";
        }
        connection.execute(("INSERT INTO " + table + " VALUES (" + values + ")").c_str());
    }
    connection.clear();
    tables.emplace_back("sqlite_sequence");
    for (const std::string& table : tables) {
        INFO(table);
        std::vector<std::string> count;
        const std::string sql = "SELECT count(*) FROM " + table;
        sqlite3_exec(connection.handle(), sql.c_str(), collect, &count, nullptr);
        REQUIRE(count.size() == 1);
        CHECK(count[0] == "0");
    }
}

TEST_CASE("a write submitted inside a transaction in memory runs after it", "[store][memory]") {
    auto store = open_memory_store();
    std::vector<std::string> order;
    store->read([&](const ReadTx&) {
        store->write(
            {[&](WriteTx&) {
                 order.emplace_back("job");
                 return true;
             },
             [&](CommitStatus) { order.emplace_back("done"); }}
        );
        order.emplace_back("read");
    });
    CHECK(order == std::vector<std::string>{"read", "job", "done"});
}
