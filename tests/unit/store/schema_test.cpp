// Goal: databases only ever move forward, whole steps at a time.
#include "emulator/store/schema.hpp"
#include "emulator/store/tx.hpp"
#include "tests/catch.hpp"

#include <sqlite3.h>

#include <array>
#include <memory>
#include <string>

using namespace benchtop::store;

namespace {

using Database = std::unique_ptr<sqlite3, decltype(&sqlite3_close)>;

Database empty_database() {
    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open(":memory:", &db) == SQLITE_OK);
    return {db, &sqlite3_close};
}

std::string first_value(sqlite3* db, const char* sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, nullptr) != SQLITE_OK) {
        return "error";
    }
    std::string value;
    if (sqlite3_step(statement) == SQLITE_ROW) {
        value = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
    }
    sqlite3_finalize(statement);
    return value;
}

constexpr std::array<const char*, 1> kOld{"CREATE TABLE t (a); INSERT INTO t VALUES ('kept')"};
constexpr std::array<const char*, 2> kNew{kOld[0], "ALTER TABLE t ADD COLUMN b DEFAULT 'new'"};
constexpr std::array<const char*, 3> kBroken{
    kOld[0], kNew[1], "INSERT INTO t VALUES ('lost', ''); INSERT INTO nowhere VALUES (1)"};

} // namespace

TEST_CASE("a fresh database gets every migration", "[store][schema]") {
    const Database db = empty_database();
    migrate(db.get(), migrations());
    CHECK(first_value(db.get(), "PRAGMA user_version") == std::to_string(migrations().size()));
    CHECK(first_value(db.get(), "SELECT count(*) FROM object") == "0");
    migrate(db.get(), migrations());
}

TEST_CASE("objects stored before versions existed are current null versions", "[store][schema]") {
    const Database db = empty_database();
    migrate(db.get(), migrations().first(1));
    REQUIRE(
        sqlite3_exec(
            db.get(),
            "INSERT INTO bucket VALUES (1, 'lab', 'a', 'r', 0, 1, '', '');"
            "INSERT INTO object VALUES (1, X'6b', 0, 0, 'e', 0, '', X'01');",
            nullptr,
            nullptr,
            nullptr
        ) == SQLITE_OK
    );
    migrate(db.get(), migrations());
    CHECK(first_value(db.get(), "SELECT version_id || '|' || etag FROM object") == "|e");
    CHECK(first_value(db.get(), "SELECT length(settings) FROM bucket") == "0");
}

TEST_CASE("an old database gets the missing migrations and keeps its rows", "[store][schema]") {
    const Database db = empty_database();
    migrate(db.get(), kOld);
    migrate(db.get(), kNew);
    CHECK(first_value(db.get(), "PRAGMA user_version") == "2");
    CHECK(first_value(db.get(), "SELECT a || b FROM t") == "keptnew");
}

TEST_CASE("a migration that fails leaves the version before it", "[store][schema]") {
    const Database db = empty_database();
    CHECK_THROWS_AS(migrate(db.get(), kBroken), StoreFailure);
    CHECK(first_value(db.get(), "PRAGMA user_version") == "2");
    CHECK(first_value(db.get(), "SELECT count(*) FROM t") == "1");
}

TEST_CASE("a database from a newer version is refused in a sentence", "[store][schema]") {
    const Database db = empty_database();
    migrate(db.get(), kNew);
    std::string message;
    try {
        migrate(db.get(), kOld);
    } catch (const StoreFailure& failure) {
        message = failure.what();
    }
    CHECK(message.find("schema version 2") != std::string::npos);
    CHECK(message.find("newer Benchtop") != std::string::npos);
}
