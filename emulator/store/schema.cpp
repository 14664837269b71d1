#include "emulator/store/schema.hpp"

#include "emulator/store/tx.hpp"

#include <sqlite3.h>

#include <array>
#include <string>

namespace benchtop::store {
namespace {

// Instants and durations are microseconds. Keys are BLOBs: S3 orders keys by their bytes. Small
// bodies sit in a table of their own, because listings read many object rows and no body.
constexpr const char* kFirst = R"sql(
CREATE TABLE setting (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE advance (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    amount INTEGER NOT NULL
);
CREATE TABLE user (
    account TEXT NOT NULL,
    name TEXT NOT NULL,
    path TEXT NOT NULL,
    user_id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (account, name)
) WITHOUT ROWID;
CREATE TABLE role (
    account TEXT NOT NULL,
    name TEXT NOT NULL,
    path TEXT NOT NULL,
    role_id TEXT NOT NULL,
    trust_policy TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (account, name)
) WITHOUT ROWID;
CREATE TABLE inline_policy (
    kind INTEGER NOT NULL,
    account TEXT NOT NULL,
    principal TEXT NOT NULL,
    name TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (kind, account, principal, name)
) WITHOUT ROWID;
CREATE TABLE access_key (
    id TEXT PRIMARY KEY,
    secret TEXT NOT NULL,
    account TEXT NOT NULL,
    kind INTEGER NOT NULL,
    principal TEXT NOT NULL,
    session_name TEXT NOT NULL,
    session_token TEXT NOT NULL,
    session_policy TEXT NOT NULL,
    issued_at INTEGER NOT NULL,
    lifetime INTEGER
) WITHOUT ROWID;
CREATE TABLE bucket (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    version INTEGER NOT NULL,
    notification TEXT NOT NULL,
    policy TEXT NOT NULL
);
CREATE TABLE object (
    bucket_id INTEGER NOT NULL,
    key BLOB NOT NULL,
    body_id INTEGER NOT NULL,
    size INTEGER NOT NULL,
    etag TEXT NOT NULL,
    last_modified INTEGER NOT NULL,
    sequencer TEXT NOT NULL,
    details BLOB NOT NULL,
    PRIMARY KEY (bucket_id, key)
) WITHOUT ROWID;
CREATE TABLE body (
    id INTEGER PRIMARY KEY,
    refs INTEGER NOT NULL,
    size INTEGER NOT NULL,
    file TEXT
);
CREATE INDEX body_file ON body (file) WHERE file IS NOT NULL;
CREATE TABLE body_bytes (
    id INTEGER PRIMARY KEY,
    bytes BLOB NOT NULL
);
CREATE TABLE function (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    role_arn TEXT NOT NULL,
    runtime TEXT NOT NULL,
    handler TEXT NOT NULL,
    code_kind TEXT NOT NULL,
    code TEXT NOT NULL,
    environment BLOB NOT NULL,
    timeout_s INTEGER NOT NULL,
    memory_mb INTEGER NOT NULL,
    policy TEXT NOT NULL,
    last_modified INTEGER NOT NULL,
    PRIMARY KEY (account, region, name)
) WITHOUT ROWID;
CREATE TABLE http_api (
    api_id TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    document TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE delivery (
    id INTEGER PRIMARY KEY,
    state INTEGER NOT NULL,
    bucket TEXT NOT NULL,
    key BLOB NOT NULL,
    event_name TEXT NOT NULL,
    rule_id TEXT NOT NULL,
    explanation TEXT NOT NULL,
    function_arn TEXT NOT NULL,
    payload TEXT NOT NULL,
    request_id TEXT NOT NULL,
    source_account TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    last_attempt_at INTEGER NOT NULL,
    delay INTEGER NOT NULL,
    last_result TEXT NOT NULL
);
CREATE INDEX delivery_pending ON delivery (id) WHERE state = 1;
CREATE INDEX delivery_object ON delivery (bucket, key);
)sql";

// Versions, multipart uploads, sub-resources.
//
// `object` keeps the live current version of each key, so that listings and reads cost what they
// did; `version` keeps all others: noncurrent versions and every delete marker. Sequencers ascend,
// and what is in `object` is newer than what is in `version` for the same key.
//
// A body of several pieces has no bytes of its own: body_slice says which bytes of which plain
// bodies it consists of, and holds a reference to each; body_part says where its parts lie.
constexpr const char* kSubResources = R"sql(
ALTER TABLE bucket ADD COLUMN settings BLOB NOT NULL DEFAULT X'';
ALTER TABLE object ADD COLUMN version_id TEXT NOT NULL DEFAULT '';
ALTER TABLE body ADD COLUMN composite INTEGER NOT NULL DEFAULT 0;
CREATE TABLE version (
    bucket_id INTEGER NOT NULL,
    key BLOB NOT NULL,
    sequencer TEXT NOT NULL,
    version_id TEXT NOT NULL,
    marker INTEGER NOT NULL,
    body_id INTEGER NOT NULL,
    size INTEGER NOT NULL,
    etag TEXT NOT NULL,
    last_modified INTEGER NOT NULL,
    details BLOB NOT NULL,
    PRIMARY KEY (bucket_id, key, sequencer DESC)
) WITHOUT ROWID;
CREATE INDEX version_by_id ON version (bucket_id, key, version_id);
CREATE TABLE body_slice (
    body_id INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    size INTEGER NOT NULL,
    source_id INTEGER NOT NULL,
    source_offset INTEGER NOT NULL,
    PRIMARY KEY (body_id, offset)
) WITHOUT ROWID;
CREATE TABLE body_part (
    body_id INTEGER NOT NULL,
    number INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    size INTEGER NOT NULL,
    checksum TEXT NOT NULL,
    PRIMARY KEY (body_id, number)
) WITHOUT ROWID;
CREATE TABLE upload (
    id TEXT PRIMARY KEY,
    bucket_id INTEGER NOT NULL,
    key BLOB NOT NULL,
    sequencer TEXT NOT NULL,
    initiated_at INTEGER NOT NULL,
    initiator TEXT NOT NULL,
    initiator_name TEXT NOT NULL,
    completion TEXT NOT NULL,
    details BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX upload_open ON upload (bucket_id, key, sequencer) WHERE completion = '';
CREATE INDEX upload_bucket ON upload (bucket_id);
CREATE TABLE upload_part (
    upload_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    body_id INTEGER NOT NULL,
    size INTEGER NOT NULL,
    etag TEXT NOT NULL,
    checksum TEXT NOT NULL,
    last_modified INTEGER NOT NULL,
    PRIMARY KEY (upload_id, number)
) WITHOUT ROWID;
)sql";

// What an upload under way has to know of its key, and which ended uploads are the oldest.
constexpr const char* kUploads = R"sql(
ALTER TABLE upload ADD COLUMN key_deleted INTEGER NOT NULL DEFAULT 0;
CREATE INDEX upload_ended ON upload (completion) WHERE completion <> '';
)sql";

// What the control planes of IAM, Lambda and Logs keep. A function's versions are rows of their
// own.
constexpr const char* kControlPlanes = R"sql(
ALTER TABLE user ADD COLUMN details TEXT NOT NULL DEFAULT '';
ALTER TABLE role ADD COLUMN details TEXT NOT NULL DEFAULT '';
CREATE INDEX access_key_principal ON access_key (account, kind, principal);
CREATE TABLE document (
    space TEXT NOT NULL,
    key BLOB NOT NULL,
    text BLOB NOT NULL,
    PRIMARY KEY (space, key)
) WITHOUT ROWID;
CREATE TABLE function_version (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    role_arn TEXT NOT NULL,
    runtime TEXT NOT NULL,
    handler TEXT NOT NULL,
    code_kind TEXT NOT NULL,
    code TEXT NOT NULL,
    environment BLOB NOT NULL,
    timeout_s INTEGER NOT NULL,
    memory_mb INTEGER NOT NULL,
    policy TEXT NOT NULL,
    last_modified INTEGER NOT NULL,
    details TEXT NOT NULL,
    PRIMARY KEY (account, region, name, version)
) WITHOUT ROWID;
INSERT INTO function_version (account, region, name, version, role_arn, runtime, handler, code_kind, code, environment,
    timeout_s, memory_mb, policy, last_modified, details)
    SELECT account, region, name, '$LATEST', role_arn, runtime, handler, code_kind, code, environment,
    timeout_s, memory_mb, policy, last_modified, '' FROM function;
DROP TABLE function;
ALTER TABLE function_version RENAME TO function;
CREATE INDEX function_code ON function (code) WHERE code_kind = 'zip';
CREATE TABLE function_alias (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    function TEXT NOT NULL,
    alias TEXT NOT NULL,
    version TEXT NOT NULL,
    policy TEXT NOT NULL,
    details TEXT NOT NULL,
    PRIMARY KEY (account, region, function, alias)
) WITHOUT ROWID;
ALTER TABLE delivery ADD COLUMN source TEXT NOT NULL DEFAULT 's3';
ALTER TABLE delivery ADD COLUMN details TEXT NOT NULL DEFAULT '';
CREATE TABLE log_event (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    log_group TEXT NOT NULL,
    stream TEXT NOT NULL,
    at INTEGER NOT NULL,
    ingested_at INTEGER NOT NULL,
    message TEXT NOT NULL
);
CREATE INDEX log_event_group ON log_event (log_group, at, id);
CREATE INDEX log_event_stream ON log_event (log_group, stream, at, id);
)sql";

constexpr std::array<const char*, 4> kMigrations{kFirst, kSubResources, kUploads, kControlPlanes};

void execute(sqlite3* db, const char* sql) {
    if (sqlite3_exec(db, sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
        throw StoreFailure(std::string("database schema: ") + sqlite3_errmsg(db));
    }
}

std::size_t user_version(sqlite3* db) {
    sqlite3_stmt* statement = nullptr;
    std::size_t version = 0;
    if (sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &statement, nullptr) != SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_ROW) {
        const std::string why = sqlite3_errmsg(db);
        sqlite3_finalize(statement);
        throw StoreFailure("cannot read the database: " + why);
    }
    version = static_cast<std::size_t>(sqlite3_column_int64(statement, 0));
    sqlite3_finalize(statement);
    return version;
}

} // namespace

std::span<const char* const> migrations() {
    return kMigrations;
}

void migrate(sqlite3* db, std::span<const char* const> steps) {
    const std::size_t found = user_version(db);
    if (found > steps.size()) {
        throw StoreFailure(
            "the database has schema version " + std::to_string(found) +
            ", but this Benchtop knows versions up to " + std::to_string(steps.size()) +
            ": use a newer Benchtop or another data directory"
        );
    }
    for (std::size_t step = found; step < steps.size(); ++step) {
        execute(db, "BEGIN IMMEDIATE");
        try {
            execute(db, steps[step]);
            execute(db, ("PRAGMA user_version = " + std::to_string(step + 1)).c_str());
            execute(db, "COMMIT");
        } catch (const StoreFailure&) {
            sqlite3_exec(db, "ROLLBACK", nullptr, nullptr, nullptr);
            throw;
        }
    }
}

} // namespace benchtop::store
