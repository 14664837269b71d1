// One SQLite handle with its statements, each a string literal prepared on first use and kept. Used
// by one thread at a time. Every SQLite error is thrown as StoreFailure.
#pragma once

#include "emulator/store/effects.hpp"
#include "emulator/store/tx.hpp"

#include <sqlite3.h>

#include <array>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace benchtop::store {

enum class Sql : std::size_t {
#define BT_SQL(name, text) name,
#include "emulator/store/statements.def"
#undef BT_SQL
    Count
};

enum class Access { ReadWrite, ReadOnly };

// A statement in use: bound left to right, stepped, and reset when this object dies. Bound texts
// are not copied: they must outlive it. Columns count from 0.
class Statement {
public:
    Statement(sqlite3* db, sqlite3_stmt* statement)
        : db_(db)
        , statement_(statement) {}

    ~Statement() { sqlite3_reset(statement_); }

    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    Statement& integer(std::int64_t value) {
        return checked(sqlite3_bind_int64(statement_, ++bound_, value));
    }

    Statement& text(std::string_view value) {
        const char* data = value.empty() ? "" : value.data();
        const auto flavour = SQLITE_STATIC;
        return checked(
            sqlite3_bind_text64(statement_, ++bound_, data, value.size(), flavour, SQLITE_UTF8)
        );
    }

    Statement& blob(std::string_view value) {
        const char* data = value.empty() ? "" : value.data();
        return checked(sqlite3_bind_blob64(statement_, ++bound_, data, value.size(), SQLITE_STATIC)
        );
    }

    Statement& null() { return checked(sqlite3_bind_null(statement_, ++bound_)); }

    Statement& time(UtcInstant value) { return integer(value.time_since_epoch().count()); }

    // true: a row is there.
    bool step();
    // For statements without rows.
    void run();

    // Back to the first row with new values to be bound.
    void rewind() {
        sqlite3_reset(statement_);
        bound_ = 0;
    }

    std::int64_t integer_at(int column) const { return sqlite3_column_int64(statement_, column); }

    bool null_at(int column) const {
        return sqlite3_column_type(statement_, column) == SQLITE_NULL;
    }

    // Valid until the next step.
    std::string_view view_at(int column) const {
        const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_, column));
        const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
        return data == nullptr ? std::string_view{} : std::string_view{data, size};
    }

    std::string text_at(int column) const { return std::string(view_at(column)); }

    UtcInstant time_at(int column) const { return UtcInstant{microseconds{integer_at(column)}}; }

private:
    Statement& checked(int code) {
        if (code != SQLITE_OK) [[unlikely]] {
            fail();
        }
        return *this;
    }

    [[noreturn]] void fail() const;

    sqlite3* db_;
    sqlite3_stmt* statement_;
    int bound_ = 0;
};

class Connection {
public:
    // ":memory:" or a path.
    Connection(const std::string& path, Access access, Commons& commons);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    sqlite3* handle() { return db_; }

    Commons& commons() { return commons_; }

    // Any SQL; for set-up only.
    void execute(const char* sql);

    // A statement that reads. It must not be in use already.
    Statement query(Sql sql);
    // A statement that changes something: opens the job's savepoint when the job has none yet.
    Statement modify(Sql sql);

    bool in_transaction() const { return sqlite3_get_autocommit(db_) == 0; }

    // --- jobs; on the writer's connection only
    WriterState& writer() { return writer_; }

    // `alone`: the job is the transaction's only one, so that undoing it is undoing everything.
    void begin_job(bool alone);
    // Keeps the job's changes: the batch takes over its effects.
    void keep_job();
    // Undoes them.
    void undo_job();

    // Size of the database.
    std::int64_t pages();
    // Empties every table and forgets everything, but keeps schema and statements.
    void clear();

    // Derived data a connection keeps: ids of accounts.
    std::map<std::string, Account, std::less<>>& accounts() { return accounts_; }

private:
    sqlite3* db_ = nullptr;
    Commons& commons_;
    std::array<sqlite3_stmt*, static_cast<std::size_t>(Sql::Count)> statements_{};
    std::map<std::string, Account, std::less<>> accounts_;
    WriterState writer_;
    bool job_alone_ = false;
    bool job_changed_ = false;
};

// A snapshot of committed state: everything read while it lives is of one moment.
class Snapshot {
public:
    explicit Snapshot(Connection& connection);
    ~Snapshot();
    Snapshot(const Snapshot&) = delete;
    Snapshot& operator=(const Snapshot&) = delete;

private:
    Connection& connection_;
};

} // namespace benchtop::store
