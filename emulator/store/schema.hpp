// The tables, as numbered forward-only migrations; PRAGMA user_version counts those applied.
#pragma once

#include <span>

struct sqlite3;

namespace benchtop::store {

// Migration N (counted from 1) is element N-1: one or more SQL statements.
std::span<const char* const> migrations();

// Brings `db` to the newest version, each migration in a transaction of its own. Throws
// StoreFailure; so it does, in one sentence, for a database newer than `steps`.
void migrate(sqlite3* db, std::span<const char* const> steps);

} // namespace benchtop::store
