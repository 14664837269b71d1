#include "emulator/store/connection.hpp"

#include "emulator/core/assert.hpp"
#include "emulator/store/blob_directory.hpp"

#include <mutex>

namespace benchtop::store {
namespace {

constexpr std::array<const char*, static_cast<std::size_t>(Sql::Count)> kTexts{
#define BT_SQL(name, text) text,
#include "emulator/store/statements.def"
#undef BT_SQL
};

// SQLite's allocation statistics cost a process-wide lock per allocation; nobody reads them.
void configure_sqlite_once() {
    static std::once_flag once;
    std::call_once(once, [] { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); });
}

template <class T>
void move_behind(std::vector<T>& to, std::vector<T>& from) {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

} // namespace

void Effects::append(Effects&& later) {
    move_behind(pending, later.pending);
    move_behind(adopted_files, later.adopted_files);
    move_behind(released_files, later.released_files);
    if (later.axis) {
        axis = std::move(later.axis);
    }
    identities |= later.identities;
    configuration |= later.configuration;
}

bool Statement::step() {
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) {
        return true;
    }
    if (code != SQLITE_DONE) {
        fail();
    }
    return false;
}

void Statement::run() {
    BT_ASSERT(!step());
}

void Statement::fail() const {
    throw StoreFailure(std::string(sqlite3_errmsg(db_)) + " (" + sqlite3_sql(statement_) + ")");
}

Connection::Connection(const std::string& path, Access access, Commons& commons)
    : commons_(commons) {
    configure_sqlite_once();
    const int mode = access == Access::ReadOnly ? SQLITE_OPEN_READONLY
                                                : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    const char* const vfs = path == ":memory:" ? nullptr : commons.files().database_vfs();
    if (sqlite3_open_v2(path.c_str(), &db_, mode | SQLITE_OPEN_NOMUTEX, vfs) != SQLITE_OK) {
        const std::string why = db_ == nullptr ? "out of memory" : sqlite3_errmsg(db_);
        sqlite3_close(db_);
        throw StoreFailure("cannot open the database " + path + ": " + why);
    }
    sqlite3_extended_result_codes(db_, 1);
}

Connection::~Connection() {
    for (sqlite3_stmt* statement : statements_) {
        sqlite3_finalize(statement);
    }
    sqlite3_close(db_);
}

void Connection::execute(const char* sql) {
    if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
        throw StoreFailure(std::string(sqlite3_errmsg(db_)) + " (" + sql + ")");
    }
}

Statement Connection::query(Sql sql) {
    const auto index = static_cast<std::size_t>(sql);
    sqlite3_stmt*& statement = statements_[index];
    if (statement == nullptr) [[unlikely]] {
        const int code = sqlite3_prepare_v3(
            db_, kTexts[index], -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr
        );
        if (code != SQLITE_OK) {
            throw StoreFailure(std::string(sqlite3_errmsg(db_)) + " (" + kTexts[index] + ")");
        }
    }
    BT_ASSERT(sqlite3_stmt_busy(statement) == 0);
    return {db_, statement};
}

Statement Connection::modify(Sql sql) {
    if (!job_changed_) {
        job_changed_ = true;
        if (!job_alone_) {
            query(Sql::SavepointJob).run();
        }
    }
    return query(sql);
}

void Connection::begin_job(bool alone) {
    writer_.job = {};
    job_alone_ = alone;
    job_changed_ = false;
}

void Connection::keep_job() {
    // A body nobody references in the end is not kept.
    const std::vector<BodyId> unreferenced = std::move(writer_.job.unreferenced);
    WriteTx tx(*this);
    for (const BodyId body : unreferenced) {
        tx.drop_unreferenced(body);
    }
    if (job_changed_ && !job_alone_) {
        query(Sql::ReleaseJob).run();
    }
    writer_.batch.append(std::move(writer_.job));
    begin_job(false);
}

void Connection::undo_job() {
    const Effects undone = std::move(writer_.job);
    const bool changed = job_changed_;
    const bool alone = job_alone_;
    begin_job(false);
    for (const std::string& file : undone.adopted_files) {
        remove_blob(commons_, file);
    }
    if (!changed) {
        return;
    }
    writer_.reserved_sequencer = 0; // its row may have been undone
    if (!in_transaction()) {
        return; // SQLite has rolled back by itself (disk full, I/O error)
    }
    if (alone) {
        query(Sql::Rollback).run();
    } else {
        query(Sql::RollbackToJob).run();
        query(Sql::ReleaseJob).run();
    }
}

std::int64_t Connection::pages() {
    Statement row = query(Sql::CountPages);
    return row.step() ? row.integer_at(0) : 0;
}

void Connection::clear() {
    static_assert(static_cast<std::size_t>(Sql::ClearRowIds) + 1 == kTexts.size());
    query(Sql::Begin).run();
    for (auto sql = static_cast<std::size_t>(Sql::ClearSettings); sql < kTexts.size(); ++sql) {
        query(static_cast<Sql>(sql)).run();
    }
    query(Sql::Commit).run();
    writer_ = {};
    begin_job(false);
    commons_.set_axis({});
}

Snapshot::Snapshot(Connection& connection)
    : connection_(connection) {
    connection_.query(Sql::Begin).run();
}

Snapshot::~Snapshot() {
    try {
        connection_.query(Sql::Commit).run();
    } catch (const std::exception&) {
        // A read transaction has nothing to lose; what matters is that it ends.
        sqlite3_exec(connection_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
    }
}

} // namespace benchtop::store
