// What concerns the store as a whole.
#include "emulator/store/connection.hpp"
#include "emulator/store/schema.hpp"

#include <filesystem>
#include <system_error>
#include <vector>

namespace benchtop::store {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(sqlite3* db) {
    throw StoreFailure(sqlite3_errmsg(db));
}

// Another database than the store's own: a snapshot's rows.
class Database {
public:
    Database(const std::string& path, int flags) {
        if (sqlite3_open_v2(path.c_str(), &db_, flags, nullptr) != SQLITE_OK) {
            const std::string why = db_ != nullptr ? sqlite3_errmsg(db_) : "no memory";
            sqlite3_close(db_);
            throw StoreFailure("cannot open the snapshot: " + why);
        }
        execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF");
        migrate(db_, migrations());
    }

    ~Database() { sqlite3_close(db_); }

    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    sqlite3* handle() { return db_; }

    void execute(const char* sql) {
        if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
            fail(db_);
        }
    }

private:
    sqlite3* db_ = nullptr;
};

// A statement made for once.
class Once {
public:
    Once(sqlite3* db, const std::string& sql)
        : db_(db) {
        if (sqlite3_prepare_v2(db, sql.c_str(), -1, &statement_, nullptr) != SQLITE_OK) {
            fail(db);
        }
    }

    ~Once() { sqlite3_finalize(statement_); }

    Once(const Once&) = delete;
    Once& operator=(const Once&) = delete;

    sqlite3_stmt* get() { return statement_; }

    bool step() {
        const int code = sqlite3_step(statement_);
        if (code != SQLITE_ROW && code != SQLITE_DONE) {
            fail(db_);
        }
        return code == SQLITE_ROW;
    }

    std::string text_at(int column) {
        const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
        return text != nullptr ? text : "";
    }

private:
    sqlite3* db_;
    sqlite3_stmt* statement_ = nullptr;
};

// The schema's own, in its words.
std::vector<std::string> tables_of(sqlite3* db) {
    Once rows(
        db,
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY "
        "name"
    );
    std::vector<std::string> names;
    while (rows.step()) {
        names.push_back(rows.text_at(0));
    }
    return names;
}

// Both have the same schema.
void copy_rows(sqlite3* from, sqlite3* to, const std::string& table) {
    Once rows(from, "SELECT * FROM " + table);
    const int columns = sqlite3_column_count(rows.get());
    std::string names;
    std::string values;
    for (int i = 0; i < columns; ++i) {
        names += std::string(i == 0 ? "" : ", ") + sqlite3_column_name(rows.get(), i);
        values += i == 0 ? "?" : ", ?";
    }
    Once insert(to, "INSERT INTO " + table + " (" + names + ") VALUES (" + values + ")");
    while (rows.step()) {
        for (int i = 0; i < columns; ++i) {
            if (sqlite3_bind_value(insert.get(), i + 1, sqlite3_column_value(rows.get(), i)) !=
                SQLITE_OK) {
                fail(to);
            }
        }
        insert.step();
        sqlite3_reset(insert.get());
    }
}

void copy_all_rows(sqlite3* from, sqlite3* to) {
    for (const std::string& table : tables_of(to)) {
        copy_rows(from, to, table);
    }
}

// A second name for the same bytes, which never change; a copy where there are no links. EEXIST is
// for the caller.
std::error_code link_file(const fs::path& from, const fs::path& to) {
    std::error_code ec;
    fs::create_directories(to.parent_path(), ec);
    fs::create_hard_link(from, to, ec);
    if (ec && ec != std::errc::file_exists && fs::exists(from)) {
        fs::copy_file(from, to, ec);
    }
    return ec;
}

struct BodyFile {
    std::int64_t id;
    std::string file;
};

std::vector<BodyFile> body_files(sqlite3* db) {
    Once rows(db, "SELECT id, file FROM body WHERE file IS NOT NULL ORDER BY id");
    std::vector<BodyFile> files;
    while (rows.step()) {
        files.push_back({sqlite3_column_int64(rows.get(), 0), rows.text_at(1)});
    }
    return files;
}

} // namespace

void WriteTx::remove_everything() {
    Effects& effects = connection_.writer().job;
    {
        Statement files = connection_.query(Sql::ListBodyFiles);
        while (files.step()) {
            effects.released_files.push_back(files.text_at(0));
        }
    }
    for (auto sql = static_cast<std::size_t>(Sql::ClearSettings);
         sql < static_cast<std::size_t>(Sql::ClearRowIds);
         ++sql) {
        connection_.modify(static_cast<Sql>(sql)).run();
    }
    connection_.writer().reserved_sequencer = 0; // its row is gone
    effects.unreferenced.clear();
    effects.pending.clear();
    effects.axis = TimeAxis{};
    effects.identities = true;
    effects.configuration = true;
}

void WriteTx::copy_everything_to(const std::string& rows, const std::string& blobs) {
    Database snapshot(rows, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    snapshot.execute("BEGIN");
    copy_all_rows(connection_.handle(), snapshot.handle());
    snapshot.execute("COMMIT");
    for (const BodyFile& body : body_files(snapshot.handle())) {
        const auto ec =
            link_file(connection_.commons().blobs() / body.file, fs::path(blobs) / body.file);
        if (ec) {
            throw StoreFailure("cannot keep " + body.file + ": " + ec.message());
        }
    }
}

// The old files are released after the commit, perhaps much later (somebody reads them), so what
// comes back needs names of its own.
void WriteTx::replace_everything_by(const std::string& rows, const std::string& blobs) {
    Database snapshot(rows, SQLITE_OPEN_READWRITE);
    remove_everything();
    copy_all_rows(snapshot.handle(), connection_.handle());
    Effects& effects = connection_.writer().job;
    Once rename(connection_.handle(), "UPDATE body SET file = ? WHERE id = ?");
    for (const BodyFile& body : body_files(snapshot.handle())) {
        std::string name;
        std::error_code ec = std::make_error_code(std::errc::file_exists);
        for (int n = 1; ec == std::errc::file_exists; ++n) {
            name = body.file.substr(0, body.file.find('.')) + "." + std::to_string(n);
            ec = link_file(fs::path(blobs) / body.file, connection_.commons().blobs() / name);
        }
        if (ec) {
            throw StoreFailure("cannot bring back " + body.file + ": " + ec.message());
        }
        effects.adopted_files.push_back(name);
        sqlite3_bind_text(rename.get(), 1, name.c_str(), -1, SQLITE_TRANSIENT);
        sqlite3_bind_int64(rename.get(), 2, body.id);
        rename.step();
        sqlite3_reset(rename.get());
    }
    TimeAxis axis;
    Statement advances = connection_.query(Sql::ListAdvances);
    while (advances.step()) {
        axis.advance(advances.time_at(0), microseconds{advances.integer_at(1)});
    }
    effects.axis = std::move(axis);
}

} // namespace benchtop::store
